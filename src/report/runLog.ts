import fs from 'node:fs';
import type { Clock } from '../base/clock';
import type { Log } from '../base/log';
import { diskError } from '../store/diskError';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** The log of one run, a readable line for each event; passed on to another log as well. */
export class RunLog implements Log, Disposable {
  readonly #file: number;
  readonly #clock: Clock;
  readonly #next: Log;

  constructor(path: string, clock: Clock, next: Log) {
    try {
      this.#file = fs.openSync(path, 'a', 0o644);
    } catch (error) {
      throw diskError(error);
    }
    this.#clock = clock;
    this.#next = next;
  }

  trace(message: string): void {
    this.#next.trace(message);
  }

  debug(message: string): void {
    this.#next.debug(message);
  }

  info(message: string): void {
    this.#write('info', message);
  }

  warn(message: string): void {
    this.#write('warn', message);
  }

  error(message: string): void {
    this.#write('error', message);
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#file);
  }

  #write(level: Level, message: string): void {
    this.#next[level](message);
    const time = new Date(this.#clock.now()).toISOString();
    try {
      fs.writeSync(this.#file, `${time} ${level.padEnd(5)} ${message}\n`);
    } catch {
      // A full disk is met, and reported, where the backup itself is written.
    }
  }
}
