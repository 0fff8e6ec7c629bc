import { BackupError } from '../../base/errors';
import type { Entry, EntryType } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import { typeOf, type Attributes } from './attributes';
import { lstat, openFile, openFolder, readLink, stat } from './calls';
import type { SftpChannel } from './channel';
import { entryOf, nothingTold, onServer, shown } from './entries';
import type { HandleLimit, OpenHandle } from './handleLimit';

/** What it takes to ask the server about its files. */
export interface Asking {
  readonly channel: SftpChannel;
  readonly handles: HandleLimit;
  readonly signal: AbortSignal;
}

/** What a listing has told of an entry already. */
export interface Hint {
  readonly attributes: Attributes;
  readonly type: EntryType | undefined;
}

interface Told {
  readonly attributes: Attributes;
  /** They are of what a link leads to, if it is one. */
  readonly areFollowed: boolean;
}

/**
 * One entry by its path, from a server that may leave out anything: `LSTAT`, else `STAT`; the type by
 * what a listing said, else by trying (`READLINK`, `OPENDIR`, `OPEN`). Throws `not-found`, `permission`
 * or `protocol` if it cannot be told what it is.
 */
export async function entryAt(asking: Asking, path: RemotePath, hint?: Hint): Promise<Entry> {
  const { attributes, areFollowed } = await attributesAt(asking, path);
  const told = areFollowed ? undefined : typeOf(attributes);
  if (told === 'symlink') {
    return withTarget(asking, entryOf(path, told, attributes));
  }
  if (told !== undefined) return entryOf(path, told, orElse(attributes, hint));
  const target = await targetIfLink(asking, path);
  if (target !== undefined || hint?.type === 'symlink') {
    const own = areFollowed ? nothingTold : attributes;
    const link = entryOf(path, 'symlink', orElse(own, hint));
    return target === undefined ? link : { ...link, target };
  }
  const type = hint?.type ?? typeOf(attributes) ?? (await typeByTrying(asking, path));
  return entryOf(path, type, orElse(attributes, hint));
}

/** A link whose target the server does not tell is still a link. */
export async function withTarget(asking: Asking, entry: Entry): Promise<Entry> {
  try {
    const target = await targetOf(asking, entry.path);
    return { ...entry, target };
  } catch (error) {
    if (!isAnswer(asking, error) || error.kind === 'not-found') throw error;
    return entry;
  }
}

/** The target of what may be a link; undefined if it is none as far as the server tells. */
export async function targetIfLink(asking: Asking, path: RemotePath): Promise<string | undefined> {
  try {
    const target = await targetOf(asking, path);
    // Of what is no link, some servers give the path itself.
    return target === '' || target === onServer(path) ? undefined : target;
  } catch (error) {
    if (!isAnswer(asking, error)) throw error;
    return undefined;
  }
}

/** Whether the server has answered a request about one path, with a refusal: others may still succeed. */
export function isAnswer(asking: Asking, error: unknown): error is BackupError {
  return (
    error instanceof BackupError &&
    error.scope === 'entry' &&
    !error.transient &&
    asking.channel.isOpen
  );
}

/** What the server says of a path, with the one or the other request. Throws `not-found`, `permission`. */
export async function attributesAt(
  { channel }: Pick<Asking, 'channel'>,
  path: RemotePath,
): Promise<Told> {
  const place = onServer(path);
  try {
    return { attributes: await lstat(channel, place, shown(path)), areFollowed: false };
  } catch (error) {
    if (!isRefusedByKind(channel, error)) throw error;
  }
  try {
    return { attributes: await stat(channel, place, shown(path)), areFollowed: true };
  } catch (error) {
    // A link that leads nowhere has no attributes when it is followed.
    const isMissing = error instanceof BackupError && error.kind === 'not-found';
    if (!isMissing && !isRefusedByKind(channel, error)) throw error;
    return { attributes: nothingTold, areFollowed: true };
  }
}

/** The server does not do such requests, or fails at this one for no reason that it tells. */
function isRefusedByKind(channel: SftpChannel, error: unknown): boolean {
  return error instanceof BackupError && error.kind === 'protocol' && channel.isOpen;
}

function targetOf({ channel }: Asking, path: RemotePath): Promise<string> {
  return readLink(channel, onServer(path), shown(path));
}

function orElse(attributes: Attributes, hint: Hint | undefined): Attributes {
  const { size, mode, mtime } = hint?.attributes ?? nothingTold;
  return {
    size: attributes.size ?? size,
    mode: attributes.mode ?? mode,
    mtime: attributes.mtime ?? mtime,
  };
}

/** What can be opened as a folder is one, what can be opened as a file is one. */
async function typeByTrying(asking: Asking, path: RemotePath): Promise<EntryType> {
  const { channel, handles, signal } = asking;
  const place = onServer(path);
  const attempts: readonly [EntryType, () => Promise<Buffer>][] = [
    ['directory', () => openFolder(channel, place, shown(path))],
    ['file', () => openFile(channel, place, shown(path))],
  ];
  const refusals: BackupError[] = [];
  for (const [type, ask] of attempts) {
    let handle: OpenHandle;
    try {
      handle = await handles.open(channel, ask, signal);
    } catch (error) {
      if (!isAnswer(asking, error)) throw error;
      refusals.push(error);
      continue;
    }
    handle.close();
    return type;
  }
  const isMissing = refusals.every((error) => error.kind === 'not-found');
  const denied = refusals.find((error) => error.kind === 'permission');
  const reason = isMissing ? refusals[0] : denied;
  if (reason) throw reason;
  const message = `The server does not tell what ${shown(path)} is, and opens it neither as a folder nor as a file.`;
  throw new BackupError('protocol', message, { cause: refusals[1] });
}
