const smallestTable = 1024;

/** A content on the disk: what two names of one file have in common. Never all zeros. */
export interface ContentKey {
  readonly high: number;
  readonly low: number;
}

/**
 * @param sha256 in hexadecimal
 * @param inode the number that the snapshot has recorded for the file, so that two files of the same
 * content are two; any fixed number where there is none
 */
export function contentKey(sha256: string, inode: number): ContentKey {
  const high = Number.parseInt(sha256.slice(0, 8), 16);
  const low = Number.parseInt(sha256.slice(8, 16), 16);
  const upper = Math.floor(inode / 0x1_0000_0000) >>> 0;
  return {
    high: (high ^ Math.imul(upper, 0x85ebca6b)) >>> 0,
    low: (low ^ Math.imul(inode >>> 0, 0x9e3779b1)) >>> 0 || 1,
  };
}

/** When each content was last read and found right: flat columns, 21 bytes for each place of the table. */
export class ProofTable {
  #high = new Uint32Array(smallestTable);
  #low = new Uint32Array(smallestTable);
  /** Seconds since 1970; 0: never. */
  #times = new Uint32Array(smallestTable);
  #sizes = new Float64Array(smallestTable);
  #flags = new Uint8Array(smallestTable);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Its place, which is given to it if it has none. Good until the next call of this method. */
  place({ high, low }: ContentKey): number {
    if (3 * this.#count >= 2 * this.#low.length) this.#grow();
    const place = this.#placeOf(high, low);
    if (this.#low[place] === 0) {
      this.#high[place] = high;
      this.#low[place] = low;
      this.#count += 1;
    }
    return place;
  }

  timeAt(place: number): number {
    return this.#times[place] ?? 0;
  }

  setTime(place: number, time: number): void {
    this.#times[place] = time;
  }

  sizeAt(place: number): number {
    return this.#sizes[place] ?? 0;
  }

  setSize(place: number, size: number): void {
    this.#sizes[place] = size;
  }

  /** What is done with a content in one verification; 0 for nothing. */
  flagAt(place: number): number {
    return this.#flags[place] ?? 0;
  }

  setFlag(place: number, flag: number): void {
    this.#flags[place] = flag;
  }

  /** The taken places. */
  *places(): Generator<number, void, undefined> {
    for (let place = 0; place < this.#low.length; place += 1) {
      if (this.#low[place] !== 0) yield place;
    }
  }

  keyAt(place: number): ContentKey {
    return { high: this.#high[place] ?? 0, low: this.#low[place] ?? 0 };
  }

  #placeOf(high: number, low: number): number {
    const mask = this.#low.length - 1;
    let place = (high ^ low) & mask;
    while (this.#low[place] !== 0) {
      if (this.#low[place] === low && this.#high[place] === high) break;
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const { length } = this.#low;
    const [high, low, times] = [this.#high, this.#low, this.#times];
    const [sizes, flags] = [this.#sizes, this.#flags];
    this.#high = new Uint32Array(2 * length);
    this.#low = new Uint32Array(2 * length);
    this.#times = new Uint32Array(2 * length);
    this.#sizes = new Float64Array(2 * length);
    this.#flags = new Uint8Array(2 * length);
    for (let old = 0; old < length; old += 1) {
      if (low[old] === 0) continue;
      const place = this.#placeOf(high[old] ?? 0, low[old] ?? 0);
      this.#high[place] = high[old] ?? 0;
      this.#low[place] = low[old] ?? 0;
      this.#times[place] = times[old] ?? 0;
      this.#sizes[place] = sizes[old] ?? 0;
      this.#flags[place] = flags[old] ?? 0;
    }
  }
}
