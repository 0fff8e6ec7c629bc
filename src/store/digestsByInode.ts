const smallestTable = 1024;
/** Beyond so many (about 200 MB), files that share an inode are read once for each. */
const mostInodes = 6_000_000;
const words = 4;

/**
 * The digests of files that were read and have several names, by inode, so that none is read again: a
 * hash table in flat columns. Of each digest 128 bits are kept.
 */
export class DigestsByInode {
  #inodes = new Float64Array(smallestTable);
  #digests = new Uint32Array(smallestTable * words);
  #count = 0;

  get hasAny(): boolean {
    return this.#count > 0;
  }

  /** Undefined if it was not read, or the number is 0; else whether its content has the digest. */
  has(inode: number, sha256: string): boolean | undefined {
    const slot = inode > 0 ? this.#find(inode) : undefined;
    if (slot === undefined) return undefined;
    const digest = wordsOf(sha256);
    return digest.every((word, index) => this.#digests[words * slot + index] === word);
  }

  add(inode: number, sha256: string): void {
    // On Windows a number may not fit a double: two files could get the same.
    if (!Number.isSafeInteger(inode) || inode <= 0) return;
    if (this.#count >= mostInodes) return;
    if (2 * this.#count >= this.#inodes.length) this.#grow();
    this.#insert(inode, wordsOf(sha256));
  }

  /** After inodes may have been given away anew. */
  forget(): void {
    this.#inodes = new Float64Array(smallestTable);
    this.#digests = new Uint32Array(smallestTable * words);
    this.#count = 0;
  }

  #find(number: number): number | undefined {
    for (let slot = this.#slotOf(number); ; slot = (slot + 1) & (this.#inodes.length - 1)) {
      if (this.#inodes[slot] === number) return slot;
      if (this.#inodes[slot] === 0) return undefined;
    }
  }

  #insert(number: number, digest: ArrayLike<number>): void {
    let slot = this.#slotOf(number);
    while (this.#inodes[slot] !== 0 && this.#inodes[slot] !== number) {
      slot = (slot + 1) & (this.#inodes.length - 1);
    }
    if (this.#inodes[slot] === 0) this.#count += 1;
    this.#inodes[slot] = number;
    this.#digests.set(digest, words * slot);
  }

  #slotOf(number: number): number {
    const low = Math.imul(number % 0x1_0000_0000, 0x9e3779b1);
    return (low ^ (low >>> 15)) & (this.#inodes.length - 1);
  }

  #grow(): void {
    const [inodes, digests] = [this.#inodes, this.#digests];
    this.#inodes = new Float64Array(2 * inodes.length);
    this.#digests = new Uint32Array(2 * digests.length);
    this.#count = 0;
    for (let slot = 0; slot < inodes.length; slot += 1) {
      const number = inodes[slot] ?? 0;
      if (number !== 0) this.#insert(number, digests.subarray(words * slot, words * (slot + 1)));
    }
  }
}

function wordsOf(sha256: string): number[] {
  return [0, 8, 16, 24].map((start) => Number.parseInt(sha256.slice(start, start + 8), 16));
}
