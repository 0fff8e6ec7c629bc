import { createHash } from 'node:crypto';
import { bytesOf, type RemotePath } from '../model/remotePath';

/**
 * Which paths are in a large set, in eight bytes each: 48 bits of a digest are kept. Two paths of a
 * million share one with a chance of 1 in 500, so it may only spare something, never decide.
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

function keyOf(path: RemotePath): number {
  return createHash('sha1').update(bytesOf(path)).digest().readUIntBE(0, 6);
}
