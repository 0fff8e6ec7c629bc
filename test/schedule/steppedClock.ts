import { throwIfAborted } from '../../src/base/abort';
import type { Clock } from '../../src/base/clock';

/** Something that happens to the clock of a computer at a moment of its own time. */
export interface ClockEvent {
  readonly at: number;
  /** Milliseconds by which the clock is set forward or back, or by which the computer sleeps. */
  readonly by: number;
}

/**
 * The clock of a computer: each sleep passes at once, unless the disk is being worked on. It can be set back, and the
 * computer can sleep: then the clock has moved on, and the monotonic time has not.
 */
export class SteppedClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #events: ClockEvent[];
  readonly #end: number;
  readonly #stop = new AbortController();
  /** Whether something is under way that time has to wait for. */
  isBusy = (): boolean => false;

  /** @param end when `signal` aborts, in monotonic milliseconds from the beginning */
  constructor(begin: number, end: number, events: readonly ClockEvent[] = []) {
    this.#now = begin;
    this.#end = end;
    this.#events = [...events];
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#monotonic;

  readonly sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    throwIfAborted(signal);
    while (this.isBusy()) await new Promise((resolve) => setImmediate(resolve));
    this.#now += milliseconds;
    this.#monotonic += milliseconds;
    const [next] = this.#events;
    if (next && this.#now >= next.at) {
      this.#events.shift();
      this.#now += next.by;
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#monotonic >= this.#end) this.#stop.abort();
    throwIfAborted(signal);
  };
}
