import { randomBytes } from 'node:crypto';

const smallestTable = 1024;

/**
 * A set of texts that keeps eight bytes of hash for each: ten million cost 256 MB at most. Two of a
 * million texts are taken for one by a chance of one to ten million; the hash differs from process to
 * process, so that nobody can make two of them on purpose.
 */
export class KeySet {
  #keys = new Float64Array(smallestTable);
  #count = 0;
  readonly #seeds = randomBytes(8);
  readonly #first = this.#seeds.readUInt32LE(0);
  readonly #second = this.#seeds.readUInt32LE(4);

  add(text: string): void {
    if (4 * this.#count >= 3 * this.#keys.length) this.#grow();
    if (this.#insert(this.#keyOf(text))) this.#count += 1;
  }

  has(text: string): boolean {
    const key = this.#keyOf(text);
    for (let slot = this.#slotOf(key); ; slot = (slot + 1) & (this.#keys.length - 1)) {
      const found = this.#keys[slot];
      if (found === key) return true;
      if (found === 0) return false;
    }
  }

  #insert(key: number): boolean {
    for (let slot = this.#slotOf(key); ; slot = (slot + 1) & (this.#keys.length - 1)) {
      if (this.#keys[slot] === key) return false;
      if (this.#keys[slot] !== 0) continue;
      this.#keys[slot] = key;
      return true;
    }
  }

  #slotOf(key: number): number {
    return (key % 0x1_0000_0000) & (this.#keys.length - 1);
  }

  #grow(): void {
    const before = this.#keys;
    this.#keys = new Float64Array(2 * before.length);
    for (const key of before) if (key !== 0) this.#insert(key);
  }

  /** 53 bits, never 0 (cyrb53, public domain). */
  #keyOf(text: string): number {
    let one = this.#first;
    let two = this.#second;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      one = Math.imul(one ^ code, 0x9e3779b1);
      two = Math.imul(two ^ code, 0x5f356495);
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
    two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
    return 0x1_0000_0000 * (two & 0x1f_ffff) + (one >>> 0) || 1;
  }
}
