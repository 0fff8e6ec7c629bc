/**
 * How much may be sent and not be answered yet, of all files together: as much as keeps a long line
 * busy, and as little as memory bears.
 */
export class SendBudget {
  #free: number;
  #waiting: (() => void)[] = [];

  /** @param bytes in all */
  constructor(bytes: number) {
    this.#free = bytes;
  }

  async take(bytes: number): Promise<void> {
    while (bytes > this.#free) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free -= bytes;
  }

  giveBack(bytes: number): void {
    this.#free += bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
