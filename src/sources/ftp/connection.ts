import type { Socket } from 'node:net';
import { whenAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Clock } from '../../base/clock';
import { Batches } from './batches';
import { Control } from './control';
import type { DataRoute, Receive } from './dataConnection';
import { demandForTls } from './demandForTls';
import { featuresOf, type Features } from './features';
import type { Habits } from './habits';
import { login, type Account } from './login';
import { Order } from './order';
import { PassivePorts } from './passivePorts';
import { isDone } from './refusal';
import type { Reply } from './reply';
import { settleModes } from './settleModes';
import { StallWatch } from './stallWatch';
import { Transfers, type Transferred } from './transfers';

/** One control connection that is logged in, and the transfers over it, one at a time. */
export class Connection {
  readonly #control: Control;
  readonly #watch: StallWatch;
  readonly habits: Habits;
  readonly #order: Order;
  readonly #clock: Clock;
  /** The quickest answer so far, in milliseconds. */
  #roundTrip = 1000;
  readonly #ports: PassivePorts;
  readonly #batches: Batches;
  readonly #transfers: Transfers;
  #loginBytes = 0;

  private constructor(account: Account, habits: Habits, socket: Socket, route: DataRoute) {
    const { clock, log } = account.environment;
    this.#clock = clock;
    this.habits = habits;
    this.#loginBytes = socket.bytesRead;
    this.#watch = new StallWatch(clock, account.server.timeout, () => {
      this.#doubtPackets();
      this.fail(this.#stalled(account.server.timeout / 1000));
    });
    this.#control = new Control(socket, this.#watch, log);
    const { timeout } = account.server;
    const ports = new PassivePorts(this.#control, habits, { ...route, clock, log, timeout });
    this.#ports = ports;
    this.#batches = new Batches(this.#control, habits, clock);
    this.#order = new Order(this.#control, habits, log, () => 20 + 2 * this.#roundTrip);
    this.#transfers = new Transfers({
      control: this.#control,
      watch: this.#watch,
      route,
      ports,
      order: this.#order,
      habits,
      ask: (command) => this.ask(command),
    });
    // Later, the text of a refusal may be of a file's name.
    this.#control.fatal = (reply) =>
      habits.routeWorks ? undefined : demandForTls(reply, account.server);
    this.#control.onJoinedAnswered = () => (habits.packetsWork = true);
    this.#control.onFailure = () => {
      this.#transfers.drop();
      this.onFailure();
    };
  }

  /** Some devices read a packet and mind its first command: nothing is lost but the others, and time. */
  #doubtPackets(): void {
    if (this.habits.packetsWork || !this.#control.awaitsJoined) return;
    this.#order.refute('it did not answer all commands of one packet.');
  }

  #stalled(seconds: number): BackupError {
    const message = this.#transfers.isConnecting
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
    return this.#loginBytes + this.#control.receivedBytes + this.dataBytes;
  }

  /** Grows with everything that the server has answered or sent. */
  get heard(): number {
    return this.#control.answers + this.dataBytes;
  }

  /** How many bytes have come over data connections. */
  get dataBytes(): number {
    return this.#transfers.dataBytes;
  }

  async ask(command: string): Promise<Reply> {
    const start = this.#clock.monotonic();
    const reply = await this.#control.ask(command);
    this.#roundTrip = Math.min(this.#roundTrip, this.#clock.monotonic() - start);
    return reply;
  }

  /** In one go, for one round trip, where the server takes commands in order; else one by one. */
  async askAll(commands: readonly string[]): Promise<Reply[]> {
    if (this.#order.holds) return Promise.all(this.#control.send(commands));
    const replies: Reply[] = [];
    for (const command of commands) replies.push(await this.ask(command));
    return replies;
  }

  /**
   * As `askAll`, but of a server that minds only what comes during a transfer, while none is under way:
   * then it need not be known to take all in order.
   */
  async askTogether(commands: readonly string[]): Promise<Reply[]> {
    const isTaken = this.#order.holds || (await this.#batches.taken());
    return isTaken ? Promise.all(this.#control.send(commands)) : this.askAll(commands);
  }

  /** As `askTogether`, and has the server open a port for the transfer that comes next. */
  async askTogetherAndPrepare(commands: readonly string[]): Promise<Reply[]> {
    if (this.#order.holds) return Promise.all(this.#transfers.sendAhead(commands));
    if (!(await this.#batches.taken())) return this.askAll(commands);
    return Promise.all(this.#ports.sendAhead(commands));
  }

  fail(error: BackupError): void {
    this.#control.fail(error);
  }

  abort(signal: AbortSignal): void {
    this.#control.abort(signal);
  }

  async close(patience: number): Promise<void> {
    this.#transfers.drop();
    await this.#control.close(patience);
    this.#watch.dispose();
  }

  /** As `Transfers.transfer`. */
  transfer(
    before: readonly string[],
    command: string,
    receive: Receive,
    onPrepared?: (reply: Reply) => void,
  ): Promise<Transferred> {
    return this.#transfers.transfer(before, command, receive, onPrepared);
  }

  /**
   * As `Transfers.converse`; `behind` are commands that are asked once the transfer is done, with their
   * replies.
   */
  async converse(
    command: string,
    talk: (data: Socket) => Promise<void>,
    behind: readonly string[],
  ): Promise<{ readonly reply: Reply; readonly behind: readonly Reply[] }> {
    const { reply, behind: sent } = await this.#transfers.converse(command, talk, behind);
    if (!sent)
      return { reply, behind: isDone(reply) ? await this.askTogetherAndPrepare(behind) : [] };
    try {
      return { reply, behind: await Promise.all(sent) };
    } catch (error) {
      // Perhaps the server forgets what comes during an upload, if that takes long enough.
      this.habits.behindUploads = false;
      throw error;
    }
  }

  /** Progress of a conversation: the server has taken more. */
  progress(): void {
    this.#watch.progress();
  }
}
