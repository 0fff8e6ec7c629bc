import type { Duplex } from 'node:stream';

import type { Clock } from '../../base/clock';
import { BackupError, messageOf } from '../../base/errors';
import { printable } from '../../model/remotePath';
import { limit, packet, version } from './constants';
import { Fields, malformed } from './fields';
import { FrameReader, type FrameHandler } from './frames';
import { initPacket } from './requests';
import { readExtensions } from './extensions';
import { Watchdog } from './watchdog';

/** Takes the answer to one request: one of the three is called, once. */
export interface Answer {
  /** Content of a file; left out by requests that do not read. */
  data?(pieces: Buffer[], length: number): void;
  /** May throw `protocol`, which ends the channel: then `fail` is called too. */
  packet(type: number, fields: Fields): void;
  /** The channel is gone. */
  fail(error: BackupError): void;
}

/**
 * One SFTP channel: numbers the requests, sends them together, and hands each answer to whom it
 * belongs. Whatever goes wrong ends the channel, and every request that is not answered with it.
 */
export class SftpChannel implements FrameHandler {
  /** Resolves when the channel is gone, with the reason. */
  readonly closed: Promise<BackupError>;
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #watchdog: Watchdog;
  readonly #frames = new FrameReader(this);
  readonly #pending = new Map<number, Answer>();
  #settleClosed: (error: BackupError) => void = () => undefined;
  #outgoing: Buffer[] = [];
  #nextId = 1;
  #failure: BackupError | undefined;
  #greeting: ((error?: BackupError) => void) | undefined;
  #quickest = Number.POSITIVE_INFINITY;
  #extensions: ReadonlySet<string> = new Set();

  private constructor(stream: Duplex, timeout: number, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    const watched = this.#watchedRequests();
    this.#watchdog = new Watchdog(timeout, clock, watched, (error) => this.fail(error));
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (error) => this.fail(lost(messageOf(error))));
    for (const event of ['end', 'close']) stream.on(event, () => this.fail(lost()));
  }

  /** Agrees on the version of the protocol. Throws errors with the scope of the run. */
  static async open(stream: Duplex, timeout: number, clock: Clock): Promise<SftpChannel> {
    const channel = new SftpChannel(stream, timeout, clock);
    await channel.#greet();
    return channel;
  }

  /** Milliseconds of the quickest answer so far: about one round trip. */
  get roundTrip(): number {
    return this.#quickest;
  }

  /** How many requests are not answered yet. */
  get load(): number {
    return this.#pending.size;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** The extensions that the server has named in its greeting, such as `posix-rename@openssh.com`. */
  get extensions(): ReadonlySet<string> {
    return this.#extensions;
  }

  /** Sends a request. The answer comes later, never before this returns. */
  request(build: (id: number) => Buffer, answer: Answer): void {
    if (this.#failure) {
      const failure = this.#failure;
      queueMicrotask(() => answer.fail(failure));
      return;
    }
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    this.#pending.set(id, answer);
    this.#send(build(id));
  }

  /** Measures how long an answer took, for `roundTrip`. */
  timed(): () => void {
    const sent = this.#clock.monotonic();
    return () => (this.#quickest = Math.min(this.#quickest, this.#clock.monotonic() - sent));
  }

  /** Ends the channel for a reason that everything awaited is told. */
  fail(error: BackupError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#watchdog[Symbol.dispose]();
    this.#stream.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#greeting?.(error);
    for (const answer of pending) answer.fail(error);
    this.#settleClosed(error);
  }

  onData(id: number, pieces: Buffer[], length: number): void {
    this.#answer(id, (answer) => {
      if (!answer.data) throw malformed('content that was not asked for');
      answer.data(pieces, length);
    });
  }

  onPacket(type: number, body: Buffer): void {
    const fields = new Fields(body);
    if (this.#greeting) {
      if (type !== packet.version) throw malformed('no greeting');
      const spoken = fields.uint32();
      if (spoken < version) throw malformed(`version ${spoken} of SFTP, which is too old`);
      this.#extensions = readExtensions(fields);
      this.#greeting();
      return;
    }
    this.#answer(fields.uint32(), (answer) => answer.packet(type, fields));
  }

  #answer(id: number, give: (answer: Answer) => void): void {
    const answer = this.#pending.get(id);
    if (!answer) throw malformed('an answer that was not asked for');
    this.#pending.delete(id);
    try {
      give(answer);
    } catch (error) {
      if (error instanceof BackupError) answer.fail(error);
      throw error;
    }
  }

  async #greet(): Promise<void> {
    const answered = this.timed();
    const greeted = new Promise<void>((resolve, reject) => {
      this.#greeting = (error) => {
        this.#greeting = undefined;
        if (error) reject(runError(error));
        else resolve();
      };
    });
    this.#send(initPacket());
    await greeted;
    answered();
  }

  #receive(chunk: Buffer): void {
    if (this.#failure) return;
    this.#watchdog.sign();
    const isText = this.#greeting !== undefined && startsWithText(chunk);
    try {
      this.#frames.push(chunk);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      this.fail(isText ? noSftp(chunk, error) : error);
    }
  }

  /** Requests of the same moment share one packet of SSH: encrypting and sending costs the most. */
  #send(bytes: Buffer): void {
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(bytes);
    this.#watchdog.start();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    if (!this.#failure) this.#stream.write(bytes);
  }

  #watchedRequests(): { readonly oldest: number | undefined } {
    const oldest = (): number | undefined => {
      const [first] = this.#pending.keys();
      return this.#greeting ? 0 : first;
    };
    return {
      get oldest() {
        return oldest();
      },
    };
  }
}

function lost(why?: string): BackupError {
  const reason = why === undefined ? '' : `: ${printable(why)}`;
  return new BackupError('connection', `The connection was lost${reason}.`);
}

/**
 * A first channel that fails ends the login. An account without SFTP and a connection that is cut at
 * this moment look alike, so it stays an error that a reconnection tries again.
 */
function runError(error: BackupError): BackupError {
  const isClosed = error.kind === 'connection';
  const hint = isClosed ? ' The server closed the SFTP channel: the account may have no SFTP.' : '';
  return new BackupError(error.kind, error.message + hint, { cause: error, scope: 'run' });
}

/** Letters in place of the length of the first packet. */
function startsWithText(chunk: Buffer): boolean {
  return chunk.length >= 4 && chunk.readUInt32BE(0) > limit.packet;
}

/** A start-up file of the account that prints something is the usual reason (OpenSSH's FAQ 2.9). */
function noSftp(chunk: Buffer, cause: BackupError): BackupError {
  const said = printable(chunk.toString('latin1', 0, 200)).trim();
  const message = `The server sent "${said}" instead of SFTP: a start-up file of the account (.bashrc) may print it.`;
  return new BackupError('protocol', message, { cause, scope: 'run' });
}
