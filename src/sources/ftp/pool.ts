import { abortReason, throwIfAborted, whenAborted } from '../../base/abort';
import { asRunError, BackupError, messageOf, type ErrorKind } from '../../base/errors';
import { retry } from '../../base/retry';
import { Connection } from './connection';
import { freshHabits, type Habits } from './habits';
import type { Account } from './login';

interface Waiting {
  readonly take: (connection: Connection) => void;
  readonly reject: (error: BackupError) => void;
}

/** How a server says that it is one connection too many. */
const limitKinds: ReadonlySet<ErrorKind> = new Set(['too-many-connections', 'authentication']);

/** After a further connection failed for another reason than a limit, in milliseconds. */
const pause = 5000;

/**
 * A limit that was learnt is tried again after so long, in milliseconds, and after twice as long each time
 * that it still holds: another client may have held the connections.
 */
const firstPatience = 60_000;
const mostPatience = 15 * 60_000;

/** How long a goodbye may take, in milliseconds. */
const goodbye = 200;

/**
 * The control connections of one server: one task at a time on each, opened as they are needed, up
 * to a width that the server teaches us by refusing more.
 */
export class Pool {
  readonly #account: Account;
  readonly #habits: Habits = freshHabits();
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #queue: Waiting[] = [];
  readonly #life = new AbortController();
  #width: number;
  #opening = 0;
  #notBefore = 0;
  /** When one connection more than the limit may be tried; never before one was learnt. */
  #raiseAt = Infinity;
  #patience = firstPatience;
  #closedBytes = 0;

  private constructor(account: Account) {
    this.#account = account;
    this.#width = account.server.connections;
  }

  /** Opens the first connection, so that a wrong host, password or certificate fails at once. */
  static async open(account: Account, signal: AbortSignal): Promise<Pool> {
    const pool = new Pool(account);
    const once = async (): Promise<Connection> => {
      try {
        return await Connection.open(account, pool.#habits, signal);
      } catch (error) {
        // A server may still count the sessions of a run before; all else will not mend itself.
        if (error instanceof BackupError && error.kind === 'too-many-connections') throw error;
        throw error instanceof BackupError ? asRunError(error) : error;
      }
    };
    const first = await retry(once, account.environment.clock, signal).catch((error: unknown) => {
      throw error instanceof BackupError ? asRunError(error) : error;
    });
    pool.#adopt(first);
    pool.#idle.push(first);
    return pool;
  }

  /** The most connections that the server has not refused. */
  get width(): number {
    return this.#width;
  }

  get receivedBytes(): number {
    let open = 0;
    for (const connection of this.#all) open += connection.receivedBytes;
    return this.#closedBytes + open;
  }

  /**
   * Runs a task on a connection of its own. A connection that turns out to have been lost while it
   * was idle, so that nothing of the task has been answered, is replaced once; so is one on which a
   * command that was sent ahead did harm, before any data came.
   */
  async use<T>(signal: AbortSignal, task: (connection: Connection) => Promise<T>): Promise<T> {
    for (let replaced = false; ; replaced = true) {
      const connection = await this.#acquire(signal);
      const before = connection.heard;
      const { dataBytes } = connection;
      const { oneByOne, suspicions } = this.#habits;
      try {
        return await this.#run(connection, signal, task);
      } catch (error) {
        throwIfAborted(signal);
        const unheard = connection.failure !== undefined && connection.heard === before;
        const learnt = this.#habits.oneByOne !== oneByOne || this.#habits.suspicions > suspicions;
        const careless = learnt && connection.dataBytes === dataBytes;
        const lost = error instanceof BackupError && error.kind === 'connection';
        if (replaced || !(unheard || careless) || !lost) throw error;
      }
    }
  }

  async #run<T>(
    connection: Connection,
    signal: AbortSignal,
    task: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const takeBack = whenAborted(signal, () => connection.abort(signal));
    try {
      throwIfAborted(signal);
      return await task(connection);
    } finally {
      takeBack();
      this.#release(connection);
    }
  }

  #acquire(signal: AbortSignal): Promise<Connection> {
    throwIfAborted(signal);
    throwIfAborted(this.#life.signal);
    const idle = this.#idle.pop();
    if (idle !== undefined) return Promise.resolve(idle);
    const acquired = new Promise<Connection>((resolve, reject) => {
      const waiting: Waiting = {
        take: (connection) => {
          takeBack();
          resolve(connection);
        },
        reject: (error) => {
          takeBack();
          reject(error);
        },
      };
      this.#queue.push(waiting);
      const takeBack = whenAborted(signal, () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(abortReason(signal));
      });
    });
    this.#grow();
    return acquired;
  }

  #release(connection: Connection): void {
    if (connection.failure !== undefined) {
      this.#grow();
      return;
    }
    const next = this.#queue.shift();
    if (next === undefined) this.#idle.push(connection);
    else next.take(connection);
  }

  /**
   * Opens what is missing for those who wait; while there is no connection at all, one at a time,
   * as a server that refuses is not to be asked by many at once.
   */
  #grow(): void {
    const now = this.#account.environment.clock.monotonic();
    this.#raise(now);
    while (this.#opening < this.#queue.length && this.#all.size + this.#opening < this.#width) {
      const alone = this.#all.size === 0;
      if (alone ? this.#opening > 0 : now < this.#notBefore) return;
      this.#opening += 1;
      void this.#open().finally(() => {
        this.#opening -= 1;
        // Those who came meanwhile, or whose connection was lost meanwhile.
        this.#grow();
      });
    }
  }

  /** One more than the limit that was learnt; if that is taken, the next follows soon. */
  #raise(now: number): void {
    const most = this.#account.server.connections;
    if (now < this.#raiseAt || this.#width >= most || this.#opening > 0) return;
    if (this.#all.size < this.#width) return;
    this.#width += 1;
    this.#raiseAt = now + pause;
  }

  /** Never rejects: what went wrong goes to those who wait, if no connection is left to serve them. */
  async #open(): Promise<void> {
    try {
      const connection = await this.#dial();
      this.#adopt(connection);
      this.#release(connection);
    } catch (error) {
      if (this.#all.size > 0) this.#learn(error);
      else this.#rejectAll(asBackupError(error));
    }
  }

  /** The server bears no more connections than it has, or not now: carry on with those. */
  #learn(error: unknown): void {
    const { clock, log } = this.#account.environment;
    if (error instanceof BackupError && limitKinds.has(error.kind)) {
      this.#width = this.#all.size;
      this.#raiseAt = clock.monotonic() + this.#patience;
      this.#patience = Math.min(this.#patience * 2, mostPatience);
      log.info(`The server allows ${this.#width} connections: ${error.message}`);
    } else {
      this.#notBefore = clock.monotonic() + pause;
      log.warn(`No further connection for now: ${messageOf(error)}`);
    }
  }

  #rejectAll(error: BackupError): void {
    for (const waiting of this.#queue.splice(0)) waiting.reject(error);
  }

  /** An additional connection is tried once; the only one with patience, then the run is over. */
  async #dial(): Promise<Connection> {
    const { clock } = this.#account.environment;
    const { signal } = this.#life;
    const open = async (): Promise<Connection> => {
      try {
        return await Connection.open(this.#account, this.#habits, signal);
      } catch (error) {
        if (this.#all.size > 0) throw unrepeatable(error);
        throw refusedAgain(error);
      }
    };
    try {
      return await retry(open, clock, signal);
    } catch (error) {
      throw error instanceof BackupError ? asRunError(error) : error;
    }
  }

  #adopt(connection: Connection): void {
    this.#all.add(connection);
    this.#width = Math.max(this.#width, this.#all.size);
    connection.onFailure = () => {
      this.#all.delete(connection);
      this.#closedBytes += connection.receivedBytes;
      const index = this.#idle.indexOf(connection);
      if (index >= 0) this.#idle.splice(index, 1);
    };
    if (this.#life.signal.aborted) connection.abort(this.#life.signal);
  }

  /** Says goodbye on idle connections, and ends the others. */
  async dispose(): Promise<void> {
    this.#life.abort(new BackupError('cancelled', 'The connection to the server was closed.'));
    const reason = abortReason(this.#life.signal);
    this.#rejectAll(reason);
    const idle = new Set(this.#idle.splice(0));
    const farewells = [...this.#all].map(async (connection) => {
      if (idle.has(connection)) await connection.close(goodbye);
      else connection.abort(this.#life.signal);
    });
    await Promise.all(farewells);
  }
}

function asBackupError(error: unknown): BackupError {
  if (error instanceof BackupError) return error;
  return new BackupError('connection', messageOf(error), { cause: error, scope: 'run' });
}

function unrepeatable(error: unknown): unknown {
  return error instanceof BackupError ? asRunError(error) : error;
}

/**
 * These credentials have worked before: a server that refuses them now most likely counts a session
 * that was just lost, so that is worth another try.
 */
function refusedAgain(error: unknown): unknown {
  if (!(error instanceof BackupError) || error.kind !== 'authentication') return error;
  return new BackupError('too-many-connections', error.message, { cause: error });
}
