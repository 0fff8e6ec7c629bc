import { abortable } from '../../src/base/abort';
import type { Clock } from '../../src/base/clock';

/** A clock that goes on only when it is told to. */
export class HandClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#now;

  get sleepers(): number {
    return this.#sleepers.size;
  }

  readonly sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const sleeper = { until: this.#now + milliseconds, wake };
    this.#sleepers.add(sleeper);
    await abortable(woken, signal).finally(() => this.#sleepers.delete(sleeper));
  };

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
    await settled();
  }
}

/** All that was only waiting for its turn has had it. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
