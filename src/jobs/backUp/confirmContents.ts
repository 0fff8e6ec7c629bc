import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { hasShell, type Server } from '../../model/configuration/server';
import type { ManifestEntry } from '../../model/manifest';
import { isWithin, type RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
import type { Environment } from '../../sources/environment';
import type { ContentDigests, Source } from '../../sources/source';
import type { Asked } from '../../sources/ssh/remoteDigests';
import type { Disk } from '../../store/disk';
import type { FormerSnapshot } from '../../store/formerSnapshot';
import { KeySet } from '../../store/keySet';

/** Read in one go. */
const wholeFileBytes = 256 * 1024;

/** Which files of the last snapshot have the same content on the server, by path. */
export interface Confirmed {
  has(path: RemotePath): boolean;
}

export interface ConfirmOptions {
  readonly server: Server;
  readonly source: Source;
  readonly selection: Selection;
  readonly former: FormerSnapshot;
  readonly disk: Disk;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/**
 * Has the server compute digests of its files, where it can, and compares them with the last snapshot's.
 * What is not confirmed here is read whole, so that nothing that goes wrong in it can hide a change.
 * Throws only if the run is cancelled.
 */
export async function confirmContents(options: ConfirmOptions): Promise<Confirmed> {
  const { server, source, environment, signal } = options;
  const confirmed = new KeySet();
  const ways = [
    ...(source.digests ? [confirmByList] : []),
    ...(server.shell && hasShell(server) ? [confirmByShell] : []),
  ];
  for (const way of ways) {
    try {
      const count = await way(options, confirmed);
      environment.log.info(
        `The server computed digests: the content of ${count} files is unchanged.`,
      );
      return confirmed;
    } catch (error) {
      throwIfAborted(signal);
      environment.log.warn(`The server computed no digests: ${messageOf(error)}`);
    }
  }
  environment.log.info('All files are read, to compare their content.');
  return confirmed;
}

/** What the last snapshot has of the selection, and can be compared. */
async function* comparable({
  former,
  selection,
  signal,
}: ConfirmOptions): AsyncGenerator<ManifestEntry, void, undefined> {
  for await (const { entry } of former.entries()) {
    throwIfAborted(signal);
    if (entry.type !== 'file' || entry.sha256 === undefined) continue;
    if (entry.carried !== undefined || entry.skipped) continue;
    if (selection.covers(entry.path) && !selection.excludes(entry)) yield entry;
  }
}

/** By digests that come with the server's list: those of our own files are computed here. */
async function confirmByList(options: ConfirmOptions, confirmed: KeySet): Promise<number> {
  const { source, selection, signal } = options;
  const lists: { readonly root: RemotePath; readonly digests: ContentDigests }[] = [];
  for (const root of selection.include) {
    const digests = await source.digests?.(root, selection, signal);
    if (digests) lists.push({ root, digests });
  }
  let count = 0;
  for await (const entry of comparable(options)) {
    const { digests } = lists.find(({ root }) => isWithin(entry.path, root)) ?? {};
    if (!digests || !(await isSame(options, entry, digests))) continue;
    confirmed.add(entry.path);
    count += 1;
  }
  return count;
}

async function isSame(
  { former, disk, signal }: ConfirmOptions,
  entry: ManifestEntry,
  digests: ContentDigests,
): Promise<boolean> {
  const told = digests.of(entry.path);
  if (told === undefined) return false;
  const ours = await bothDigests(disk, former.place(entry), digests, signal);
  // A copy that is damaged here proves nothing, and is fetched again.
  return ours !== undefined && ours.sha256 === entry.sha256 && ours.told === told;
}

async function bothDigests(
  disk: Disk,
  place: ReturnType<FormerSnapshot['place']>,
  digests: ContentDigests,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly told: string } | undefined> {
  try {
    if (disk.stat(place)?.type !== 'file') return undefined;
    const [sha256, told] = [createHash('sha256'), digests.hash()];
    const whole = disk.readWhole(place, wholeFileBytes);
    for await (const chunk of whole ? [whole] : disk.readFile(place)) {
      throwIfAborted(signal);
      sha256.update(chunk);
      told.update(chunk);
    }
    return { sha256: sha256.digest('hex'), told: told.digest().toString('hex') };
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof BackupError && error.scope === 'run') throw error;
    return undefined;
  }
}

/** By a command on the server. */
async function confirmByShell(options: ConfirmOptions, confirmed: KeySet): Promise<number> {
  const { server, environment, signal } = options;
  const { remoteDigests } = await import('../../sources/ssh/remoteDigests');
  async function* asked(): AsyncGenerator<Asked, void, undefined> {
    for await (const { path, size = 0, sha256 = '' } of comparable(options)) {
      yield { path, size, sha256 };
    }
  }
  let count = 0;
  const onSame = (path: RemotePath): void => {
    confirmed.add(path);
    count += 1;
  };
  await remoteDigests(server, environment, asked(), onSame, signal);
  return count;
}
