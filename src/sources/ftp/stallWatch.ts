import type { Clock } from '../../base/clock';

/**
 * Notices when a server that we wait for makes no progress. One timer serves a whole connection:
 * noting progress only stores a number, as it happens for every chunk of data.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #stalled: () => void;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #held = 0;
  #progress = 0;
  #disposed = false;

  /** `stalled` is called once nothing has come for `timeout` milliseconds while somebody waits. */
  constructor(clock: Clock, timeout: number, stalled: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#stalled = stalled;
  }

  /** From now on somebody waits. Each call needs its `rest`. */
  wait(): void {
    this.#waiting += 1;
    if (this.#waiting > 1 || this.#disposed) return;
    this.#progress = this.#clock.monotonic();
    this.#timer ??= setTimeout(this.#check, this.#timeout);
  }

  rest(): void {
    this.#waiting -= 1;
  }

  progress(): void {
    this.#progress = this.#clock.monotonic();
  }

  /** Until `release`, it is us who keep the server waiting. */
  hold(): void {
    this.#held += 1;
  }

  release(): void {
    this.#held -= 1;
    this.progress();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#disposed = true;
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    if (this.#waiting <= 0 || this.#disposed) return;
    const left = this.#progress + this.#timeout - this.#clock.monotonic();
    if (left <= 0 && this.#held === 0) this.#stalled();
    else this.#timer = setTimeout(this.#check, left > 0 ? left : this.#timeout);
  };
}
