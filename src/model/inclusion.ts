import type { EntryType } from './entry';
import { compareInFolderOrder, isWithin, remotePath, type RemotePath } from './remotePath';
import { Selection } from './selection';
import { anchoredPath } from './anchoredRule';

/** `partly`: some of what lies below is backed up, and some is not. */
export type InclusionState = 'included' | 'partly' | 'excluded';

/** What a configuration says of the selection, as written. */
export interface SelectionLists {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Says of each entry whether it is in the backup: what the check boxes of the tree show. */
export class Inclusion {
  readonly #selection: Selection;
  readonly #included: readonly RemotePath[];
  /** Paths that a rule excludes by their full name. */
  readonly #excluded: readonly RemotePath[];

  constructor(lists: SelectionLists) {
    this.#selection = new Selection(lists.include, lists.exclude, 'record');
    this.#included = lists.include.map(remotePath).sort(compareInFolderOrder);
    this.#excluded = lists.exclude.flatMap((rule) => anchoredPath(rule) ?? []);
  }

  stateOf(path: RemotePath, type: EntryType): InclusionState {
    const isFolder = type === 'directory';
    if (this.#isIn(path, type)) {
      const hasHole = isFolder && this.#excluded.some((hole) => isBelow(hole, path));
      return hasHole ? 'partly' : 'included';
    }
    const reachesIn = isFolder && this.#included.some((inner) => isBelow(inner, path));
    return reachesIn ? 'partly' : 'excluded';
  }

  #isIn(path: RemotePath, type: EntryType): boolean {
    if (!this.#selection.covers(path)) return false;
    const above = this.#included.filter((root) => isWithin(path, root));
    // A folder that is left out takes everything below it along.
    const from = Math.max(...above.map((root) => root.length));
    for (let end = path.indexOf('/', from + 1); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end) as RemotePath;
      if (this.#selection.excludes({ path: folder, type: 'directory' })) return false;
    }
    return !this.#selection.excludes({ path, type });
  }
}

function isBelow(path: RemotePath, folder: RemotePath): boolean {
  return path !== folder && isWithin(path, folder);
}
