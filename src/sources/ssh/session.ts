import type { Duplex } from 'node:stream';

import type { ClientChannel } from 'ssh2';

import { withDeadline } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { printable } from '../../model/remotePath';
import { watchEnd } from './processEnd';
import type { SshClient } from './sshClient';
import { addressOf, type SshTarget } from './target';

type Opened<Channel> = (error: Error | undefined, channel: Channel) => void;

/** A login that stands: channels are opened on it, and it can be lost at any time. */
export class SshSession implements AsyncDisposable {
  /** Resolves, never rejects, when the connection is gone, with the reason. */
  readonly closed: Promise<BackupError>;
  readonly #client: SshClient;
  readonly #target: SshTarget;
  readonly #timeout: number;
  readonly #socket: Duplex;
  readonly #through: SshSession | undefined;
  #lost: BackupError | undefined;

  /** `socket` is what the client talks over, `through` the session of the jump host, if any. */
  constructor(
    client: SshClient,
    target: SshTarget,
    timeout: number,
    socket: Duplex,
    through: SshSession | undefined,
  ) {
    this.#client = client;
    this.#target = target;
    this.#timeout = timeout;
    this.#socket = socket;
    this.#through = through;
    this.closed = new Promise((resolve) => {
      const onLost = (cause?: Error): void => {
        this.#lost ??= this.#lostBecause(cause);
        resolve(this.#lost);
      };
      client.client.on('error', onLost).on('end', onLost).on('close', onLost);
    });
  }

  get isOpen(): boolean {
    return this.#lost === undefined;
  }

  /** Bytes that arrived on the wire. */
  get receivedBytes(): number {
    if (this.#through) return this.#through.receivedBytes;
    const socket: { readonly bytesRead?: unknown } = this.#socket as object;
    return typeof socket.bytesRead === 'number' ? socket.bytesRead : 0;
  }

  /**
   * A raw channel of the SFTP subsystem. Throws `too-many-connections` if the server allows no more
   * channels, `protocol` (scope run) if the account has no SFTP.
   */
  async openSftpChannel(signal: AbortSignal): Promise<Duplex> {
    const channel = await this.#open<ClientChannel>('opening an SFTP channel', signal, (opened) => {
      this.#client.client.subsys('sftp', opened);
    });
    // What a server complains of there fills the channel's window if nobody takes it.
    channel.stderr.resume();
    return channel;
  }

  /**
   * Runs a command on the server. Its standard error is `stderr` of the channel, its end `endOf`. The command may be
   * bytes, as the paths in it are: ssh2 takes them, which its type declarations leave out.
   */
  exec(command: string | Buffer, signal: AbortSignal): Promise<ClientChannel> {
    return this.#open('starting a command', signal, (opened: Opened<ClientChannel>) => {
      this.#client.client.exec(command as string, (error, channel) => {
        // Not after the promise: by then its end may have come and gone.
        if (!error) watchEnd(channel);
        opened(error, channel);
      });
    });
  }

  /** A connection from this host to another one: what a jump host is for. */
  forward(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return this.#open(`connecting to ${host}:${port}`, signal, (opened) => {
      this.#client.client.forwardOut('127.0.0.1', 0, host, port, opened);
    });
  }

  /** The SFTP client for writing on restore: `mkdir`, `put`, `rename`. Never for reading. */
  async forWriting(): Promise<SshClient> {
    return this.#client.openForWriting();
  }

  /** Drops the connection; `closed` then gives `reason`. */
  drop(reason: BackupError): void {
    this.#lost ??= reason;
    this.#client.client.destroy();
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost ??= new BackupError('connection', 'The connection was closed.');
    this.#client.client.end();
    // Nothing is left to be said: a server that does not close its side is not waited for.
    this.#client.client.destroy();
    await this.#through?.[Symbol.asyncDispose]();
    this.#socket.destroy();
  }

  async #open<Channel extends Duplex>(
    what: string,
    signal: AbortSignal,
    start: (opened: Opened<Channel>) => void,
  ): Promise<Channel> {
    if (this.#lost) throw this.#lost;
    let abandoned = false;
    const opening = new Promise<Channel>((resolve, reject) => {
      start((error, channel) => {
        if (error) reject(this.#lost ?? refusedBecause(error, what, addressOf(this.#target)));
        else if (abandoned) channel.destroy();
        else resolve(channel);
      });
    });
    try {
      const lost = this.closed.then((error) => Promise.reject(error));
      return await withDeadline(Promise.race([opening, lost]), this.#timeout, what, signal);
    } catch (error) {
      abandoned = true;
      throw error;
    }
  }

  #lostBecause(cause: Error | undefined): BackupError {
    const why = cause ? `: ${printable(messageOf(cause)).slice(0, 300)}` : '';
    const message = `The connection to ${addressOf(this.#target)} was lost${why}.`;
    return new BackupError('connection', message, { cause });
  }
}

function refusedBecause(error: Error, what: string, address: string): BackupError {
  const said = printable(messageOf(error)).slice(0, 300);
  // Only the refusal of a channel has a reason; without one it was given, but not its subsystem.
  if ('reason' in error) {
    const message = `${address} refused ${what}: ${said}.`;
    return new BackupError('too-many-connections', message, { cause: error });
  }
  const message = `${address} does not offer what is needed for ${what}: ${said}.`;
  return new BackupError('protocol', message, { cause: error, scope: 'run' });
}
