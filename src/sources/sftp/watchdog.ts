import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';

/** What a watchdog looks at. */
export interface Watched {
  /** The number of the oldest request that is not answered, or undefined. */
  readonly oldest: number | undefined;
}

/** A server that answers others first may do so, but not for ever. */
const mostRounds = 10;

/**
 * Notices a server that has gone silent: no byte for `timeout` milliseconds while an answer is
 * awaited. One timer for each channel, which is not touched when bytes arrive: a timer for each
 * request costs more than the request.
 */
export class Watchdog implements Disposable {
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #watched: Watched;
  readonly #expired: (error: BackupError) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastSign = 0;
  #oldest: number | undefined;
  #rounds = 0;

  constructor(
    timeout: number,
    clock: Clock,
    watched: Watched,
    expired: (error: BackupError) => void,
  ) {
    this.#timeout = timeout;
    this.#clock = clock;
    this.#watched = watched;
    this.#expired = expired;
  }

  /** An answer is awaited from now on. */
  start(): void {
    if (this.#timer) return;
    this.#lastSign = this.#clock.monotonic();
    this.#oldest = this.#watched.oldest;
    this.#rounds = 0;
    this.#schedule(this.#timeout);
  }

  /** Bytes have arrived. */
  sign(): void {
    this.#lastSign = this.#clock.monotonic();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(delay: number): void {
    this.#timer = setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    this.#timer = undefined;
    const { oldest } = this.#watched;
    if (oldest === undefined) return;
    const silence = this.#clock.monotonic() - this.#lastSign;
    this.#rounds = oldest === this.#oldest ? this.#rounds + 1 : 0;
    this.#oldest = oldest;
    if (silence >= this.#timeout || this.#rounds >= mostRounds) {
      const seconds = Math.round(this.#timeout / 100) / 10;
      this.#expired(
        new BackupError('timeout', `The server has not answered for ${seconds} seconds.`),
      );
      return;
    }
    this.#schedule(Math.max(1, this.#timeout - silence));
  }
}
