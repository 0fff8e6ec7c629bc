import { isWithin, parentOf, type RemotePath } from './remotePath';

/**
 * Which paths a scan leaves unknown, while it and the entries of a snapshot are met in folder order:
 * what lies below a folder that could not be listed, and what is missing from one of which not
 * everything is known. Memory is bounded by the depth of the tree.
 */
export class UnknownParts {
  /** Below it nothing is known. */
  #all: RemotePath | undefined;
  /** Folders on the way down that may hold more than was met, the innermost last. */
  readonly #partly: RemotePath[] = [];

  /** A folder that could not be listed, or a path that could not be looked at. */
  addAll(path: RemotePath): void {
    this.#all = path;
  }

  /** A folder that may hold more than the scan will meet in it. */
  addPartly(folder: RemotePath): void {
    this.#leaveFor(folder);
    this.#partly.push(folder);
  }

  /** Whether a path of the snapshot that the scan did not meet is unknown, and not gone. */
  has(path: RemotePath): boolean {
    if (this.#all !== undefined && isWithin(path, this.#all)) return true;
    this.#leaveFor(path);
    const folder = this.#partly.at(-1);
    if (folder === undefined || path === '' || parentOf(path) !== folder) return false;
    // What is below it was not met either.
    this.#all = path;
    return true;
  }

  #leaveFor(path: RemotePath): void {
    for (let folder = this.#partly.at(-1); folder !== undefined; folder = this.#partly.at(-1)) {
      if (isWithin(path, folder)) return;
      this.#partly.pop();
    }
  }
}
