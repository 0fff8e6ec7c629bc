import type { Socket } from 'node:net';
import { abortable } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import { defaultPort, endpointOf, type Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import { openSocket } from '../openSocket';
import type { SshSession } from '../ssh/session';
import { greetDaemon, type DaemonConnection, type DaemonLogin } from './daemonConnection';
import { listModules, openDaemonTransport } from './daemonTransport';
import { usualLimits, type RsyncLimits } from './limits';
import { argumentOf, type Extent } from './listing';
import { RsyncSession, spokenProtocol } from './rsyncSession';
import { RefusedOption } from './startFailure';
import { openSshTransport } from './sshTransport';
import type { Transport } from './transport';

/** What tests turn; the product leaves it as it is. */
export interface RsyncOptions {
  /** The version of the protocol to offer, 27 to 32. */
  readonly offer: number;
  readonly limits: RsyncLimits;
}

export const usualOptions: RsyncOptions = { offer: spokenProtocol, limits: usualLimits };

/** What a session is to list. */
export interface Question {
  readonly root: RemotePath;
  readonly extent: Extent;
  /** Whether folders below are looked into. */
  readonly recursive: boolean;
  /** Whether each file comes with a digest of its content. */
  readonly digests: boolean;
  /** What the server may leave out by itself (`filterRules`). Default: nothing. */
  readonly rules?: readonly Buffer[];
}

/** Milliseconds that a daemon is kept waiting after the login; it may be gone after that. */
const longestWait = 10_000;

/** Milliseconds: before it tells of a file with its digest, the server reads it, and says nothing meanwhile. */
const longestReading = 1_800_000;

/** Starts rsync processes on the server, over one SSH login or with a connection each to a daemon. */
export class RsyncServer implements AsyncDisposable {
  readonly server: Server;
  readonly environment: Environment;
  readonly options: RsyncOptions;
  readonly #disposal = new AbortController();
  readonly #sockets = new Set<Socket>();
  #session: SshSession | undefined;
  #connecting: Promise<SshSession> | undefined;
  /** The connection of the login, for whoever needs one first. */
  #greeted: { readonly connection: DaemonConnection; readonly since: number } | undefined;
  #receivedBefore = 0;
  /** Whether its rsync can list a folder without what is below (`-d`, since 2.6.4). */
  #knowsOneLevel = true;

  constructor(server: Server, environment: Environment, options: RsyncOptions) {
    this.server = server;
    this.environment = environment;
    this.options = options;
  }

  get isDaemon(): boolean {
    return this.server.via === 'daemon';
  }

  get receivedBytes(): number {
    let bytes = this.#receivedBefore + (this.#session?.receivedBytes ?? 0);
    for (const socket of this.#sockets) bytes += socket.bytesRead;
    return bytes;
  }

  /** Logs in for the first time: what is wrong then is said as it is. */
  async logIn(signal: AbortSignal): Promise<void> {
    if (this.isDaemon) {
      const connection = await this.#greet(signal);
      this.#greeted = { connection, since: this.environment.clock.monotonic() };
    } else this.#session = await this.#openSsh(signal);
  }

  /** Starts an rsync that lists what is asked for, or more: some know no list of one folder alone. */
  async open(question: Question, signal: AbortSignal): Promise<RsyncSession> {
    if (question.recursive || this.#knowsOneLevel) {
      try {
        return await this.#start(question, signal);
      } catch (error) {
        const isRefused = error instanceof BackupError && error.cause instanceof RefusedOption;
        if (!isRefused || question.recursive) throw error;
        this.#knowsOneLevel = false;
      }
    }
    return this.#start({ ...question, recursive: true }, signal);
  }

  async #start(question: Question, signal: AbortSignal): Promise<RsyncSession> {
    const transport = await this.#transport(question, signal);
    const { clock } = this.environment;
    const { digests } = question;
    const timeout = digests ? Math.max(this.server.timeout, longestReading) : this.server.timeout;
    return RsyncSession.open(transport, { timeout, clock, digests, ...this.options }, signal);
  }

  /** The modules of a daemon, as byte strings. */
  async modules(signal: AbortSignal): Promise<string[]> {
    const connection = await this.#daemon(signal);
    try {
      return await listModules(connection, signal);
    } finally {
      connection.socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    await this.#connecting?.catch(() => undefined);
    await this.#session?.[Symbol.asyncDispose]();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #transport(question: Question, signal: AbortSignal): Promise<Transport> {
    const { root, extent } = question;
    const path = argumentOf(root, extent).toString('latin1');
    const options = optionsOf(question);
    if (!this.isDaemon) {
      return this.#overSsh(await this.#loggedIn(signal), options, path, signal);
    }
    const connection = await this.#daemon(signal);
    try {
      return await openDaemonTransport(this.#login(), connection, options, path.slice(1), signal);
    } catch (error) {
      connection.socket.destroy();
      throw error;
    }
  }

  /** A session in which no command starts any more is dead, though nobody has said so: the next attempt logs in anew. */
  async #overSsh(
    session: SshSession,
    options: readonly string[],
    path: string,
    signal: AbortSignal,
  ): Promise<Transport> {
    try {
      return await openSshTransport(session, options, path, signal);
    } catch (error) {
      if (error instanceof BackupError && error.kind === 'timeout') session.drop(error);
      throw error;
    }
  }

  /** A daemon that waits for the name of a module. */
  async #daemon(signal: AbortSignal): Promise<DaemonConnection> {
    const greeted = this.#greeted;
    this.#greeted = undefined;
    if (!greeted) return this.#greetAgain(signal);
    const age = this.environment.clock.monotonic() - greeted.since;
    if (age < longestWait && !greeted.connection.socket.destroyed) return greeted.connection;
    greeted.connection.socket.destroy();
    return this.#greetAgain(signal);
  }

  /** The login has succeeded before: what may pass by itself is waited for. */
  #greetAgain(signal: AbortSignal): Promise<DaemonConnection> {
    const greet = (): Promise<DaemonConnection> => this.#greet(signal).catch(asTransient);
    return retry(greet, this.environment.clock, signal);
  }

  async #greet(signal: AbortSignal): Promise<DaemonConnection> {
    const socket = await this.#connect(signal);
    try {
      return await greetDaemon(this.#login(), socket, signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port, timeout } = this.#login();
    const socket = await openSocket(host, port, timeout, signal);
    // What breaks it is told to whoever reads from it.
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#receivedBefore += socket.bytesRead;
    });
    return socket;
  }

  #login(): DaemonLogin {
    const { host, timeout, username } = this.server;
    const { clock, credentials, user } = this.environment;
    return {
      host,
      port: this.server.port ?? defaultPort(this.server),
      timeout,
      clock,
      offer: this.options.offer,
      user: username ?? user,
      password: () => credentials.password(endpointOf(this.server)),
    };
  }

  async #loggedIn(signal: AbortSignal): Promise<SshSession> {
    if (this.#session?.isOpen) return this.#session;
    this.#connecting ??= this.#reconnect().finally(() => (this.#connecting = undefined));
    return abortable(this.#connecting, signal);
  }

  /** Loaded when it is needed: a daemon is reached without it, and it is large. */
  async #openSsh(signal: AbortSignal): Promise<SshSession> {
    const { openSshSession } = await import('../ssh/login');
    return openSshSession(this.server, this.environment, signal);
  }

  async #reconnect(): Promise<SshSession> {
    const { log, clock } = this.environment;
    const { signal } = this.#disposal;
    log.info(`Connecting to ${this.server.name} again.`);
    await this.#session?.[Symbol.asyncDispose]();
    const open = (): Promise<SshSession> => this.#openSsh(signal).catch(asTransient);
    const session = await retry(open, clock, signal);
    this.#receivedBefore += this.#session?.receivedBytes ?? 0;
    this.#session = session;
    return session;
  }
}

const passing: ReadonlySet<string> = new Set(['connection', 'timeout', 'too-many-connections']);

/** What may pass by itself is tried again here, where the failure of a first login is final. */
function asTransient(error: unknown): never {
  if (!(error instanceof BackupError) || !passing.has(error.kind)) throw error;
  const { kind, message } = error;
  throw new BackupError(kind, message, { cause: error, scope: 'run', transient: true });
}

/**
 * The options of the server's rsync: links, times and permissions come over; owners, devices and hard
 * links are not asked for, so that nothing of them is accepted. Of the capabilities only a list that
 * tells its errors (f) and the proper order of the seed (C) are named.
 */
function optionsOf({ recursive, digests }: Question): string[] {
  const letters = `ltp${recursive ? 'r' : 'd'}${digests ? 'c' : ''}`;
  return ['--server', '--sender', `-${letters}e.fC`, '--numeric-ids'];
}
