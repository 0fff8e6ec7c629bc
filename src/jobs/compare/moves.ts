import type { ManifestEntry } from '../../model/manifest';

const smallestTable = 1024;
/** 48 bits of a digest: enough to tell candidates, whose digests are then compared whole. */
const keyDigits = 12;
const none = 0xffffffff;

/**
 * Which removed files have the content of added ones, and so may have moved: the first that was removed
 * with a content belongs to the first that was added with it, and so on. Keeps about 40 bytes for each
 * removed file, and no path. Empty files are alike without having moved.
 */
export class Moves {
  /** Open addressing: contents of removed files; 0 where there is nothing. */
  #keys = new Float64Array(smallestTable);
  /** For each content, the first and the last of its removed files, and the next that an addition takes. */
  #first = new Uint32Array(smallestTable).fill(none);
  #last = new Uint32Array(smallestTable).fill(none);
  #added = new Uint32Array(smallestTable);
  #passed = new Uint32Array(smallestTable);
  #contents = 0;
  /** For each removed file, where it stands in the manifest, and the next with its content. */
  #positions = new Float64Array(smallestTable);
  #next = new Uint32Array(smallestTable);
  #removed = 0;

  /** First all that was removed, in order. */
  addRemoved(file: ManifestEntry, position: number): void {
    const key = keyOf(file);
    if (key === undefined) return;
    if (4 * this.#contents >= 3 * this.#keys.length) this.#grow();
    if (this.#removed === this.#positions.length) this.#lengthen();
    const number = this.#removed;
    this.#removed += 1;
    this.#positions[number] = position;
    this.#next[number] = none;
    const slot = this.#slotOf(key);
    const last = this.#last[slot] ?? none;
    if (this.#keys[slot] === 0) {
      this.#keys[slot] = key;
      this.#contents += 1;
      this.#first[slot] = number;
    } else this.#next[last] = number;
    this.#last[slot] = number;
  }

  /** Then all that was added, in order. */
  addAdded(file: ManifestEntry): void {
    const slot = this.#find(file);
    if (slot !== undefined) this.#added[slot] = (this.#added[slot] ?? 0) + 1;
  }

  /** Then, in order, asked of each removed file: whether an added one takes it. */
  isTaken(removed: ManifestEntry): boolean {
    const slot = this.#find(removed);
    if (slot === undefined) return false;
    const passed = this.#passed[slot] ?? 0;
    this.#passed[slot] = passed + 1;
    return passed < (this.#added[slot] ?? 0);
  }

  /** And, in order, of each added file: where the removed one that it takes stands in its manifest. */
  takenBy(added: ManifestEntry): number | undefined {
    const slot = this.#find(added);
    const number = slot === undefined ? none : (this.#first[slot] ?? none);
    if (slot === undefined || number === none) return undefined;
    this.#first[slot] = this.#next[number] ?? none;
    return this.#positions[number];
  }

  #find(file: ManifestEntry): number | undefined {
    const key = keyOf(file);
    if (key === undefined) return undefined;
    const slot = this.#slotOf(key);
    return this.#keys[slot] === 0 ? undefined : slot;
  }

  #slotOf(key: number): number {
    const last = this.#keys.length - 1;
    for (let slot = key % this.#keys.length; ; slot = (slot + 1) & last) {
      if (this.#keys[slot] === key || this.#keys[slot] === 0) return slot;
    }
  }

  #grow(): void {
    const [keys, first, last] = [this.#keys, this.#first, this.#last];
    const length = 2 * keys.length;
    this.#keys = new Float64Array(length);
    this.#first = new Uint32Array(length).fill(none);
    this.#last = new Uint32Array(length).fill(none);
    this.#added = new Uint32Array(length);
    this.#passed = new Uint32Array(length);
    for (const [at, key] of keys.entries()) {
      if (key === 0) continue;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#first[slot] = first[at] ?? none;
      this.#last[slot] = last[at] ?? none;
    }
  }

  #lengthen(): void {
    const [positions, next] = [this.#positions, this.#next];
    this.#positions = new Float64Array(2 * positions.length);
    this.#positions.set(positions);
    this.#next = new Uint32Array(2 * next.length);
    this.#next.set(next);
  }
}

function keyOf({ type, size, sha256 }: ManifestEntry): number | undefined {
  if (type !== 'file' || sha256 === undefined || size === 0) return undefined;
  return Number.parseInt(sha256.slice(0, keyDigits), 16) + 1;
}
