/** Takes items one by one from groups that are read ahead. */
export class GroupCursor<T> {
  readonly #groups: AsyncGenerator<readonly T[], void, undefined>;
  #items: T[] = [];
  #next = 0;

  constructor(groups: AsyncGenerator<readonly T[], void, undefined>) {
    this.#groups = groups;
  }

  /** Resolves when so many can be taken, or all that there are. */
  async ahead(count: number): Promise<void> {
    while (this.#items.length - this.#next < count) {
      const read = await this.#groups.next();
      if (read.done) return;
      this.#items = [...this.#items.slice(this.#next), ...read.value];
      this.#next = 0;
    }
  }

  /** Undefined behind the last one. */
  take(): T | undefined {
    const item = this.#items[this.#next];
    this.#next += 1;
    return item;
  }

  async close(): Promise<void> {
    await this.#groups.return();
  }
}
