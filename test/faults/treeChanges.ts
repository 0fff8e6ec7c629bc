import fs from 'node:fs';
import { one, type Random } from './seeded';
import type { Tree } from './tree';

/** Names that lead into each other, need escapes or are no UTF-8. */
const names = ['a', 'b', 'c', 'a.b', 'with blank', 'caf\xc3\xa9', 'latin \xe9', '#', 'A'] as const;
const sizes = [0, 1, 900, 5000, 70_000, 300_000] as const;
const modes = [0o644, 0o600, 0o755, 0o444] as const;

/** What people and programs do to the files of a server, at random. */
export class TreeChanges {
  readonly #tree: Tree;
  readonly #random: Random;
  /** Every time is another one, and long past. */
  #time = 1_600_000_000;

  constructor(tree: Tree, random: Random) {
    this.#tree = tree;
    this.#random = random;
  }

  /** @returns what was done, in words */
  change(): string {
    const kinds = [
      () => this.#add(),
      () => this.#add(),
      () => this.#edit(),
      () => this.#edit(),
      () => this.#editUnnoticed(),
      () => this.#remove(),
      () => this.#move(),
      () => this.#setMode(),
      () => this.#link(),
      () => this.#toFolder(),
      () => this.#toFile(),
    ];
    return one(this.#random, kinds)();
  }

  #add(): string {
    const name = this.#newName();
    this.#write(name, this.#content());
    return `add ${name}`;
  }

  #edit(): string {
    const name = this.#any('file');
    if (name === undefined) return this.#add();
    this.#write(name, this.#content());
    return `edit ${name}`;
  }

  /** Another content of the same size and time: only a reread can find it. */
  #editUnnoticed(): string {
    const name = this.#any('file');
    const node = name === undefined ? undefined : this.#tree.read().get(name);
    if (name === undefined || !node || node.size === 0) return this.#add();
    this.#tree.file(name, this.#bytes(node.size), node.mtime, node.mode);
    return `edit ${name} without a new time`;
  }

  #remove(): string {
    const name = this.#any();
    if (name === undefined) return this.#add();
    this.#tree.remove(name);
    return `remove ${name}`;
  }

  #move(): string {
    const name = this.#any();
    const to = this.#newName();
    if (name === undefined || to === name || to.startsWith(`${name}/`)) return this.#add();
    if (name.startsWith(`${to}/`)) return this.#remove();
    this.#tree.folderFor(to);
    this.#tree.remove(to);
    // What was in the way of the new folder may have been the file itself.
    if (!fs.lstatSync(this.#tree.at(name), { throwIfNoEntry: false })) return `move ${name} away`;
    fs.renameSync(this.#tree.at(name), this.#tree.at(to));
    return `move ${name} to ${to}`;
  }

  #setMode(): string {
    const name = this.#any('file');
    if (name === undefined) return this.#add();
    const mode = one(this.#random, modes);
    fs.chmodSync(this.#tree.at(name), mode);
    return `set the mode of ${name} to ${mode.toString(8)}`;
  }

  #link(): string {
    const name = this.#newName();
    const target = one(this.#random, ['a', '../b', '/etc/passwd', 'nowhere']);
    this.#tree.link(name, target);
    return `link ${name} to ${target}`;
  }

  #toFolder(): string {
    const name = this.#any('file');
    if (name === undefined) return this.#add();
    const inside = `${name}/${one(this.#random, names)}`;
    this.#write(inside, this.#content());
    return `make a folder of ${name}`;
  }

  #toFile(): string {
    const name = this.#any('directory');
    if (name === undefined) return this.#add();
    this.#write(name, this.#content());
    return `make a file of ${name}`;
  }

  #write(name: string, content: Buffer): void {
    this.#time += 7;
    this.#tree.file(name, content, this.#time, one(this.#random, modes));
  }

  #newName(): string {
    const depth = 1 + this.#random(3);
    return Array.from({ length: depth }, () => one(this.#random, names)).join('/');
  }

  #any(type?: 'file' | 'directory'): string | undefined {
    const found = [...this.#tree.read()].filter(
      ([name, node]) => name !== '' && (type === undefined || node.type === type),
    );
    return found.length === 0 ? undefined : one(this.#random, found)[0];
  }

  #content(): Buffer {
    return this.#bytes(one(this.#random, sizes));
  }

  #bytes(length: number): Buffer {
    const word = `${this.#random(1_000_000_000)} `;
    return Buffer.alloc(length, word);
  }
}
