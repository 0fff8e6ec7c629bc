import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { childPath, type RemotePath } from '../../model/remotePath';
import { close, lstat, openFolder, readFolder, readLink, type Listed } from './calls';
import type { SftpChannel } from './channel';
import { entryOf, isComplete, onServer, shown } from './entries';

export interface ListingLimits {
  /** Names in one folder, repeated ones included. */
  readonly names: number;
}

export const usualLimits: ListingLimits = { names: 4_000_000 };

/** A folder that changes while it is read may repeat a few names; a server that repeats all is stuck. */
const fewRepeats = 1000;
/** Requests for more names that are sent ahead: the second finds the end of a small folder. */
const firstAhead = 2;
const mostAhead = 8;
/** Requests about single names of one folder at once. */
const detailsAtOnce = 64;

/**
 * The entries of a folder. Throws `not-found`, `permission` or `protocol` if it cannot be listed as
 * a whole.
 */
export async function listFolder(
  channel: SftpChannel,
  folder: RemotePath,
  limits: ListingLimits,
  signal: AbortSignal,
): Promise<Entry[]> {
  const handle = await openFolder(channel, onServer(folder), shown(folder));
  let names: Map<string, Listed>;
  try {
    names = await readNames(channel, handle, shown(folder), limits, signal);
  } finally {
    close(channel, handle);
  }
  if (names.size === 0) await checkEmpty(channel, folder);
  const entries: (Entry | undefined)[] = [];
  const incomplete: (() => Promise<void>)[] = [];
  for (const { name, attributes } of names.values()) {
    const path = childPath(folder, name);
    const index = entries.length;
    const entry = isComplete(attributes) ? entryOf(path, attributes) : undefined;
    entries.push(entry);
    if (entry && entry.type !== 'symlink') continue;
    incomplete.push(async () => {
      throwIfAborted(signal);
      entries[index] = await completed(channel, path, entry);
    });
  }
  await inParallel(incomplete);
  return entries.filter((entry) => entry !== undefined);
}

/**
 * OpenSSH leaves out every name that it cannot look at, so a folder that may be read but not searched
 * (r--) comes as an empty one. Looking at its `.` takes the same right. Throws `permission` then.
 */
async function checkEmpty(channel: SftpChannel, folder: RemotePath): Promise<void> {
  await lstat(channel, `${onServer(folder)}/.`, shown(folder));
}

/** One entry by its path. */
export async function entryAt(channel: SftpChannel, path: RemotePath): Promise<Entry> {
  const entry = entryOf(path, await lstat(channel, onServer(path), shown(path)));
  return entry.type === 'symlink' ? withTarget(channel, entry) : entry;
}

async function readNames(
  channel: SftpChannel,
  handle: Buffer,
  path: string,
  limits: ListingLimits,
  signal: AbortSignal,
): Promise<Map<string, Listed>> {
  const names = new Map<string, Listed>();
  const ahead: ReturnType<typeof readFolder>[] = [];
  const ask = (): void => {
    const answer = readFolder(channel, handle, path);
    // Its failure is looked at when its turn comes, which may be never.
    answer.catch(() => undefined);
    ahead.push(answer);
  };
  let received = 0;
  for (let width = firstAhead; ; width = Math.min(width + 1, mostAhead)) {
    throwIfAborted(signal);
    while (ahead.length < width) ask();
    const some = await ahead.shift();
    if (!some) return names;
    for (const listed of some) {
      if (listed.name !== '.' && listed.name !== '..') names.set(listed.name, listed);
    }
    // An answer without names counts too, so that none can go on for ever.
    received += Math.max(1, some.length);
    if (received > limits.names || received > 2 * names.size + fewRepeats) {
      throw new BackupError('protocol', `The listing of ${path} does not come to an end.`);
    }
  }
}

/** The entry with what the listing left out; undefined if it has gone since. */
async function completed(
  channel: SftpChannel,
  path: RemotePath,
  entry: Entry | undefined,
): Promise<Entry | undefined> {
  try {
    return entry ? await withTarget(channel, entry) : await entryAt(channel, path);
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** A link whose target the server does not tell is still a link. */
async function withTarget(channel: SftpChannel, entry: Entry): Promise<Entry> {
  try {
    const target = await readLink(channel, onServer(entry.path), shown(entry.path));
    return { ...entry, target };
  } catch (error) {
    const refused = error instanceof BackupError && channel.isOpen && error.kind !== 'not-found';
    if (refused) return entry;
    throw error;
  }
}

async function inParallel(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = tasks.values();
  const work = async (): Promise<void> => {
    for (const task of queue) await task();
  };
  await Promise.all(Array.from({ length: detailsAtOnce }, work));
}
