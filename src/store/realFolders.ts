import type { Disk } from './disk';
import { placeBelow } from './layout';

interface Known {
  readonly local: string;
  readonly isReal: boolean;
}

/**
 * Tells whether the way to a file leads through folders only: through a link in the place of a folder,
 * another tree would be taken for the snapshot. Asked in folder order it looks at each folder once.
 */
export class RealFolders {
  readonly #disk: Disk;
  #tree: string | undefined;
  #root: Known = { local: '', isReal: false };
  /** The folders on the way down to the one that was asked for last. */
  readonly #known: Known[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** @param local a path below the tree, as a byte string; the tree itself is the empty one */
  isReal(tree: string, local: string): boolean {
    if (tree !== this.#tree) this.#begin(tree);
    let last = this.#innermost();
    for (; !isAtOrBelow(local, last.local); last = this.#innermost()) this.#known.pop();
    while (last.local !== local) {
      const next = oneDeeper(last.local, local);
      last = { local: next, isReal: last.isReal && this.#isFolder(next) };
      this.#known.push(last);
    }
    return last.isReal;
  }

  /** Whether the folder of a file, and all above it, are real. */
  leadsTo(tree: string, local: string): boolean {
    return this.isReal(tree, local.slice(0, Math.max(0, local.lastIndexOf('/'))));
  }

  /** After something was moved. */
  forget(): void {
    this.#tree = undefined;
  }

  #begin(tree: string): void {
    this.#tree = tree;
    this.#known.length = 0;
    this.#root = { local: '', isReal: this.#isFolder('') };
  }

  #innermost(): Known {
    return this.#known.at(-1) ?? this.#root;
  }

  #isFolder(local: string): boolean {
    try {
      return this.#disk.stat(placeBelow(this.#tree ?? '', local))?.type === 'directory';
    } catch {
      return false;
    }
  }
}

function isAtOrBelow(local: string, folder: string): boolean {
  return folder === '' || local === folder || local.startsWith(`${folder}/`);
}

/** The folder that is one step from here towards a deeper one. */
function oneDeeper(from: string, towards: string): string {
  const end = towards.indexOf('/', from === '' ? 0 : from.length + 1);
  return end < 0 ? towards : towards.slice(0, end);
}
