import { abortable, throwIfAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import type { Server } from '../../model/configuration/server';
import type { Environment } from '../environment';
import type { SftpChannel } from './channel';
import { SftpConnection } from './connection';

/** What a task may use of the connection as it is now. */
export interface Opened {
  readonly connection: SftpConnection;
  /** The channel with the least to do. */
  readonly channel: SftpChannel;
}

/** The connection to one server, which is opened again by the next task when it was lost. */
export class LastingConnection implements AsyncDisposable {
  readonly #server: Server;
  readonly #environment: Environment;
  readonly #disposal = new AbortController();
  #connection: SftpConnection;
  #reconnecting: Promise<SftpConnection> | undefined;
  #receivedBefore = 0;

  private constructor(server: Server, environment: Environment, connection: SftpConnection) {
    this.#server = server;
    this.#environment = environment;
    this.#connection = connection;
  }

  /**
   * Logs in at once. Throws `connection` (also if the account has no SFTP), `timeout` or `protocol`,
   * all with the scope of the run, `host-key` or `authentication`.
   */
  static async open(
    server: Server,
    environment: Environment,
    signal: AbortSignal,
  ): Promise<LastingConnection> {
    const connection = await SftpConnection.open(server, environment, signal);
    return new LastingConnection(server, environment, connection);
  }

  get receivedBytes(): number {
    return this.#receivedBefore + this.#connection.receivedBytes;
  }

  get clock(): Clock {
    return this.#environment.clock;
  }

  /** Notes down what the server has taught us. */
  tell(what: string): void {
    this.#environment.log.info(`${this.#server.name} ${what}.`);
  }

  async use<Result>(
    signal: AbortSignal,
    work: (opened: Opened) => Promise<Result>,
  ): Promise<Result> {
    throwIfAborted(signal);
    throwIfAborted(this.#disposal.signal);
    const connection = this.#connection.isOpen
      ? this.#connection
      : await abortable(this.#reconnected(), signal);
    const { channel } = connection.queue();
    return abortable(work({ connection, channel }), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    await this.#reconnecting?.catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  /** One reconnection for all who wait for it. */
  #reconnected(): Promise<SftpConnection> {
    this.#reconnecting ??= this.#reconnect().finally(() => (this.#reconnecting = undefined));
    return this.#reconnecting;
  }

  async #reconnect(): Promise<SftpConnection> {
    const { log, clock } = this.#environment;
    const { signal } = this.#disposal;
    log.info(`Connecting to ${this.#server.name} again.`);
    await this.#connection[Symbol.asyncDispose]();
    const open = (): Promise<SftpConnection> =>
      SftpConnection.open(this.#server, this.#environment, signal).catch(asTransient);
    const connection = await retry(open, clock, signal).catch(asFinal);
    this.#receivedBefore += this.#connection.receivedBytes;
    this.#connection = connection;
    return connection;
  }
}

const passing: ReadonlySet<string> = new Set(['connection', 'timeout', 'too-many-connections']);

/** What may pass by itself is tried again here, where the failure of a first login is final. */
function asTransient(error: unknown): never {
  if (!(error instanceof BackupError) || !passing.has(error.kind)) throw error;
  const { kind, message } = error;
  throw new BackupError(kind, message, { cause: error, scope: 'run', transient: true });
}

/** A server that cannot be reached any more ends the run. */
function asFinal(error: unknown): never {
  if (!(error instanceof BackupError) || !error.transient) throw error;
  throw new BackupError(error.kind, error.message, { cause: error, scope: 'run' });
}
