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

  /** Keeps a list for the files of its root; the oldest one is given up if there are too many. */
  keep({ listing, session }: OpenList): void {
    const { root } = listing;
    this.#roots.add(root);
    if (!session) return;
    drop(this.#kept.get(root));
    this.#kept.delete(root);
    this.#kept.set(root, { listing, session });
    for (const [oldest, given] of this.#kept) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
      drop(given);
    }
  }

  /** The root that a path was listed below, if any. */
  rootOf(path: RemotePath): RemotePath | undefined {
    for (const root of this.#roots) if (isWithin(path, root)) return root;
    return undefined;
  }

  /** The list of a root, which belongs to the caller from now on. */
  take(root: RemotePath): FileList | undefined {
    const list = this.#kept.get(root);
    this.#kept.delete(root);
    return list;
  }

  close(): void {
    for (const list of this.#kept.values()) drop(list);
    this.#kept.clear();
  }
}

function drop(list: FileList | undefined): void {
  list?.session.drop(new BackupError('connection', 'The session was closed.'));
}
