import { connect, type Socket } from 'node:net';
import { BackupError, messageOf } from '../../base/errors';
import type { Clock } from '../../base/clock';
import type { Log } from '../../base/log';
import type { Control } from './control';
import type { Habits, PassiveCommand } from './habits';
import { passivePortIn } from './passive';
import { isDone, isUnknownCommand, quoted, refusal } from './refusal';
import type { Reply } from './reply';

/** An EPSV that was sent behind a transfer, and when its reply came. */
interface Prepared {
  readonly reply: Promise<Reply>;
  since: number | undefined;
}

/** A prepared port is used soon or not at all: firewalls and servers forget it. */
const freshness = 5000;

/** Past the end of a transfer, a port that was asked for ahead must come soon, in milliseconds. */
const patienceAhead = 5000;

/** As long as no way to a port has worked, a connection to one may take so long, in milliseconds. */
const patienceUntried = 10_000;

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** The address that ports are connected to. */
  readonly address: string;
  /** Milliseconds without an answer after which a connection counts as dead. */
  readonly timeout: number;
}

/**
 * The ports that a server opens for transfers, over one control connection: asked for by EPSV or PASV,
 * whichever leads to a connection, and asked for ahead of a transfer where the server bears that.
 */
export class PassivePorts {
  readonly #control: Control;
  readonly #habits: Habits;
  readonly #around: Surroundings;
  #prepared: Prepared | undefined;

  constructor(control: Control, habits: Habits, around: Surroundings) {
    this.#control = control;
    this.#habits = habits;
    this.#around = around;
  }

  /** Sends commands, and behind them, if none is waiting, the question for the port of the transfer that comes next. */
  sendAhead(commands: readonly string[]): Promise<Reply>[] {
    if (this.#prepared && this.#isFresh(this.#prepared)) return this.#control.send(commands);
    const replies = this.#control.send(commands, this.#habits.passive);
    const reply = replies.pop();
    if (reply !== undefined) {
      const prepared: Prepared = { reply, since: undefined };
      reply.then(
        () => (prepared.since = this.#around.clock.monotonic()),
        () => undefined,
      );
      this.#prepared = prepared;
    }
    return replies;
  }

  /** A port that waits for a connection. */
  async port(): Promise<number> {
    const prepared = await this.#preparedPort();
    if (prepared !== undefined) return prepared;
    const port = await this.#ask(this.#habits.passive);
    if (typeof port === 'number') return port;
    throw port;
  }

  /**
   * A connection to a port, which is there before anything is asked for over it. As long as neither
   * EPSV nor PASV has been seen to work, the one is tried where the other fails.
   */
  async connected(): Promise<Socket> {
    const prepared = await this.#preparedPort();
    if (prepared !== undefined) {
      const socket = await this.#connect(prepared);
      if (!(socket instanceof BackupError)) return socket;
    }
    const first = await this.#connectBy(this.#habits.passive);
    if (!(first instanceof BackupError)) return first;
    if (this.#habits.routeWorks) throw first;
    const other = otherThan(this.#habits.passive);
    const second = await this.#connectBy(other);
    if (second instanceof BackupError) throw neither(first, second, this.#habits.passive);
    this.turnTo(other, first.message);
    return second;
  }

  /** From now on ports are asked for in this way, on all connections of the server. */
  turnTo(passive: PassiveCommand, why: string): void {
    this.#habits.passive = passive;
    this.#around.log.info(`Ports for transfers are asked for by ${passive} from now on: ${why}`);
  }

  async #connectBy(passive: PassiveCommand): Promise<Socket | BackupError> {
    try {
      const port = await this.#ask(passive);
      return port instanceof BackupError ? port : await this.#connect(port);
    } catch (error) {
      // It never answered, or hung up: the next login begins with the other.
      if (!this.#habits.routeWorks) this.turnTo(otherThan(passive), messageOf(error));
      throw error;
    }
  }

  async #ask(passive: PassiveCommand): Promise<number | BackupError> {
    const reply = await this.#control.ask(passive);
    if (!isDone(reply)) return refusal(reply, 'The server opens no port for a transfer');
    const port = passivePortIn(reply);
    const problem = `No port for a transfer was given: ${quoted(reply)}`;
    return port ?? new BackupError('protocol', problem);
  }

  #connect(port: number): Promise<Socket | BackupError> {
    const { address, timeout } = this.#around;
    const patience = Math.min(patienceUntried, timeout / 2);
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, noDelay: true });
      const finish = (outcome: Socket | BackupError): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        if (outcome !== socket) socket.on('error', () => undefined).destroy();
        resolve(outcome);
      };
      const timer = setTimeout(() => finish(unreachable(port, patience)), patience);
      socket.once('connect', () => finish(socket));
      socket.once('error', (error) => finish(failed(port, error)));
    });
  }

  async #preparedPort(): Promise<number | undefined> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared === undefined) return undefined;
    const reply = await this.#soon(prepared.reply);
    if (!isDone(reply)) {
      if (reply.code === 450 || isUnknownCommand(reply)) this.#habits.ahead = false;
      else this.#habits.oneByOne = true;
      return undefined;
    }
    return this.#isFresh(prepared) ? passivePortIn(reply) : undefined;
  }

  #isFresh({ since }: Prepared): boolean {
    return since === undefined || this.#around.clock.monotonic() - since <= freshness;
  }

  /** A server that threw the command away will never answer it: from then on, none is sent ahead. */
  #soon(reply: Promise<Reply>): Promise<Reply> {
    const patience = Math.min(patienceAhead, this.#around.timeout / 2);
    const timer = setTimeout(() => {
      this.#habits.oneByOne = true;
      this.#control.fail(
        new BackupError('connection', 'The server lost a command that was sent ahead.'),
      );
    }, patience);
    return reply.finally(() => clearTimeout(timer));
  }
}

function otherThan(passive: PassiveCommand): PassiveCommand {
  return passive === 'EPSV' ? 'PASV' : 'EPSV';
}

function unreachable(port: number, patience: number): BackupError {
  const message = `No data connection to port ${port} within ${patience / 1000} seconds. A firewall may block the passive ports of the server.`;
  return new BackupError('timeout', message);
}

function failed(port: number, error: Error): BackupError {
  const message = `The data connection to port ${port} failed: ${error.message}.`;
  return new BackupError('connection', message, { cause: error });
}

function neither(first: BackupError, second: BackupError, passive: PassiveCommand): BackupError {
  const message = `${passive}: ${first.message} ${otherThan(passive)}: ${second.message}`;
  return new BackupError(first.kind, message, { cause: second });
}
