import { asRunError, type BackupError } from '../base/errors';
import type { Clock } from '../base/clock';
import { usualPatience } from '../base/retry';

/** So many transient failures in a row, with nothing read between, mean that the server is gone. */
const mostFailuresInARow = 12;

/** Tells a server that is gone from files that cannot be read. */
export class FailuresInARow {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #count = 0;
  /** Counts the failures that were not of one piece with another: a lost connection fails every lane at once. */
  #round = 0;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  get round(): number {
    return this.#round;
  }

  /** The server has shown that it is there. */
  forget(): void {
    this.#count = 0;
  }

  /**
   * Waits before a transient failure is tried again. False if it is not to be; throws if the server is
   * gone.
   * @param round when the reading began that failed
   */
  async mayTryAgain(error: BackupError, attempt: number, round: number): Promise<boolean> {
    if (!error.transient) {
      this.forget();
      return false;
    }
    if (round === this.#round) {
      this.#round += 1;
      this.#count += 1;
    }
    if (this.#count >= mostFailuresInARow) throw asRunError(error);
    if (attempt >= usualPatience.attempts) return false;
    await this.#clock.sleep(usualPatience.firstDelay * 2 ** (attempt - 1), this.#signal);
    return true;
  }
}
