import { BackupError } from '../../base/errors';
import type { Attributes } from './attributes';
import { close, fstat } from './calls';
import type { Chunk } from './chunk';
import { packet, status } from './constants';
import { shown } from './entries';
import { malformed, type Fields } from './fields';
import { chunkLength, type FileReading } from './fileReading';
import type { ReadQueue, ReadSource } from './readQueue';
import { readPacket } from './requests';
import { readStatus, statusError } from './statusError';

/** The shortest READ that is worth a request, as in OpenSSH. */
const shortest = 512;

/** One open handle of a file on one channel, and the READs that go through it. */
export class ReadLane implements ReadSource {
  /** Asked for right behind the last READ, so that it costs no round trip of its own. */
  attributes: Promise<Attributes> | undefined;
  readonly #reading: FileReading;
  readonly #queue: ReadQueue;
  readonly #handle: Buffer;
  readonly #asksAttributes: boolean;
  #length = chunkLength;
  #isQueued = false;

  constructor(reading: FileReading, queue: ReadQueue, handle: Buffer, asksAttributes: boolean) {
    this.#reading = reading;
    this.#queue = queue;
    this.#handle = handle;
    this.#asksAttributes = asksAttributes;
  }

  readonly start = (): void => {
    if (this.#isQueued || this.#reading.isSettled) return;
    this.#isQueued = true;
    this.#queue.add(this);
  };

  sendNext(): number {
    const chunk = this.#reading.nextChunk(this.#length, this.start);
    if (chunk) {
      this.#request(chunk);
      if (this.#reading.isAllAsked && this.#asksAttributes) this.attributes = this.askAttributes();
      return chunk.asked;
    }
    this.#isQueued = false;
    return 0;
  }

  fail(error: BackupError): void {
    this.#reading.fail(error);
  }

  /** The attributes of the open file, as they are now. */
  askAttributes(): Promise<Attributes> {
    const path = shown(this.#reading.entry.path);
    const asked = fstat(this.#queue.channel, this.#handle, path);
    asked.catch(() => undefined);
    return asked;
  }

  close(): void {
    close(this.#queue.channel, this.#handle);
  }

  #request(chunk: Chunk): void {
    const { offset, length } = chunk.missing;
    this.#queue.channel.request((id) => readPacket(id, this.#handle, offset, length), {
      data: (pieces, received) => this.#received(chunk, length, pieces, received),
      packet: (type, fields) => this.#refused(chunk, length, type, fields),
      fail: (error) => this.#reading.dropped(chunk, error),
    });
  }

  #received(chunk: Chunk, asked: number, pieces: readonly Buffer[], received: number): void {
    const reading = this.#reading;
    const before = chunk.received;
    try {
      if (chunk.take(pieces, received)) reading.hasGrown = true;
    } catch (error) {
      reading.dropped(chunk, error);
      this.#queue.answered(asked);
      return;
    }
    // It went on where an answer was short: the server answers no more than that at once.
    if (before > 0 && received > 0)
      this.#length = Math.max(shortest, Math.min(this.#length, before));
    if (chunk.isComplete) {
      reading.completed(chunk);
    } else if (reading.isSettled) {
      reading.dropped(chunk, undefined);
    } else {
      reading.wasAskedAgain = true;
      this.#request(chunk);
      this.#queue.sent(chunk.missing.length);
    }
    this.#queue.answered(asked);
  }

  #refused(chunk: Chunk, asked: number, type: number, fields: Fields): void {
    if (type !== packet.status) throw malformed(`an answer of the wrong type (${type})`);
    const answer = readStatus(fields);
    if (answer.code === status.eof) this.#reading.ended(chunk);
    else void this.#failed(chunk, statusError(answer, shown(this.#reading.entry.path)));
    this.#queue.answered(asked);
  }

  /** A READ fails without a reason if the path is a folder now: the attributes tell. */
  async #failed(chunk: Chunk, error: BackupError): Promise<void> {
    this.#reading.dropped(chunk, await becauseOfType(error, this, this.#reading));
  }
}

const typeBits = 0o170000;
const regularFile = 0o100000;

async function becauseOfType(
  error: BackupError,
  lane: ReadLane,
  reading: FileReading,
): Promise<BackupError> {
  if (error.kind !== 'protocol' || reading.isSettled) return error;
  try {
    const { mode } = await lane.askAttributes();
    if (mode === undefined || (mode & typeBits) === regularFile) return error;
    const message = `${shown(reading.entry.path)} is not a file any more.`;
    return new BackupError('changed', message, { cause: error });
  } catch {
    return error;
  }
}
