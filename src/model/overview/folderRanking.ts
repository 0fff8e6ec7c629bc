import { isWithin, parentOf, rootPath, type RemotePath } from '../remotePath';

/** A folder and what is in it, however deep. */
export interface RankedFolder {
  readonly path: RemotePath;
  readonly weight: number;
}

/** A longer path, in bytes, has room in no table and no report. */
const longestPath = 4096;

/** With a greater share of it in one of its folders, that one says more than the folder itself. */
const mostInOne = 0.8;

interface OpenFolder {
  readonly path: RemotePath;
  weight: number;
  heaviest: number;
}

/**
 * The heaviest folders of a tree that is told in folder order: only the folders that the last entry lies
 * in and the ranking itself are kept, however large the tree is.
 */
export class FolderRanking {
  readonly #most: number;
  readonly #open: OpenFolder[] = [{ path: rootPath, weight: 0, heaviest: 0 }];
  readonly #ranking: RankedFolder[] = [];

  /** @param most so many folders are ranked */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param path of a file or anything else that is no folder; not before the last one in folder order
   * @param weight what it adds to its folder and to those above it
   */
  add(path: RemotePath, weight: number): void {
    const folder = parentOf(path);
    while (!isWithin(folder, this.#innermost.path)) this.#leave();
    this.#enter(folder);
    this.#innermost.weight += weight;
  }

  /** Heaviest first. Nothing can be added any more. */
  finish(): RankedFolder[] {
    while (this.#open.length > 0) this.#leave();
    return this.#ranking;
  }

  get #innermost(): OpenFolder {
    return this.#open.at(-1) ?? { path: rootPath, weight: 0, heaviest: 0 };
  }

  #enter(folder: RemotePath): void {
    const { path } = this.#innermost;
    if (folder === path) return;
    const first = path === rootPath ? 0 : path.length + 1;
    for (let end = folder.indexOf('/', first); end > 0; end = folder.indexOf('/', end + 1)) {
      this.#open.push({ path: folder.slice(0, end) as RemotePath, weight: 0, heaviest: 0 });
    }
    this.#open.push({ path: folder, weight: 0, heaviest: 0 });
  }

  #leave(): void {
    const left = this.#open.pop();
    if (!left) return;
    const { path, weight, heaviest } = left;
    const isTelling = weight > 0 && heaviest <= mostInOne * weight;
    if (isTelling && path.length <= longestPath) this.#rank({ path, weight });
    const above = this.#open.at(-1);
    if (!above) return;
    above.weight += weight;
    above.heaviest = Math.max(above.heaviest, weight);
  }

  #rank(folder: RankedFolder): void {
    const place = this.#ranking.findIndex(({ weight }) => weight < folder.weight);
    if (place < 0 && this.#ranking.length >= this.#most) return;
    this.#ranking.splice(place < 0 ? this.#ranking.length : place, 0, folder);
    if (this.#ranking.length > this.#most) this.#ranking.pop();
  }
}
