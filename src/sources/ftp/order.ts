import { BackupError } from '../../base/errors';
import type { Log } from '../../base/log';
import type { Control } from './control';
import type { Habits } from './habits';
import { isDone } from './refusal';
import type { Reply } from './reply';

/** What a transfer does, as seen from here: servers that bear a command behind the one may not behind the other. */
export type Direction = 'receiving' | 'sending';

/** A server that refuses the question during a transfer is asked again, but not at every transfer. */
const mostProbes = 3;

/** Past the end of the transfer, the answer must come soon, in milliseconds. */
const patience = 5000;

/**
 * Whether a server takes one command after the other, so that one may be sent ahead of the answer to
 * another. Some do not: pyftpdlib obeys EPSV in the middle of a transfer and closes that, ftp-srv
 * what arrives in two packets at the same time. What a greeting says is no proof, and behind one
 * address there may be several servers: each login proves it anew.
 *
 * The proof is PWD, sent behind a transfer that cannot have ended, as what it transfers is withheld
 * until then, the data connection or what is to be uploaded: who is busy with the transfer answers PWD
 * after it. Behind an upload it is sent when that has been announced: a server that is so busy with
 * others that it finds both at once takes them in order, once.
 */
export class Order {
  readonly #control: Control;
  readonly #habits: Habits;
  readonly #log: Log;
  /** Milliseconds that an answer may take to come, if one comes. */
  readonly #moment: () => number;
  #proven = false;
  /** Whether a command may be sent behind an upload: Pure-FTPd reads and forgets what comes during one. */
  #provenSending = false;
  #probes = 0;
  #probing: Promise<void> = Promise.resolve();

  constructor(control: Control, habits: Habits, log: Log, moment: () => number) {
    this.#control = control;
    this.#habits = habits;
    this.#log = log;
    this.#moment = moment;
  }

  /** Whether commands may be sent ahead. */
  get holds(): boolean {
    return this.#proven && !this.#habits.oneByOne;
  }

  /** Whether commands may be sent behind an upload that has not ended. */
  get holdsBehindUploads(): boolean {
    return this.#provenSending && this.#habits.behindUploads && !this.#habits.oneByOne;
  }

  wantsProof(direction: Direction): boolean {
    if (this.#habits.oneByOne || this.#probes >= mostProbes) return false;
    return direction === 'receiving'
      ? !this.#proven
      : !this.#provenSending && this.#habits.behindUploads;
  }

  /** Resolves when the answer to a probe that is under way has come. */
  settled(): Promise<void> {
    return this.#probing;
  }

  /** From now on, on all connections, each command waits for the answer to the one before. */
  refute(why: string): void {
    if (this.#habits.oneByOne) return;
    this.#habits.oneByOne = true;
    this.#log.info(`The server takes several commands at once; they are sent one by one: ${why}`);
  }

  /** Something went wrong that may come of a command sent ahead: this connection has to do without. */
  suspect(why: string): void {
    this.#proven = false;
    this.#provenSending = false;
    this.#probes = mostProbes;
    this.#habits.suspicions += 1;
    if (this.#habits.suspicions > 1) this.refute(why);
  }

  /**
   * Asks while the transfer of `final` waits, at the latest a moment after the server should have `begun`
   * it, and has it go on.
   */
  async probe(
    direction: Direction,
    final: Promise<Reply>,
    goOn: () => void,
    begun?: Promise<void>,
  ): Promise<void> {
    this.#probes += 1;
    const transfer = { reply: undefined as Reply | undefined };
    const ended = final.then(
      (reply) => (transfer.reply = reply),
      (): undefined => undefined,
    );
    if (begun) await within(patience, ended, begun);
    else await within(this.#moment(), ended);
    if (transfer.reply === undefined && this.#control.failure === undefined) {
      const answer = { reply: undefined as Reply | undefined };
      this.#probing = this.#control.probe().then(
        (reply) => {
          answer.reply = reply;
          return this.#judge(direction, reply, transfer.reply, ended);
        },
        () => undefined,
      );
      void this.#noticeLoss(direction, transfer, ended, answer);
      await within(this.#moment(), ended, this.#probing);
    }
    if (this.#control.failure !== undefined) return;
    if (transfer.reply === undefined || isDone(transfer.reply)) goOn();
  }

  /** A server that threw the question away will never answer it, and would throw others away. */
  async #noticeLoss(
    direction: Direction,
    transfer: { readonly reply: Reply | undefined },
    ended: Promise<unknown>,
    answer: { readonly reply: Reply | undefined },
  ): Promise<void> {
    await ended;
    await within(patience, this.#probing);
    if (answer.reply !== undefined || transfer.reply === undefined) return;
    if (direction === 'sending') this.#habits.behindUploads = false;
    else this.refute('it lost a command in the middle of a transfer.');
    this.#control.fail(new BackupError('connection', 'The server lost a command.'));
  }

  /**
   * Pure-FTPd 1.0.50 refuses what it finds in the middle of a transfer: it obeys nothing out of turn, but
   * a port cannot be asked for ahead.
   */
  async #judge(
    direction: Direction,
    answer: Reply,
    transfer: Reply | undefined,
    ended: Promise<Reply | undefined>,
  ): Promise<void> {
    const early = transfer === undefined;
    if (early && isDone(answer)) {
      this.refute('it answered a command in the middle of a transfer.');
      return;
    }
    if (early && direction === 'sending') this.#habits.behindUploads = false;
    else if (early) this.#habits.ahead = false;
    const reply = transfer ?? (await ended);
    this.#proven = reply !== undefined && isDone(reply);
    if (direction === 'sending') this.#provenSending = this.#proven && !early;
  }
}

/** Resolves with the first of the promises, at the latest after so many milliseconds. */
async function within(milliseconds: number, ...promises: Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([over, ...promises]);
  clearTimeout(timer);
}
