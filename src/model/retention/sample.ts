/**
 * Some of the items of a stream, spread evenly over all of it, whose length is known only at its end.
 * All of them, as long as they are few. The same stream gives the same sample.
 */
export class Sample<T> {
  readonly #most: number;
  #items: T[] = [];
  #stride = 1;
  #count = 0;

  /** @param most so many are kept at most */
  constructor(most: number) {
    this.#most = most;
  }

  add(item: T): void {
    if (this.#count % this.#stride === 0) this.#items.push(item);
    this.#count += 1;
    if (this.#items.length <= this.#most) return;
    this.#items = this.#items.filter((_item, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** How many of all there are, going by those of the sample. */
  estimate(ofSample: number): number {
    return this.#items.length === 0 ? 0 : Math.round((ofSample / this.#items.length) * this.#count);
  }
}
