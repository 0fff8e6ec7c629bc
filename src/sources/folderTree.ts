import type { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import { childPath, nameOf, type RemotePath } from '../model/remotePath';

/** A folder of the scan, from the moment it is known until all that is in it has been given out. */
export interface Folder {
  /** Where it appears. */
  readonly path: RemotePath;
  /** Where it is listed; another place only below a followed link. */
  readonly realPath: RemotePath;
  /** The real folders whose links were followed on the way here: a link back to one of them is a loop. */
  readonly jumps: readonly RemotePath[];
  state: 'known' | 'asked' | 'listed' | 'failed';
  /** In folder order, once listed. */
  entries: readonly Entry[];
  /** The folders among `entries` that are still to come, the next one last. */
  folders: Folder[];
  /** Those of `entries` of which only the name is known, by path, and why. */
  faults: ReadonlyMap<RemotePath, BackupError>;
  /** Why there may be more in it than `entries`. */
  partly: BackupError | undefined;
  /** Why it could not be listed. */
  error: unknown;
  /** Settles when the listing has arrived or failed; never rejects. */
  arrived: Promise<void> | undefined;
}

const none: never[] = [];
const noFaults: ReadonlyMap<RemotePath, BackupError> = new Map();

export function newFolder(
  path: RemotePath,
  realPath: RemotePath,
  jumps: readonly RemotePath[] = none,
): Folder {
  return {
    path,
    realPath,
    jumps,
    state: 'known',
    entries: none,
    folders: none,
    faults: noFaults,
    partly: undefined,
    error: undefined,
    arrived: undefined,
  };
}

/** The folder that an entry of `parent` is. */
export function childFolder(entry: Entry, parent: Folder): Folder {
  const realPath = entry.readFrom ?? entry.path;
  const isPlain = realPath === childPath(parent.realPath, nameOf(entry.path));
  return newFolder(
    entry.path,
    realPath,
    isPlain ? parent.jumps : [...parent.jumps, parent.realPath],
  );
}

/**
 * The folders that a scan will need next and that have not been asked for, nearest first: the known
 * tree in folder order, looking into folders whose listings arrived early.
 */
export function* upcoming(stack: readonly Folder[]): Iterable<Folder> {
  for (let level = stack.length - 1; level >= 0; level -= 1) {
    const folder = stack[level];
    if (folder) yield* unaskedIn(folder);
  }
}

function* unaskedIn({ folders }: Folder): Iterable<Folder> {
  for (let index = folders.length - 1; index >= 0; index -= 1) {
    const folder = folders[index];
    if (folder?.state === 'known') yield folder;
    else if (folder) yield* unaskedIn(folder);
  }
}
