import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { isTemporaryName } from '../../src/model/temporaryName';

/** What stands at a path of the tree. */
export interface TreeNode {
  readonly type: 'file' | 'directory' | 'symlink';
  /** Of a file: its digest. Of a symlink: its target, as a byte string. */
  readonly content: string;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly mode: number;
}

/** By path below the root, as a byte string; the root itself is the empty path. */
export type TreeState = ReadonlyMap<string, TreeNode>;

/** A folder with what is in it. Paths are byte strings, as those of manifests. */
export class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at(name: string): Buffer {
    const below = name === '' ? '' : `/${name}`;
    return Buffer.concat([Buffer.from(this.root), Buffer.from(below, 'latin1')]);
  }

  /** The path of an entry as manifests have it. */
  inManifest(name: string): string {
    return this.at(name).subarray(1).toString('latin1');
  }

  /** All but the temporary files of a restore, which no backup takes for content. */
  read(): TreeState {
    const found = new Map<string, TreeNode>();
    const visit = (name: string): void => {
      const node = nodeAt(this.at(name));
      if (!node) return;
      found.set(name, node);
      if (node.type !== 'directory') return;
      for (const child of fs.readdirSync(this.at(name), 'latin1').sort()) {
        if (!isTemporaryName(child)) visit(name === '' ? child : `${name}/${child}`);
      }
    };
    visit('');
    return found;
  }

  file(name: string, content: Buffer, mtime: number, mode = 0o644): void {
    this.folderFor(name);
    fs.rmSync(this.at(name), { recursive: true, force: true });
    fs.writeFileSync(this.at(name), content);
    fs.chmodSync(this.at(name), mode);
    fs.utimesSync(this.at(name), mtime, mtime);
  }

  link(name: string, target: string): void {
    this.folderFor(name);
    fs.rmSync(this.at(name), { recursive: true, force: true });
    fs.symlinkSync(target, this.at(name));
  }

  remove(name: string): void {
    fs.rmSync(this.at(name), { recursive: true, force: true });
  }

  /** Whatever stands in the way of a folder goes. */
  folderFor(name: string): void {
    const parts = name.split('/').slice(0, -1);
    fs.mkdirSync(this.root, { recursive: true });
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const folder = this.at(parts.slice(0, depth).join('/'));
      const found = fs.lstatSync(folder, { throwIfNoEntry: false });
      if (found?.isDirectory()) continue;
      fs.rmSync(folder, { force: true });
      fs.mkdirSync(folder);
    }
  }
}

function nodeAt(place: Buffer): TreeNode | undefined {
  const found = fs.lstatSync(place, { throwIfNoEntry: false });
  if (!found) return undefined;
  const { size, mode, mtimeMs } = found;
  const about = { size, mode: mode & 0o7777, mtime: mtimeMs / 1000 };
  if (found.isDirectory()) return { type: 'directory', content: '', ...about };
  if (found.isSymbolicLink()) {
    return { type: 'symlink', content: fs.readlinkSync(place, 'latin1'), ...about };
  }
  return { type: 'file', content: digestAt(place) ?? '', ...about };
}

/** The SHA-256 of a file in hexadecimal digits; undefined where there is none. */
export function digestAt(place: Buffer | string): string | undefined {
  const found = fs.lstatSync(place, { throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  return createHash('sha256').update(fs.readFileSync(place)).digest('hex');
}

/** Whether a path is the other one or lies below it. */
export function isWithin(name: string, folder: string): boolean {
  return folder === '' || name === folder || name.startsWith(`${folder}/`);
}
