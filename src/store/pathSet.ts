import type { RemotePath } from '../model/remotePath';

/**
 * Which paths are in a large set, in eight bytes each: 53 bits of a hash are kept. Two paths of a
 * million share one with a chance of 1 in 18,000, so it may only spare something, never decide.
 */
export class PathSet {
  #keys = new Float64Array(1024);
  #size = 0;
  #sorted = true;

  add(path: RemotePath): void {
    if (this.#size === this.#keys.length) {
      const larger = new Float64Array(this.#keys.length * 2);
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[this.#size] = keyOf(path);
    this.#size += 1;
    this.#sorted = false;
  }

  has(path: RemotePath): boolean {
    if (!this.#sorted) {
      this.#keys.subarray(0, this.#size).sort();
      this.#sorted = true;
    }
    const wanted = keyOf(path);
    let [low, high] = [0, this.#size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#size && this.#keys[low] === wanted;
  }
}

/**
 * 53 bits by two multiplicative hashes, mixed as cyrb53 does: a digest of the crypto module is an object
 * for each of a million paths, in memory that the garbage collector does not see.
 */
function keyOf(path: RemotePath): number {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < path.length; index += 1) {
    const byte = path.charCodeAt(index);
    one = Math.imul(one ^ byte, 0x9e3779b1);
    two = Math.imul(two ^ byte, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(two ^ (two >>> 13), 0xc2b2ae35);
  two = Math.imul(two ^ (two >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return 0x1_0000_0000 * (two & 0x1f_ffff) + (one >>> 0);
}
