import type { Socket } from 'node:net';
import { BackupError, BugError } from '../../base/errors';
import type { Control } from './control';
import { openData, whenOpen, type DataRoute, type Receive } from './dataConnection';
import { finalReply } from './finalReply';
import type { Habits } from './habits';
import type { Order } from './order';
import type { PassivePorts } from './passivePorts';
import { isDone, speaksOfDataConnection } from './refusal';
import { textOfReply, type Reply } from './reply';
import type { StallWatch } from './stallWatch';

/** How the server answered a transfer: the replies to the commands before it, and to itself. */
export interface Transferred {
  readonly before: readonly Reply[];
  readonly reply: Reply;
}

/** How the server answered a conversation, and to what was sent behind it, if anything was. */
export interface Conversed {
  readonly reply: Reply;
  readonly behind?: readonly Promise<Reply>[];
}

interface Transfer {
  readonly before: readonly string[];
  readonly command: string;
  readonly receive: Receive;
  readonly onPrepared: (reply: Reply) => void;
}

export interface TransferParts {
  readonly control: Control;
  readonly watch: StallWatch;
  readonly route: DataRoute;
  readonly ports: PassivePorts;
  readonly order: Order;
  readonly habits: Habits;
  readonly ask: (command: string) => Promise<Reply>;
}

/** The transfers of one control connection, one at a time. */
export class Transfers {
  readonly #control: Control;
  readonly #watch: StallWatch;
  readonly #route: DataRoute;
  readonly #ports: PassivePorts;
  readonly #order: Order;
  readonly #habits: Habits;
  readonly #ask: (command: string) => Promise<Reply>;
  #swapped = false;
  #data: Socket | undefined;
  #dataBytes = 0;

  constructor(parts: TransferParts) {
    this.#control = parts.control;
    this.#watch = parts.watch;
    this.#route = parts.route;
    this.#ports = parts.ports;
    this.#order = parts.order;
    this.#habits = parts.habits;
    this.#ask = parts.ask;
    this.#control.onSwapped = () => {
      this.#swapped = true;
      this.#order.refute('it opened a port in the middle of a transfer.');
    };
  }

  /** How many bytes have come over data connections. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  /** Whether a data connection is being opened. */
  get isConnecting(): boolean {
    return this.#data?.connecting === true;
  }

  /** Closes the data connection, if there is one. */
  drop(): void {
    this.#data?.destroy();
  }

  /**
   * Runs a command that sends data (RETR, MLSD, LIST), after commands that prepare it, whose
   * replies `onPrepared` sees before any data is received. A refusal is
   * a reply like any other; a transfer that did not end as the server says it did is an error, and
   * so is what `receive` throws. After an error the connection is closed.
   */
  async transfer(
    before: readonly string[],
    command: string,
    receive: Receive,
    onPrepared: (reply: Reply) => void = () => undefined,
  ): Promise<Transferred> {
    const transfer: Transfer = { before, command, receive, onPrepared };
    return this.#orClosed(async () => {
      await this.#order.settled();
      if (!this.#order.holds) return this.#carefully(transfer);
      const bytes = this.#dataBytes;
      const quick = await this.#quickly(transfer);
      if (!isSignOfDisorder(quick.reply)) return quick;
      if (this.#dataBytes > bytes) {
        this.#order.suspect(textOfReply(quick.reply));
        return quick;
      }
      const again = await this.#carefully(transfer);
      if (isDone(again.reply)) this.#order.refute(textOfReply(quick.reply));
      return again;
    });
  }

  /**
   * Runs a command over a data connection that `talk` has to itself once it is open and trusted; it is
   * closed in both directions when `talk` has ended it. `behind` are commands that go out as soon as all
   * is sent, where the server bears that. Resolves with the server's last reply to the transfer, which is
   * a refusal if one came before `talk` was done. After an error the connection is closed.
   */
  async converse(
    command: string,
    talk: (data: Socket) => Promise<void>,
    behind: readonly string[],
  ): Promise<Conversed> {
    return this.#orClosed(async () => {
      await this.#order.settled();
      const probes = this.#order.wantsProof('sending') && this.#habits.routeWorks;
      const isOrdered = this.#order.holds || probes;
      const way = isOrdered ? await this.#ports.port() : await this.#ports.connected();
      this.#watch.wait();
      let sent: Promise<Reply>[] | undefined;
      const send = (): void => {
        if (this.#order.holdsBehindUploads) sent = this.sendAhead(behind);
      };
      const begun = new Promise<void>((resolve) => (this.#control.onBegun = resolve));
      try {
        let mayTalk: () => void = () => undefined;
        const allowed = new Promise<void>((resolve) => (mayTalk = resolve));
        const reply = this.#control.ask(command);
        const talked = this.#talkOver(way, async (data) => {
          await allowed;
          await talk(data);
          send();
        });
        if (probes) void this.#order.probe('sending', reply, mayTalk, begun);
        else mayTalk();
        const answer = await finalReply(reply, talked);
        if (isDone(answer)) await talked;
        if (isDone(answer)) this.#habits.routeWorks = true;
        return { reply: answer, ...(sent && { behind: sent }) };
      } catch (error) {
        // Perhaps what was sent behind it did the harm.
        if (sent) this.#habits.behindUploads = false;
        throw error;
      } finally {
        this.#watch.rest();
        this.#data?.destroy();
        this.#data = undefined;
      }
    });
  }

  /** Opens a data connection, and talks over it. */
  #talkOver(way: number | Socket, talk: (data: Socket) => Promise<void>): Promise<void> {
    const talked = new Promise<void>((resolve, reject) => {
      const data = openData(this.#route, way, {
        receive: () => undefined,
        held: () => undefined,
        ended: () => undefined,
        failed: reject,
      });
      this.#data = data;
      whenOpen(data)
        .then(() => talk(data))
        .then(resolve, reject);
    });
    talked.catch(() => undefined);
    return talked;
  }

  async #orClosed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // What ended the control connection also ended the transfer, and says more.
      if (this.#control.failure !== undefined) throw this.#control.failure;
      const known = error instanceof BackupError ? error : undefined;
      this.#control.fail(known ?? new BackupError('connection', 'The transfer was given up.'));
      throw error;
    }
  }

  /** With as few round trips as can be: commands go out before the answers to those before them. */
  async #quickly({ before, command, receive, onPrepared }: Transfer): Promise<Transferred> {
    const bytes = this.#dataBytes;
    let replies: Promise<Reply>[] = [];
    try {
      const reply = await this.#run(await this.#ports.port(), receive, (open) => {
        open();
        replies = this.sendAhead([...before, command]);
        const last = replies.pop();
        for (const prepared of replies) prepared.then(onPrepared, () => undefined);
        return last ?? Promise.reject(new BugError('nothing was sent'));
      });
      return { before: await Promise.all(replies), reply };
    } catch (error) {
      const lost = error instanceof BackupError && error.kind === 'connection';
      if (lost && this.#control.failure === undefined && this.#dataBytes === bytes)
        this.#order.suspect(error.message);
      throw error;
    }
  }

  /** One by one, and while that may yet show that it need not be, with a probe. */
  async #carefully(transfer: Transfer): Promise<Transferred> {
    const probes = this.#order.wantsProof('receiving') && this.#habits.routeWorks;
    const result = await this.#oneByOne(transfer, probes);
    const untold = isDone(result.reply) || result.reply.code !== 425 || this.#habits.routeWorks;
    if (isDone(result.reply)) this.#habits.routeWorks = true;
    if (untold) return result;
    // The port was there, but the server could not use it: some can only with the other command.
    this.#ports.turnTo(
      this.#habits.passive === 'EPSV' ? 'PASV' : 'EPSV',
      textOfReply(result.reply),
    );
    const again = await this.#oneByOne(transfer, false);
    if (isDone(again.reply)) this.#habits.routeWorks = true;
    return again;
  }

  async #oneByOne(
    { before, command, receive, onPrepared }: Transfer,
    probes: boolean,
  ): Promise<Transferred> {
    const way = probes ? await this.#ports.port() : await this.#ports.connected();
    if (typeof way !== 'number') this.#data = way;
    const replies: Reply[] = [];
    for (const one of before) {
      const reply = await this.#ask(one);
      replies.push(reply);
      onPrepared(reply);
      if (isDone(reply) || !one.startsWith('CWD ')) continue;
      this.#data?.destroy();
      return { before: replies, reply };
    }
    const reply = await this.#run(way, receive, (open) => {
      const final = this.#control.ask(command);
      if (probes) void this.#order.probe('receiving', final, open);
      else open();
      return final;
    });
    return { before: replies, reply };
  }

  /** A transfer over a data connection that `send` opens when it is time. */
  async #run(
    way: number | Socket,
    receive: Receive,
    send: (open: () => void) => Promise<Reply>,
  ): Promise<Reply> {
    this.#watch.wait();
    this.#swapped = false;
    let finish: () => void = () => undefined;
    let failed: (error: unknown) => void = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      finish = resolve;
      failed = reject;
    });
    const open = (): void => {
      this.#data = openData(this.#route, way, {
        receive: (chunk) => {
          this.#dataBytes += chunk.length;
          this.#watch.progress();
          return receive(chunk);
        },
        held: (busy) => (busy ? this.#watch.hold() : this.#watch.release()),
        ended: finish,
        failed,
      });
    };
    ended.catch(() => undefined);
    try {
      const reply = await finalReply(send(open), ended);
      if (isDone(reply)) await ended;
      this.#requireOrder();
      return reply;
    } finally {
      this.#watch.rest();
      this.#data?.destroy();
      this.#data = undefined;
    }
  }

  #requireOrder(): void {
    if (this.#swapped) throw outOfOrder();
  }

  /** Sends commands, and behind them the question for the next port where the server bears that. */
  sendAhead(commands: readonly string[]): Promise<Reply>[] {
    return this.#habits.ahead ? this.#ports.sendAhead(commands) : this.#control.send(commands);
  }
}

/** What servers say that did not find the port, or lost it, because of a command that came ahead. */
function isSignOfDisorder(reply: Reply): boolean {
  if (isDone(reply)) return false;
  return [425, 451, 551].includes(reply.code) || speaksOfDataConnection(reply);
}

function outOfOrder(): BackupError {
  const message = 'The server answered out of order; it is asked again, one command at a time.';
  return new BackupError('connection', message);
}
