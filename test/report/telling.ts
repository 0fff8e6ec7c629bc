import { silentLog } from '../../src/base/log';
import type { Log } from '../../src/base/log';
import type { Clock } from '../../src/base/clock';
import type { TellingContext } from '../../src/report/tell';
import { TestClock } from '../sources/testClock';

/** A context that waits without waiting, and what was logged and asked for. */
export class Telling {
  readonly clock = new TestClock();
  readonly stop = new AbortController();
  readonly lines: string[] = [];
  readonly asked: string[] = [];
  readonly #password: string | undefined;
  readonly #deadline: number;

  constructor(password?: string, deadline = 5000) {
    this.#password = password;
    this.#deadline = deadline;
  }

  context(clock: Clock = this.clock): TellingContext {
    const write = (line: string): void => void this.lines.push(line);
    const log: Log = { ...silentLog, info: write, warn: write };
    const password = (endpoint: string): Promise<string | undefined> => {
      this.asked.push(endpoint);
      return Promise.resolve(this.#password);
    };
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    return {
      environment: { clock, log, credentials: { password, passphrase: nothing, answers: nothing } },
      signal: this.stop.signal,
      limits: { patience: { attempts: 3, firstDelay: 1000 }, deadline: this.#deadline },
    };
  }
}
