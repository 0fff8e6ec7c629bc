import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock';
import { BackupError, messageOf } from '../../base/errors';
import { printable } from '../../model/remotePath';
import { ByteReader } from './byteReader';
import { framesOf, FrameSplitter } from './frames';
import { malformed } from './protocolError';

/** Bytes in memory that nobody has taken yet, from which on the stream is paused. */
const mostWaiting = 1024 * 1024;
/** A server may keep us waiting with messages alone for so many timeouts, not for ever. */
const mostRounds = 10;

export interface WireOptions {
  /** Milliseconds without a byte. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Bytes of all messages together. */
  readonly messageBytes: number;
  onMessage(tag: number, payload: Buffer): void;
}

/**
 * Reads and writes the protocol on a stream. Reading goes on while writing waits, so that the two ends
 * never wait for each other; whoever reads sees silence as a `timeout`, the end as `connection`.
 */
export class Wire {
  readonly reader = new ByteReader();
  readonly #stream: Duplex;
  readonly #options: WireOptions;
  readonly #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #wake: (() => void) | undefined;
  #failure: BackupError | undefined;
  #frames: FrameSplitter | undefined;
  #writesFrames = false;
  #messageBytes = 0;
  #lastByte = 0;
  #lastData = 0;
  #drained: (() => void)[] = [];
  #discards = false;
  #outgoing: Buffer[] = [];
  /** Whether an answer is due: silence counts only then. */
  expects: () => boolean = () => true;

  constructor(stream: Duplex, options: WireOptions) {
    this.#stream = stream;
    this.#options = options;
    this.rest();
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('drain', () => this.#wakeWriters());
    stream.on('error', (error: Error) => this.fail(lost(messageOf(error))));
    stream.on('end', () => this.fail(lost()));
    stream.on('close', () => this.fail(lost()));
  }

  /** Everything that comes from now on is in frames. */
  readFrames(): void {
    const rest = this.reader.takeUpTo(this.reader.available);
    this.#frames = new FrameSplitter({
      onData: (data) => {
        this.#lastData = this.#lastByte;
        if (data.length > 0) this.reader.append(data);
      },
      onMessage: (tag, payload) => this.#message(tag, payload),
    });
    this.#frames.push(rest);
  }

  /** Everything that is sent from now on is put into frames. */
  writeFrames(): void {
    this.#flush();
    this.#writesFrames = true;
  }

  /**
   * What `parse` returns once its bytes have arrived: at once if they have, as a promise for each
   * number of a small file costs more than the number. Throws `connection`, `timeout`, `protocol`.
   */
  read<T>(parse: (reader: ByteReader) => T): T | Promise<T> {
    return this.readNow(parse) ?? this.#readLater(parse);
  }

  async #readLater<T>(parse: (reader: ByteReader) => T): Promise<T> {
    for (;;) {
      await this.more();
      const value = this.readNow(parse);
      if (value !== undefined) return value;
    }
  }

  /** What `parse` returns, or undefined if its bytes are not there yet. */
  readNow<T>(parse: (reader: ByteReader) => T): T | undefined {
    return this.reader.attempt(() => parse(this.reader));
  }

  /** Waits until more data have arrived. */
  async more(): Promise<void> {
    const before = this.reader.available;
    while (this.reader.available === before) {
      const chunk = this.#chunks.shift();
      if (chunk) this.#take(chunk);
      else if (this.#failure) throw this.#failure;
      else await this.#arrival();
    }
  }

  /**
   * Sends bytes without waiting. What is sent in the same moment shares a frame, and so a packet of
   * SSH: encrypting and sending each request by itself costs more than the request. Throws what has
   * ended the connection.
   */
  send(bytes: Buffer): void {
    if (this.#failure) throw this.#failure;
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(bytes);
  }

  /** A frame without content, for a server that counts our silence. */
  keepAlive(): void {
    if (!this.#failure && this.#writesFrames) this.#stream.write(framesOf(Buffer.alloc(0)));
  }

  /** Resolves when the other side has taken enough of what was sent. */
  async roomToWrite(): Promise<void> {
    while (this.#stream.writableNeedDrain) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => this.#drained.push(resolve));
    }
  }

  /** From now on silence is counted anew. */
  rest(): void {
    this.#lastByte = this.#options.clock.monotonic();
    this.#lastData = this.#lastByte;
  }

  /** Ends it for a reason that all who wait are told. What has arrived before can still be read. */
  fail(error: BackupError): void {
    this.#failure ??= error;
    this.#wake?.();
    this.#wakeWriters();
  }

  /** Nothing that comes from now on is of interest, but the end is. */
  discard(): void {
    this.#discards = true;
    this.#chunks.length = 0;
    this.#stream.resume();
  }

  get failure(): BackupError | undefined {
    return this.#failure;
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const bytes = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    if (this.#stream.writable) this.#stream.write(this.#writesFrames ? framesOf(bytes) : bytes);
  }

  #receive(chunk: Buffer): void {
    if (this.#discards) return;
    this.#lastByte = this.#options.clock.monotonic();
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > mostWaiting) this.#stream.pause();
    this.#wake?.();
  }

  #take(chunk: Buffer): void {
    this.#waitingBytes -= chunk.length;
    if (this.#waitingBytes <= mostWaiting && this.#stream.isPaused()) this.#stream.resume();
    if (this.#frames) this.#frames.push(chunk);
    else this.reader.append(chunk);
  }

  #message(tag: number, payload: Buffer): void {
    this.#messageBytes += payload.length + 4;
    if (this.#messageBytes > this.#options.messageBytes) throw malformed('messages without end');
    this.#options.onMessage(tag, payload);
  }

  #wakeWriters(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const resume of waiting) resume();
  }

  async #arrival(): Promise<void> {
    const { timeout } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, Math.max(1, timeout - this.#silence()));
    });
    await woken;
    clearTimeout(timer);
    this.#wake = undefined;
    if (!this.expects()) this.rest();
    else if (this.#chunks.length === 0 && this.#isOverdue()) this.fail(silent(timeout));
  }

  #silence(): number {
    return this.#options.clock.monotonic() - this.#lastByte;
  }

  #isOverdue(): boolean {
    const { timeout, clock } = this.#options;
    const withoutData = clock.monotonic() - this.#lastData;
    return this.#silence() >= timeout || withoutData >= mostRounds * timeout;
  }
}

function lost(why?: string): BackupError {
  const reason = why === undefined ? '' : `: ${printable(why)}`;
  return new BackupError('connection', `The connection to rsync was lost${reason}.`);
}

function silent(timeout: number): BackupError {
  const seconds = Math.round(timeout / 100) / 10;
  return new BackupError('timeout', `The rsync server has not answered for ${seconds} seconds.`);
}
