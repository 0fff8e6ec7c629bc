import fs from 'node:fs';
import type { DiskPath, FileAttributes } from '../../src/store/disk';
import { rootNode, type Effect, type NameChange, type NodeNumber } from './durability';

/** Records what is done below a folder: through a disk of its own, or told by who did it otherwise. */
export class Recording {
  /** What was there at the beginning, for good. */
  readonly before: Effect[] = [];
  readonly effects: Effect[] = [];
  readonly folders = new Set<NodeNumber>([rootNode]);
  readonly links = new Map<NodeNumber, string>();
  readonly #place: string;
  readonly #names = new Map<NodeNumber, Map<string, NodeNumber>>([[rootNode, new Map()]]);
  readonly #byInode = new Map<number, NodeNumber>();
  #next = rootNode;
  #told: Effect[] = this.before;

  constructor(place: string) {
    this.#place = place;
    this.#read('');
    this.#told = this.effects;
  }

  /** A file or folder that is there now; with the content and attributes that it has. */
  made(path: DiskPath): void {
    const place = this.#below(path);
    const found = fs.lstatSync(path, { throwIfNoEntry: false });
    if (place === undefined || !found || this.#nodeAt(place) !== undefined) return;
    const node = this.#make(found.isDirectory());
    this.#name(place, node);
    if (found.isSymbolicLink()) this.links.set(node, fs.readlinkSync(path, 'latin1'));
    if (!found.isFile()) return;
    this.written(path, 0, fs.readFileSync(path));
    this.attributed(path, { mode: found.mode & 0o7777, mtime: found.mtimeMs / 1000 });
  }

  written(path: DiskPath, position: number, bytes: Buffer): void {
    const node = this.#node(path);
    if (node === undefined) return;
    this.#told.push({ kind: 'content', node, position, bytes: Buffer.from(bytes) });
  }

  sized(path: DiskPath, size: number): void {
    const node = this.#node(path);
    if (node !== undefined) this.#told.push({ kind: 'size', node, size });
  }

  attributed(path: DiskPath, attributes: Partial<FileAttributes>): void {
    const node = this.#node(path);
    if (node !== undefined) this.#told.push({ kind: 'attributes', node, ...attributes });
  }

  linked(from: DiskPath, to: DiskPath): void {
    const node = this.#node(from);
    const place = this.#below(to);
    if (node !== undefined && place !== undefined) this.#name(place, node);
  }

  renamed(from: DiskPath, to: DiskPath): void {
    const node = this.#node(from);
    const [source, target] = [this.#below(from), this.#below(to)];
    if (node === undefined || source === undefined || target === undefined) return;
    const changes = [this.#change(source, undefined), this.#change(target, node)];
    this.#told.push({ kind: 'names', changes });
  }

  removed(path: DiskPath): void {
    const place = this.#below(path);
    if (place === undefined || this.#nodeAt(place) === undefined) return;
    const node = this.#nodeAt(place)!;
    for (const name of this.#names.get(node)?.keys() ?? []) {
      this.removed(Buffer.concat([Buffer.from(path), Buffer.from(`/${name}`, 'latin1')]));
    }
    this.#told.push({ kind: 'names', changes: [this.#change(place, undefined)] });
  }

  synced(path: DiskPath, all = false): void {
    const node = this.#node(path);
    if (node === undefined) return;
    const nodes = new Set<NodeNumber>();
    const visit = (found: NodeNumber): void => {
      nodes.add(found);
      if (all) for (const child of this.#names.get(found)?.values() ?? []) visit(child);
    };
    visit(node);
    this.#told.push({ kind: 'sync', nodes });
  }

  #read(place: string): void {
    const folder = Buffer.from(this.#place + (place === '' ? '' : '/'));
    const at = Buffer.concat([folder, Buffer.from(place, 'latin1')]);
    for (const name of fs.readdirSync(at, 'latin1')) {
      const below = place === '' ? name : `${place}/${name}`;
      const child = Buffer.concat([at, Buffer.from(`/${name}`, 'latin1')]);
      const found = fs.lstatSync(child);
      const known = found.isDirectory() ? undefined : this.#byInode.get(found.ino);
      if (known !== undefined) this.#name(below, known);
      else this.made(child);
      if (found.isDirectory()) this.#read(below);
      else this.#byInode.set(found.ino, this.#nodeAt(below)!);
      if (found.isDirectory()) this.attributed(child, { mtime: found.mtimeMs / 1000 });
    }
  }

  #make(isFolder: boolean): NodeNumber {
    this.#next += 1;
    if (isFolder) {
      this.folders.add(this.#next);
      this.#names.set(this.#next, new Map());
    }
    return this.#next;
  }

  #name(place: string, node: NodeNumber): void {
    this.#told.push({ kind: 'names', changes: [this.#change(place, node)] });
  }

  #change(place: string, node: NodeNumber | undefined): NameChange {
    const end = place.lastIndexOf('/');
    const folder = this.#nodeAt(place.slice(0, Math.max(0, end)))!;
    const name = place.slice(end + 1);
    const names = this.#names.get(folder)!;
    const former = names.get(name);
    if (node === undefined) names.delete(name);
    else names.set(name, node);
    return { folder, name, node, former };
  }

  #node(path: DiskPath): NodeNumber | undefined {
    const place = this.#below(path);
    return place === undefined ? undefined : this.#nodeAt(place);
  }

  #nodeAt(place: string): NodeNumber | undefined {
    let node: NodeNumber | undefined = rootNode;
    if (place === '') return node;
    for (const name of place.split('/')) {
      node = node === undefined ? undefined : this.#names.get(node)?.get(name);
    }
    return node;
  }

  /** As a byte string below the recorded folder; undefined: it is elsewhere. */
  #below(path: DiskPath): string | undefined {
    const bytes = Buffer.from(path).toString('latin1');
    if (bytes === this.#place) return '';
    return bytes.startsWith(`${this.#place}/`) ? bytes.slice(this.#place.length + 1) : undefined;
  }
}
