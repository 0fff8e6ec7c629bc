import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';

/** Milliseconds. */
const period = 600_000;
/** The least that must come in a period, in bytes. */
const least = 4096;

/** Ends a file of unknown size that goes on coming, but so little at a time that it has no end. */
export class Pace {
  readonly #clock: Clock;
  #since: number;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** Throws `timeout`. */
  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < least && this.#clock.monotonic() - this.#since < period) return;
    if (this.#bytes < least) {
      throw new BackupError('timeout', 'The file comes so slowly that it does not seem to end.');
    }
    this.#since = this.#clock.monotonic();
    this.#bytes = 0;
  }
}
