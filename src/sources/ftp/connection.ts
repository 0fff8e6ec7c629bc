import type { Socket } from 'node:net';
import { whenAborted } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import type { Clock } from '../../base/clock';
import { Control } from './control';
import { openData, whenOpen, type DataRoute, type Receive } from './dataConnection';
import { featuresOf, type Features } from './features';
import type { Habits } from './habits';
import { login, type Account } from './login';
import { extendedPassivePort, passivePort } from './passive';
import { isDone, isUnknownCommand, refusal } from './refusal';
import type { Reply } from './reply';
import { settleModes } from './settleModes';
import { StallWatch } from './stallWatch';

/** How the server answered a transfer: the replies to the commands before it, and to itself. */
export interface Transferred {
  readonly before: readonly Reply[];
  readonly reply: Reply;
}

interface Transfer {
  readonly before: readonly string[];
  readonly command: string;
  readonly receive: Receive;
  readonly onPrepared: (reply: Reply) => void;
}

/** An EPSV that was sent behind a transfer, and when its reply came. */
interface Prepared {
  readonly reply: Promise<Reply>;
  since: number | undefined;
}

/** A prepared port is used soon or not at all: firewalls and servers forget it. */
const freshness = 5000;

/** Past the end of a transfer, a port that was asked for ahead must come soon, in milliseconds. */
const patienceAhead = 5000;

/** One control connection that is logged in, and the transfers over it, one at a time. */
export class Connection {
  readonly #control: Control;
  readonly #watch: StallWatch;
  readonly #route: DataRoute;
  readonly habits: Habits;
  readonly #clock: Clock;
  readonly #patienceAhead: number;
  #prepared: Prepared | undefined;
  #data: Socket | undefined;
  #dataBytes = 0;
  #loginBytes = 0;

  private constructor(account: Account, habits: Habits, socket: Socket, route: DataRoute) {
    const { clock, log } = account.environment;
    this.#clock = clock;
    this.habits = habits;
    this.#route = route;
    this.#loginBytes = socket.bytesRead;
    this.#patienceAhead = Math.min(patienceAhead, account.server.timeout / 2);
    this.#watch = new StallWatch(clock, account.server.timeout, () =>
      this.fail(this.#stalled(account.server.timeout / 1000)),
    );
    this.#control = new Control(socket, this.#watch, log);
    this.#control.onFailure = () => {
      this.#data?.destroy();
      this.onFailure();
    };
  }

  #stalled(seconds: number): BackupError {
    const message =
      this.#data?.connecting === true
        ? `No data connection within ${seconds} seconds. A firewall may block the passive ports of the server.`
        : `The server said nothing for ${seconds} seconds.`;
    return new BackupError('timeout', message);
  }

  /** Connects, logs in and settles the modes: binary, protected, UTF-8. Errors as `login`. */
  static async open(account: Account, habits: Habits, signal: AbortSignal): Promise<Connection> {
    const session = await login(account, signal);
    const { socket } = session;
    const connection = new Connection(account, habits, socket, {
      address: socket.remoteAddress ?? account.server.host,
      trust: account.trust,
      tlsSession: session.tlsSession,
    });
    const takeBack = whenAborted(signal, () => connection.abort(signal));
    try {
      await settleModes(account, habits, connection);
      connection.#control.doubles255 = habits.doubles255 ?? false;
      return connection;
    } catch (error) {
      connection.fail(new BackupError('connection', 'The login did not succeed.'));
      throw error;
    } finally {
      takeBack();
    }
  }

  /** Called once, when the connection is of no more use. */
  onFailure: () => void = () => undefined;

  get failure(): BackupError | undefined {
    return this.#control.failure;
  }

  get features(): Features {
    return this.habits.features ?? featuresOf({ code: 500, lines: [] });
  }

  get receivedBytes(): number {
    return this.#loginBytes + this.#control.receivedBytes + this.#dataBytes;
  }

  /** Grows with everything that the server has answered or sent. */
  get heard(): number {
    return this.#control.answers + this.#dataBytes;
  }

  ask(command: string): Promise<Reply> {
    return this.#control.ask(command);
  }

  /** All commands in one go, for one round trip. */
  askAll(commands: readonly string[]): Promise<Reply[]> {
    return Promise.all(this.#control.send(commands));
  }

  /** As `askAll`, and has the server open a port for the transfer that comes next, where it does so ahead. */
  askAllAndPrepare(commands: readonly string[]): Promise<Reply[]> {
    return Promise.all(this.#sendAhead(commands));
  }

  fail(error: BackupError): void {
    this.#control.fail(error);
  }

  abort(signal: AbortSignal): void {
    this.#control.abort(signal);
  }

  async close(patience: number): Promise<void> {
    this.#data?.destroy();
    await this.#control.close(patience);
    this.#watch.dispose();
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
    return this.#orClosed(async () => {
      const port = await this.#port();
      return this.#run(port, { before, command, receive, onPrepared });
    });
  }

  /**
   * Runs a command over a data connection that `talk` has to itself once it is open and trusted; it is
   * closed in both directions when `talk` has ended it. Resolves with the server's last reply, which is
   * a refusal if one came before `talk` was done. After an error the connection is closed.
   */
  async converse(command: string, talk: (data: Socket) => Promise<void>): Promise<Reply> {
    return this.#orClosed(async () => {
      const port = await this.#port();
      this.#watch.wait();
      let failed: (error: unknown) => void = () => undefined;
      const failure = new Promise<never>((_resolve, reject) => (failed = reject));
      failure.catch(() => undefined);
      const data = openData(this.#route, port, {
        receive: () => undefined,
        held: () => undefined,
        ended: () => undefined,
        failed,
      });
      this.#data = data;
      try {
        const reply = this.ask(command);
        const talked = whenOpen(data).then(() => talk(data));
        talked.catch(() => undefined);
        const answer = await this.#final([reply], Promise.race([talked, failure]));
        if (isDone(answer)) await talked;
        return answer;
      } finally {
        this.#watch.rest();
        data.destroy();
        this.#data = undefined;
      }
    });
  }

  /** Progress of a conversation: the server has taken more. */
  progress(): void {
    this.#watch.progress();
  }

  async #orClosed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // What ended the control connection also ended the transfer, and says more.
      if (this.failure !== undefined) throw this.failure;
      const known = error instanceof BackupError ? error : undefined;
      this.fail(known ?? new BackupError('connection', 'The transfer was given up.'));
      throw error;
    }
  }

  async #run(
    port: number,
    { before, command, receive, onPrepared }: Transfer,
  ): Promise<Transferred> {
    this.#watch.wait();
    let socket: Socket | undefined;
    const ended = new Promise<void>((resolve, reject) => {
      socket = openData(this.#route, port, {
        receive: (chunk) => {
          this.#dataBytes += chunk.length;
          this.#watch.progress();
          return receive(chunk);
        },
        held: (busy) => (busy ? this.#watch.hold() : this.#watch.release()),
        ended: resolve,
        failed: reject,
      });
      this.#data = socket;
    });
    ended.catch(() => undefined);
    try {
      const replies = this.#sendAhead([...before, command]);
      for (const prepared of replies.slice(0, before.length)) {
        prepared.then(onPrepared, () => undefined);
      }
      const reply = await this.#final(replies, ended);
      if (isDone(reply)) await ended;
      return { before: await Promise.all(replies.slice(0, before.length)), reply };
    } finally {
      this.#watch.rest();
      socket?.destroy();
      this.#data = undefined;
    }
  }

  /** The reply of the transfer; a failed data connection does not wait for it longer than a moment. */
  async #final(replies: readonly Promise<Reply>[], ended: Promise<void>): Promise<Reply> {
    const last = replies.at(-1);
    if (last === undefined) throw new BackupError('protocol', 'Nothing was sent.');
    let timer: NodeJS.Timeout | undefined;
    let answered = false;
    const failed = new Promise<never>((_resolve, reject) => {
      ended.catch((error: unknown) => {
        if (answered) return;
        // A server that refuses often closes the data connection before it says why.
        const waits = error instanceof BackupError && error.kind === 'connection';
        if (waits) timer = setTimeout(() => reject(error), 500);
        else reject(error instanceof Error ? error : new Error(messageOf(error)));
      });
    });
    return Promise.race([last, failed]).finally(() => {
      answered = true;
      clearTimeout(timer);
    });
  }

  #sendAhead(commands: readonly string[]): Promise<Reply>[] {
    if (!this.habits.ahead) return this.#control.send(commands);
    const replies = this.#control.send(commands, this.habits.passive);
    const reply = replies.pop();
    if (reply !== undefined) {
      const prepared: Prepared = { reply, since: undefined };
      reply.then(
        () => (prepared.since = this.#clock.monotonic()),
        () => undefined,
      );
      this.#prepared = prepared;
    }
    return replies;
  }

  /** A port of the server's that waits for a data connection. */
  async #port(): Promise<number> {
    const prepared = await this.#preparedReply();
    if (prepared !== undefined) return this.#portOf(prepared);
    const reply = await this.ask(this.habits.passive);
    if (this.habits.passive === 'EPSV' && isUnknownCommand(reply)) {
      this.habits.passive = 'PASV';
      return this.#portOf(await this.ask('PASV'));
    }
    return this.#portOf(reply);
  }

  async #preparedReply(): Promise<Reply | undefined> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared === undefined) return undefined;
    const reply = await this.#soon(prepared.reply);
    if (!isDone(reply)) {
      this.habits.ahead = false;
      return undefined;
    }
    const now = this.#clock.monotonic();
    return now - (prepared.since ?? now) > freshness ? undefined : reply;
  }

  /** A server that threw the command away will never answer it: from then on, none is sent ahead. */
  #soon(reply: Promise<Reply>): Promise<Reply> {
    const timer = setTimeout(() => {
      this.habits.ahead = false;
      this.fail(new BackupError('connection', 'The server lost a command that was sent ahead.'));
    }, this.#patienceAhead);
    return reply.finally(() => clearTimeout(timer));
  }

  #portOf(reply: Reply): number {
    if (!isDone(reply)) throw refusal(reply, 'The server opens no port for a transfer');
    return this.habits.passive === 'EPSV' ? extendedPassivePort(reply) : passivePort(reply);
  }
}
