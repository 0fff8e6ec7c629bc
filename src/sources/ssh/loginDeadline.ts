import { BackupError } from '../../base/errors';

/**
 * How long a login may wait for the server. The clock stands still while a person is asked for a
 * passphrase or a code.
 */
export class LoginDeadline implements Disposable {
  readonly #milliseconds: number;
  readonly #address: string;
  readonly #expired: (error: BackupError) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, address: string, expired: (error: BackupError) => void) {
    this.#milliseconds = milliseconds;
    this.#address = address;
    this.#expired = expired;
  }

  /** The server has the word: counts from now. */
  start(milliseconds = this.#milliseconds): void {
    this.stop();
    this.#timer = setTimeout(() => {
      const seconds = Math.round(milliseconds / 100) / 10;
      const message = `No answer from ${this.#address} for ${seconds} seconds while logging in.`;
      this.#expired(new BackupError('timeout', message, { scope: 'run' }));
    }, milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
