import type { Disposable } from 'vscode';
import type { Clock } from '../base/clock';

/** Milliseconds after which the editor takes an unanswered message out of sight. */
const inSight = 15_000;

/**
 * Lets questions come one at a time: what can wait is shown when the person has nothing else to answer, or
 * has let it go out of sight.
 */
export class Notices implements Disposable {
  readonly #clock: Clock;
  readonly #held = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something will be told: what can wait waits. Returns what ends that. */
  hold(): () => void {
    let end = (): void => undefined;
    const held = new Promise<void>((resolve) => (end = resolve));
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      end();
    };
  }

  /** What can wait waits for the answer to this, but not for ever. */
  async show<T>(message: Thenable<T>): Promise<T> {
    const end = this.hold();
    void this.#clock.sleep(inSight, this.#stop.signal).then(end, end);
    try {
      return await message;
    } finally {
      end();
    }
  }

  /** Shows what can wait, when nothing else is to be answered. */
  async whenQuiet<T>(show: () => Thenable<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      await this.#quiet();
      return { message: this.show(show()) };
    });
    this.#queue = turn.catch(() => undefined);
    return await (
      await turn
    ).message;
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #quiet(): Promise<void> {
    while (this.#held.size > 0) await Promise.all(this.#held);
  }
}
