import path from 'node:path';
import { bytesOf, textOf } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import type { DiskPath } from './disk';

/** Where everything of one server's store stands (design of the store on disk). */
export class Layout {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get #own(): string {
    return path.join(this.root, '.sauvegarde');
  }

  get description(): string {
    return path.join(this.#own, 'store.json');
  }

  get manifests(): string {
    return path.join(this.#own, 'snapshots');
  }

  get runs(): string {
    return path.join(this.#own, 'runs');
  }

  /** Inode records beside each manifest: how a file that somebody edited is noticed. */
  get inodes(): string {
    return path.join(this.#own, 'inodes');
  }

  get trash(): string {
    return path.join(this.#own, 'trash');
  }

  get lock(): string {
    return path.join(this.#own, 'lock');
  }

  get partial(): string {
    return path.join(this.#own, 'partial');
  }

  get partialTree(): string {
    return path.join(this.partial, 'tree');
  }

  inPartial(name: 'header.json' | 'plan' | 'journal' | 'manifest' | 'inodes'): string {
    return path.join(this.partial, name);
  }

  manifest(id: SnapshotId): string {
    return path.join(this.manifests, `${id}.ndjson`);
  }

  inodesOf(id: SnapshotId): string {
    return path.join(this.inodes, id);
  }

  snapshot(id: SnapshotId): string {
    return path.join(this.root, id);
  }

  runReport(id: SnapshotId): string {
    return path.join(this.runs, `${id}.json`);
  }

  runLog(id: SnapshotId): string {
    return path.join(this.runs, `${id}.log`);
  }
}

/** A place below a folder of ours; `local` is a clean path as a byte string. */
export function placeBelow(folder: string, local: string): DiskPath {
  if (process.platform === 'win32') return path.join(folder, textOf(local));
  return Buffer.concat([Buffer.from(local === '' ? folder : `${folder}/`, 'utf8'), bytesOf(local)]);
}
