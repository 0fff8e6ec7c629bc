import { throwIfAborted } from '../../src/base/abort';
import type { Clock } from '../../src/base/clock';

/** A clock that goes on only when somebody sleeps, and then at once. */
export class TestClock implements Clock {
  #now: number;
  readonly #began: number;
  slept = 0;

  constructor(now = Date.UTC(2026, 10, 23, 7)) {
    this.#now = this.#began = now;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#now - this.#began;

  readonly sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    throwIfAborted(signal);
    this.advance(milliseconds);
    this.slept += milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
  };

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
