import { BackupError } from '../../base/errors';
import { isWithin, type RemotePath } from '../../model/remotePath';
import type { FileList, OpenList } from './openList';

/** The lists of a scan whose sessions still wait to bring files: a list is worth keeping. */
export class Lists {
  readonly #most: number;
  readonly #roots = new Set<RemotePath>();
  readonly #kept = new Map<RemotePath, FileList>();

  /** @param most sessions that wait at once; a server does not allow any number of them */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Keeps a list for the files of its root. If there are too many it is given up: files are wanted in
   * the order of the scan, so the older ones are needed sooner.
   */
  keep({ listing, session }: OpenList): void {
    const { root } = listing;
    this.#roots.add(root);
    if (!session) return;
    if (this.#kept.size >= this.#most || this.#kept.has(root)) drop({ listing, session });
    else this.#kept.set(root, { listing, session });
  }

  /** The root that a path was listed below, if any. */
  rootOf(path: RemotePath): RemotePath | undefined {
    for (const root of this.#roots) if (isWithin(path, root)) return root;
    return undefined;
  }

  /** The list of a root, which belongs to the caller from now on. Older ones are of no use any more. */
  take(root: RemotePath): FileList | undefined {
    const list = this.#kept.get(root);
    if (!list) return undefined;
    for (const [older, given] of this.#kept) {
      this.#kept.delete(older);
      if (older === root) break;
      drop(given);
    }
    return list;
  }

  close(): void {
    for (const list of this.#kept.values()) drop(list);
    this.#kept.clear();
  }
}

function drop(list: FileList): void {
  list.session.drop(new BackupError('connection', 'The session was closed.'));
}
