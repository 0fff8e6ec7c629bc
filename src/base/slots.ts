/** Lets a changing number of tasks run at once. One caller asks for slots, the tasks give them back. */
export class Slots {
  readonly #width: () => number;
  #taken = 0;
  #waiting: (() => void) | undefined;

  /** @param width how many tasks may run at once, asked anew each time; at least one is always let in */
  constructor(width: () => number) {
    this.#width = width;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Resolves when a slot is free, and takes it. */
  async take(): Promise<void> {
    while (this.#taken >= Math.max(1, this.#width())) await this.#nextGivenBack();
    this.#taken += 1;
  }

  giveBack(): void {
    this.#taken -= 1;
    this.#waiting?.();
    this.#waiting = undefined;
  }

  /** Resolves when all tasks have given their slots back. */
  async idle(): Promise<void> {
    while (this.#taken > 0) await this.#nextGivenBack();
  }

  #nextGivenBack(): Promise<void> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }
}
