/**
 * The memory for content that was asked for and not yet been taken: bytes are taken before a READ
 * is sent and given back when the reader of the file has them.
 */
export class ReadBudget {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /** Takes the bytes, or calls `whenFree` once when it is worth trying again. */
  take(bytes: number, whenFree: () => void): boolean {
    if (bytes > this.#free) {
      this.#waiting.add(whenFree);
      return false;
    }
    this.#free -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#free += bytes;
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const tryAgain of waiting) tryAgain();
  }
}
