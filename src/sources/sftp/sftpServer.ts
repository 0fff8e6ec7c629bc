/**
 * SFTP: version 3 of the protocol, spoken by ourselves over raw channels, so that names stay bytes
 * and many requests are under way at once.
 */

import { abortable, throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { FileServer, ReadOutcome } from '../fileServer';
import { SftpConnection } from './connection';
import { entryAt, listFolder, usualLimits, type ListingLimits } from './listing';
import { ReadBudget } from './readBudget';
import { readFile } from './readFile';

/** Content in memory, of all files together. */
const mostBuffered = 32 * 1024 * 1024;

/**
 * Logs in at once. Throws `connection` (also if the account has no SFTP), `timeout` or `protocol`,
 * all with the scope of the run, `host-key` or `authentication`.
 */
export async function openSftpServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
  limits: ListingLimits = usualLimits,
): Promise<FileServer> {
  const connection = await SftpConnection.open(server, environment, signal);
  return new SftpServer(server, environment, connection, limits);
}

class SftpServer implements FileServer {
  readonly listingWidth = 32;
  /** At 50 ms, 464 small files a second with 128 at once, 144 with 32. */
  readonly readingWidth = 128;
  readonly #server: Server;
  readonly #environment: Environment;
  readonly #limits: ListingLimits;
  readonly #budget = new ReadBudget(mostBuffered);
  readonly #disposal = new AbortController();
  #connection: SftpConnection;
  #reconnecting: Promise<SftpConnection> | undefined;
  #receivedBefore = 0;

  constructor(
    server: Server,
    environment: Environment,
    connection: SftpConnection,
    limits: ListingLimits,
  ) {
    this.#server = server;
    this.#environment = environment;
    this.#connection = connection;
    this.#limits = limits;
  }

  get receivedBytes(): number {
    return this.#receivedBefore + this.#connection.receivedBytes;
  }

  list(folder: RemotePath, signal: AbortSignal): Promise<Entry[]> {
    return this.#use(signal, ({ channel }) => listFolder(channel, folder, this.#limits, signal));
  }

  stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    return this.#use(signal, ({ channel }) => entryAt(channel, path));
  }

  read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    const bytes = (entry.size ?? offset) - offset;
    return this.#use(signal, async ({ connection }) => {
      await connection.whenWide(bytes);
      const queues = connection.queuesFor(bytes);
      return readFile(queues, entry, offset, write, this.#budget, signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    await this.#reconnecting?.catch(() => undefined);
    await this.#connection[Symbol.asyncDispose]();
  }

  async #use<Result>(
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

interface Opened {
  readonly connection: SftpConnection;
  readonly channel: ReturnType<SftpConnection['queue']>['channel'];
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
