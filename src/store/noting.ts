/** Milliseconds for which something that has arrived may stay unnoted. */
export const notedAfter = 2000;

/**
 * Has what has arrived noted from time to time, so that a process that is killed on a slow line loses
 * the last seconds and not the last megabytes of each file.
 */
export class Noting implements AsyncDisposable {
  readonly #note: () => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<unknown> | undefined;
  #isOver = false;

  /** @param note what it throws is met by whoever writes next */
  constructor(note: () => Promise<unknown>) {
    this.#note = note;
  }

  /** Something has arrived: it is noted soon. */
  arrived(): void {
    if (this.#timer || this.#underWay || this.#isOver) return;
    this.#timer = setTimeout(() => this.#noteNow(), notedAfter);
  }

  #noteNow(): void {
    this.#timer = undefined;
    this.#underWay = this.#note()
      .catch(() => undefined)
      .finally(() => (this.#underWay = undefined));
  }

  /** Nothing is noted any more once it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }
}
