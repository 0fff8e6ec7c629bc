import { BackupError } from '../../base/errors';
import type { Clock } from '../../base/clock';
import type { Control } from './control';
import type { Habits } from './habits';
import { isDone } from './refusal';
import type { Reply } from './reply';

/** Servers that forget all but the first command of a packet never answer the others, in milliseconds. */
const patience = 5000;

/** What is asked to find out: neither changes anything, and their answers cannot be mistaken. */
const harmless = ['PWD', 'TYPE I'];

/**
 * Whether a server answers all commands that come in one packet, in their order, while no transfer is
 * under way. Nearly all do, also those that take commands out of turn during a transfer (ProFTPD,
 * pyftpdlib); some of devices read a packet and mind its first line. It is found out once for a server.
 */
export class Batches {
  readonly #control: Control;
  readonly #habits: Habits;
  readonly #clock: Clock;

  constructor(control: Control, habits: Habits, clock: Clock) {
    this.#control = control;
    this.#habits = habits;
    this.#clock = clock;
  }

  taken(): Promise<boolean> {
    this.#habits.batches ??= this.#try();
    return this.#habits.batches;
  }

  async #try(): Promise<boolean> {
    const over = new AbortController();
    try {
      const replies = Promise.all(this.#control.send(harmless));
      const late = this.#clock.sleep(patience, over.signal).then(
        () => this.#control.fail(lost()),
        () => undefined,
      );
      const [place, type] = await replies;
      over.abort();
      await late;
      return isPlace(place) && type !== undefined && isDone(type) && !isPlace(type);
    } catch {
      // Whoever asked meets the failure of the connection itself.
      return false;
    } finally {
      over.abort();
    }
  }
}

function isPlace(reply: Reply | undefined): boolean {
  return reply?.code === 257;
}

function lost(): BackupError {
  return new BackupError('connection', 'The server did not answer all commands of one packet.');
}
