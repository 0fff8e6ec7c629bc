import { abortable } from '../../base/abort';
import type { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Environment } from '../environment';
import { openSshSession } from '../ssh/login';
import type { SshSession } from '../ssh/session';
import { SftpChannel } from './channel';
import { ReadQueue } from './readQueue';

/** One channel carries 2 MiB for each round trip; four fill most lines (facts: 68 of 68 MB/s at 50 ms). */
const mostChannels = 4;
/** Milliseconds from which on the window of a channel, and not the processor, is the limit. */
const farAway = 8;
/** Requests on a channel from which on another one is worth its start. */
const busy = 16;
/** A file from which on several channels read it together. */
const bigFile = 4 * 1024 * 1024;

/** One login and its SFTP channels. If one of them fails, all do: the connection is opened anew. */
export class SftpConnection implements AsyncDisposable {
  readonly #session: SshSession;
  readonly #server: Server;
  readonly #environment: Environment;
  readonly #queues: ReadQueue[] = [];
  readonly #closing = new AbortController();
  #mostChannels: number;
  #opening: Promise<void> | undefined;
  #failure: BackupError | undefined;

  private constructor(session: SshSession, server: Server, environment: Environment) {
    this.#session = session;
    this.#server = server;
    this.#environment = environment;
    this.#mostChannels = Math.min(mostChannels, server.connections);
    void session.closed.then((error) => this.#fail(error));
  }

  /** Logs in and opens the first channel. */
  static async open(
    server: Server,
    environment: Environment,
    signal: AbortSignal,
  ): Promise<SftpConnection> {
    const session = await openSshSession(server, environment, signal);
    const connection = new SftpConnection(session, server, environment);
    try {
      await abortable(connection.#openChannel(signal), signal);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#failure === undefined && this.#session.isOpen;
  }

  get receivedBytes(): number {
    return this.#session.receivedBytes;
  }

  /** The channel with the least to do. */
  queue(): ReadQueue {
    let [best] = this.#queues;
    if (!best) throw new TypeError('A connection has a channel from its start.');
    for (const queue of this.#queues) {
      if (queue.channel.load < best.channel.load) best = queue;
    }
    if (best.channel.load >= busy) this.#widen();
    return best;
  }

  /** The channels to read so many bytes over. */
  queuesFor(bytes: number): readonly ReadQueue[] {
    const best = this.queue();
    // On a short line one channel is as fast as the processor, and more only cost.
    if (bytes < bigFile || best.channel.roundTrip < farAway) return [best];
    this.#widen();
    return [...this.#queues];
  }

  /** Waits for channels that are being opened, so that a big file gets them all. */
  async whenWide(bytes: number): Promise<void> {
    if (bytes < bigFile) return;
    this.queuesFor(bytes);
    await this.#opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#session[Symbol.asyncDispose]();
  }

  #widen(): void {
    const far = (this.#queues[0]?.channel.roundTrip ?? 0) >= farAway;
    if (!far || this.#opening || this.#queues.length >= this.#mostChannels) return;
    this.#opening = this.#openMore().finally(() => (this.#opening = undefined));
  }

  /** Opens the channels that are missing; a server that refuses one gives no more (`MaxSessions`). */
  async #openMore(): Promise<void> {
    const missing = this.#mostChannels - this.#queues.length;
    const opened = await Promise.allSettled(
      Array.from({ length: missing }, () => this.#openChannel(this.#closing.signal)),
    );
    if (opened.every(({ status }) => status === 'fulfilled')) return;
    this.#mostChannels = this.#queues.length;
    this.#environment.log.info(
      `${this.#server.name} allows ${this.#queues.length} SFTP channels at once.`,
    );
  }

  async #openChannel(signal: AbortSignal): Promise<void> {
    const stream = await this.#session.openSftpChannel(signal);
    const { clock } = this.#environment;
    const channel = await SftpChannel.open(stream, this.#server.timeout, clock);
    void channel.closed.then((error) => this.#fail(error));
    this.#queues.push(new ReadQueue(channel));
  }

  #fail(error: BackupError): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const { channel } of this.#queues) channel.fail(error);
    this.#session.drop(error);
  }
}
