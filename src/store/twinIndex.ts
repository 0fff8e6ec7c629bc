/** Looked at for one file at most: with many of the same size and time, some are left out. */
const mostProbes = 64;
const smallestTable = 1024;

/** What is known of a file before its content is. */
export interface Likeness {
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** The last component of its path. */
  readonly name: string;
}

/**
 * Where the files of a manifest stand in it, by size and time: a hash table in flat columns, about 30
 * bytes a file. It may name a file that is another: whoever asks looks at it.
 */
export class TwinIndex {
  /** Hashes of size and time; 0 where there is nothing. */
  #keys = new Uint32Array(smallestTable);
  #names = new Uint32Array(smallestTable);
  #positions = new Float64Array(smallestTable);
  #count = 0;

  add(file: Likeness, position: number): void {
    if (4 * this.#count >= 3 * this.#keys.length) this.#grow();
    this.#insert(keyOf(file), hashOf(file.name), position);
  }

  /** Positions of files that may have the same size and time: first one of the same name, then any. */
  find(file: Likeness): number[] {
    const key = keyOf(file);
    const name = hashOf(file.name);
    let any: number | undefined;
    for (let probe = 0; probe < mostProbes; probe += 1) {
      const slot = this.#slot(key, probe);
      if (this.#keys[slot] === 0) break;
      if (this.#keys[slot] !== key) continue;
      const position = this.#positions[slot] ?? 0;
      if (this.#names[slot] === name) return any === undefined ? [position] : [position, any];
      any ??= position;
    }
    return any === undefined ? [] : [any];
  }

  #insert(key: number, name: number, position: number): void {
    for (let probe = 0; probe < mostProbes; probe += 1) {
      const slot = this.#slot(key, probe);
      if (this.#keys[slot] !== 0) continue;
      this.#keys[slot] = key;
      this.#names[slot] = name;
      this.#positions[slot] = position;
      this.#count += 1;
      return;
    }
  }

  #slot(key: number, probe: number): number {
    return (key + probe) & (this.#keys.length - 1);
  }

  #grow(): void {
    const { length } = this.#keys;
    const [keys, names, positions] = [this.#keys, this.#names, this.#positions];
    this.#keys = new Uint32Array(2 * length);
    this.#names = new Uint32Array(2 * length);
    this.#positions = new Float64Array(2 * length);
    this.#count = 0;
    for (let slot = 0; slot < length; slot += 1) {
      const key = keys[slot] ?? 0;
      if (key !== 0) this.#insert(key, names[slot] ?? 0, positions[slot] ?? 0);
    }
  }
}

/** Whole seconds, as precisions may differ. */
function keyOf({ size, mtime }: Likeness): number {
  let hash = mixed(size >>> 0, 0x9e3779b9);
  hash = mixed(Math.floor(size / 2 ** 32) >>> 0, hash);
  return mixed(Math.floor(mtime) >>> 0, hash) || 1;
}

function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = mixed(name.charCodeAt(at), hash);
  return hash;
}

/** One step of MurmurHash3 (its block and half of its finalizer). */
function mixed(value: number, hash: number): number {
  let step = Math.imul(value, 0xcc9e2d51);
  step = Math.imul((step << 15) | (step >>> 17), 0x1b873593);
  const joined = hash ^ step;
  const turned = Math.imul((joined << 13) | (joined >>> 19), 5) + 0xe6546b64;
  return Math.imul(turned ^ (turned >>> 16), 0x85ebca6b) >>> 0;
}
