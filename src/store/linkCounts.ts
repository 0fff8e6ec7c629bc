const smallestTable = 1024;

/** A file that has several names, and how many of them were met. */
export interface Linked {
  readonly inode: number;
  readonly links: number;
  /** Bytes. */
  readonly size: number;
  readonly seen: number;
}

/** How many names of each file were met: a hash table in flat columns, 24 bytes for each place of it. */
export class LinkCounts {
  /** 0 where there is nothing. */
  #inodes = new Float64Array(smallestTable);
  #sizes = new Float64Array(smallestTable);
  #links = new Uint32Array(smallestTable);
  #seen = new Uint32Array(smallestTable);
  #count = 0;

  add({ inode, links, size, seen }: Linked): void {
    if (3 * this.#count >= 2 * this.#inodes.length) this.#grow();
    const slot = this.#slotOf(inode);
    if (this.#inodes[slot] === 0) this.#count += 1;
    this.#inodes[slot] = inode;
    this.#sizes[slot] = size;
    this.#links[slot] = links;
    this.#seen[slot] = (this.#seen[slot] ?? 0) + seen;
  }

  *[Symbol.iterator](): Generator<Linked, void, undefined> {
    for (const [slot, inode] of this.#inodes.entries()) {
      if (inode === 0) continue;
      const [links = 0, seen = 0] = [this.#links[slot], this.#seen[slot]];
      yield { inode, links, seen, size: this.#sizes[slot] ?? 0 };
    }
  }

  #slotOf(inode: number): number {
    const mask = this.#inodes.length - 1;
    const mixed = Math.imul(inode % 0x1_0000_0000, 0x9e3779b1);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#inodes[slot] !== 0 && this.#inodes[slot] !== inode) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [inodes, sizes, links, seen] = [this.#inodes, this.#sizes, this.#links, this.#seen];
    const length = 2 * inodes.length;
    this.#inodes = new Float64Array(length);
    this.#sizes = new Float64Array(length);
    this.#links = new Uint32Array(length);
    this.#seen = new Uint32Array(length);
    for (const [old, inode] of inodes.entries()) {
      if (inode === 0) continue;
      const slot = this.#slotOf(inode);
      this.#inodes[slot] = inode;
      this.#sizes[slot] = sizes[old] ?? 0;
      this.#links[slot] = links[old] ?? 0;
      this.#seen[slot] = seen[old] ?? 0;
    }
  }
}
