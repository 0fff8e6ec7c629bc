import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import {
  bytesOf,
  compareInFolderOrder,
  nameOf,
  parentOf,
  type RemotePath,
} from '../../model/remotePath';
import type { FileTable } from './fileTable';
import { folderOrder } from './listOrder';
import { malformed, quoted } from './protocolError';

/** What a list was asked for: a path itself with all below it, or the content of a folder. */
export type Extent = 'itself' | 'content';

/**
 * A list of the server with the paths that its names mean, in folder order. Making one checks that the
 * server listed what was asked for and nothing else. Throws `protocol`.
 */
export class Listing {
  readonly root: RemotePath;
  readonly table: FileTable;
  /** The precision of its times, in seconds. */
  readonly granularity: number;
  /** In front of every name. */
  readonly #prefix: string;
  readonly #order: Uint32Array;

  constructor(root: RemotePath, extent: Extent, table: FileTable, granularity: number) {
    this.root = root;
    this.table = table;
    this.granularity = granularity;
    const base = extent === 'content' ? root : parentOf(root);
    this.#prefix = base === '' ? '' : `${base}/`;
    this.#order = folderOrder(table);
    this.#check(extent === 'content' ? undefined : nameOf(root));
  }

  get length(): number {
    return this.#order.length;
  }

  /** The row of the entry at a position of the folder order. */
  row(position: number): number {
    return this.#order[position] ?? 0;
  }

  path(position: number): RemotePath {
    const name = this.table.name(this.row(position));
    return (name === '.' ? this.root : this.#prefix + name) as RemotePath;
  }

  entry(position: number): Entry {
    const row = this.row(position);
    const target = this.table.target(row);
    const size = this.table.size(row);
    return {
      path: this.path(position),
      type: this.table.type(row),
      ...(size !== undefined && { size }),
      mtime: this.table.mtime(row),
      granularity: this.granularity,
      mode: this.table.permissions(row),
      ...(target !== undefined && { target }),
    };
  }

  /** The position of a path, or undefined if it is not listed. */
  find(path: string): number | undefined {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareInFolderOrder(this.path(middle), path);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** No name twice, each in a folder that is listed, all within `only` if that is given. */
  #check(only: string | undefined): void {
    const folders: string[] = [];
    let previous: string | undefined;
    for (let position = 0; position < this.length; position += 1) {
      const row = this.row(position);
      const name = this.table.name(row);
      if (name === previous) throw malformed(`the name ${quoted(name)} twice`);
      previous = name;
      const slash = name.lastIndexOf('/');
      const parent = slash === -1 ? undefined : name.slice(0, slash);
      while (folders.length > 0 && folders.at(-1) !== parent) folders.pop();
      const isTop = parent === undefined && (only === undefined || name === only);
      if (!isTop && folders.length === 0) {
        throw malformed(`the name ${quoted(name)}, which was not asked for`);
      }
      if (this.table.isDirectory(row)) folders.push(name);
    }
  }
}

/** The path as an argument for the server: with a slash behind it where its content is meant. */
export function argumentOf(root: RemotePath, extent: Extent): Buffer {
  return bytesOf(extent === 'content' && root !== '' ? `/${root}/` : `/${root}`);
}

/** The root cannot be told from one that is not there. */
export function nothingListed(): BackupError {
  return new BackupError('protocol', 'The server listed nothing and does not say why.');
}
