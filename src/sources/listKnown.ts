import { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import { absolute, childPath, nameOf, type RemotePath } from '../model/remotePath';
import type { FileServer, OnUnknown, Unknown } from './fileServer';
import type { Folder } from './folderTree';
import type { HadContent } from './source';

/** A folder's content, under the paths where it appears. */
export interface KnownContent {
  /** Each path once, in any order. */
  readonly entries: Entry[];
  /** Those of `entries` of which only the name is known, and why. */
  readonly faults: ReadonlyMap<RemotePath, BackupError>;
  /** Why there may be more than `entries`. */
  readonly partly: BackupError | undefined;
}

/**
 * Lists a folder, and looks at it once more, in another way if there is one, if it had content and shows
 * none. Entries that are
 * told twice in the same words count once; of those told in different words only the name is known.
 */
export async function listKnown(
  server: FileServer,
  folder: Pick<Folder, 'path' | 'realPath'>,
  signal: AbortSignal,
  hadContent: HadContent | undefined,
): Promise<KnownContent> {
  const unknown: Unknown[] = [];
  const onUnknown: OnUnknown = (one) => void unknown.push(one);
  let entries = await server.list(folder.realPath, signal, onUnknown);
  const isEmpty = entries.length === 0 && unknown.length === 0;
  if (isEmpty && (await hadContent?.(folder.path)) === true) {
    entries = server.listOtherwise
      ? await server.listOtherwise(folder.realPath, signal, onUnknown)
      : await server.list(folder.realPath, signal, onUnknown);
  }
  return new Content(folder, entries, unknown);
}

class Content implements KnownContent {
  readonly entries: Entry[] = [];
  readonly faults = new Map<RemotePath, BackupError>();
  readonly partly: BackupError | undefined;

  constructor(
    folder: Pick<Folder, 'path' | 'realPath'>,
    entries: readonly Entry[],
    unknown: readonly Unknown[],
  ) {
    this.partly = unknown.find(({ path }) => path === undefined)?.error;
    for (const { path, error } of unknown) {
      if (path !== undefined) this.faults.set(placed(path, folder), error);
    }
    const known = new Map<RemotePath, Entry>();
    for (const entry of entries.map((one) => placedEntry(one, folder))) {
      const other = known.get(entry.path);
      if (other === undefined) known.set(entry.path, entry);
      else if (!isSame(entry, other)) this.faults.set(entry.path, toldTwice(entry.path));
    }
    for (const path of this.faults.keys()) known.set(path, ofNameOnly(path));
    this.entries.push(...known.values());
  }
}

/** A folder has nothing that could differ but its times. */
function isSame(left: Entry, right: Entry): boolean {
  if (left.type !== right.type) return false;
  if (left.type === 'directory') return true;
  const { size, mtime, target } = left;
  return size === right.size && mtime === right.mtime && target === right.target;
}

function toldTwice(path: RemotePath): BackupError {
  const message = `The server lists ${absolute(path)} more than once, each time as something else.`;
  return new BackupError('protocol', message);
}

function ofNameOnly(path: RemotePath): Entry {
  return { path, type: 'other', size: 0, granularity: 1 };
}

function placed(path: RemotePath, folder: Pick<Folder, 'path' | 'realPath'>): RemotePath {
  return folder.path === folder.realPath ? path : childPath(folder.path, nameOf(path));
}

/** Below a followed link, entries appear under the link's path and are read from the real one. */
function placedEntry(entry: Entry, folder: Pick<Folder, 'path' | 'realPath'>): Entry {
  if (folder.path === folder.realPath) return entry;
  return { ...entry, path: placed(entry.path, folder), readFrom: entry.path };
}
