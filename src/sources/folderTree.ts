import type { Entry } from '../model/entry';
import type { RemotePath } from '../model/remotePath';

/** A folder of the scan, from the moment it is known until all that is in it has been given out. */
export interface Folder {
  /** Where it appears. */
  readonly path: RemotePath;
  /** Where it is listed; another place only below a followed link. */
  readonly realPath: RemotePath;
  state: 'known' | 'asked' | 'listed' | 'failed';
  /** In folder order, once listed. */
  entries: readonly Entry[];
  /** The folders among `entries`, in the same order, as they are met. */
  folders: Folder[];
  /** Why it could not be listed. */
  error: unknown;
  /** Settles when the listing has arrived or failed; never rejects. */
  arrived: Promise<void> | undefined;
}

export function newFolder(path: RemotePath, realPath: RemotePath): Folder {
  return {
    path,
    realPath,
    state: 'known',
    entries: [],
    folders: [],
    error: undefined,
    arrived: undefined,
  };
}

/**
 * The folders that a scan will need next and that have not been asked for, nearest first: the known
 * tree in folder order, looking into folders whose listings arrived early.
 */
export function* upcoming(stack: readonly Folder[]): Iterable<Folder> {
  for (let level = stack.length - 1; level >= 0; level -= 1) {
    for (const folder of stack[level]?.folders ?? []) yield* unasked(folder);
  }
}

function* unasked(folder: Folder): Iterable<Folder> {
  if (folder.state === 'known') yield folder;
  else for (const child of folder.folders) yield* unasked(child);
}
