import { BackupError } from '../../base/errors';
import type { Attributes } from './attributes';
import { fstat } from './calls';
import type { Chunk } from './chunk';
import { packet, status } from './constants';
import { shown } from './entries';
import { malformed, type Fields } from './fields';
import type { FileReading } from './fileReading';
import type { OpenHandle } from './handleLimit';
import { shortRead, type ReadHabits } from './readHabits';
import { OtherWays, type NextStep } from './otherWays';
import type { ReadQueue, ReadSource } from './readQueue';
import { readPacket } from './requests';
import { readStatus, statusError } from './statusError';

/** A server may answer with nothing once by mistake; twice, and it would go on for ever. */
const mostEmptyAnswers = 1;
/** The shortest READ that is worth a request, as in OpenSSH. */
const shortest = 512;

/** One open handle of a file on one channel, and the READs that go through it. */
export class ReadLane implements ReadSource {
  /** Asked for right behind the last READ, so that it costs no round trip of its own. */
  attributes: Promise<Attributes> | undefined;
  readonly #reading: FileReading;
  readonly #queue: ReadQueue;
  readonly #handle: OpenHandle;
  readonly #habits: ReadHabits;
  readonly #asksAttributes: boolean;
  #length: number;
  #isQueued = false;
  /** How else the chunks were asked for that were refused. */
  readonly #otherWays = new WeakMap<Chunk, OtherWays>();

  constructor(
    reading: FileReading,
    queue: ReadQueue,
    handle: OpenHandle,
    habits: ReadHabits,
    asksAttributes: boolean,
  ) {
    this.#reading = reading;
    this.#queue = queue;
    this.#handle = handle;
    this.#habits = habits;
    this.#asksAttributes = asksAttributes;
    this.#length = habits.readLength;
  }

  get turn(): number {
    return this.#reading.turn;
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
      return chunk.missing.length;
    }
    this.#isQueued = false;
    return 0;
  }

  fail(error: BackupError): void {
    this.#reading.fail(error);
  }

  /** The attributes of the open file, as they are now. */
  askAttributes(): Promise<Attributes> {
    const asked = fstat(this.#queue.channel, this.#handle.bytes, this.#path);
    asked.catch(() => undefined);
    return asked;
  }

  close(): void {
    this.#handle.close();
  }

  #request(chunk: Chunk): void {
    const { offset, length } = chunk.missing;
    this.#queue.channel.request((id) => readPacket(id, this.#handle.bytes, offset, length), {
      data: (pieces, received) => this.#received(chunk, length, pieces, received),
      packet: (type, fields) => this.#refused(chunk, length, type, fields),
      fail: (error) => this.#reading.dropped(chunk, error),
    });
  }

  #received(chunk: Chunk, asked: number, pieces: readonly Buffer[], received: number): void {
    const reading = this.#reading;
    const before = chunk.received;
    try {
      if (chunk.take(pieces, received, asked)) reading.hasGrown = true;
    } catch (error) {
      reading.dropped(chunk, error);
      this.#queue.answered(asked);
      return;
    }
    if (received > 0) this.#learn(chunk, before);
    if (chunk.isComplete) reading.completed(chunk);
    else if (chunk.emptyAnswers > mostEmptyAnswers) this.#refusedFor(chunk, endlessNothing());
    else this.#askAgain(chunk);
    this.#queue.answered(asked);
  }

  /** @param before what had come of the chunk before this answer */
  #learn(chunk: Chunk, before: number): void {
    // It went on where an answer was short: the server answers no more than that at once.
    if (before > 0) this.#length = Math.max(shortest, Math.min(this.#length, before));
    const ways = this.#otherWays.get(chunk);
    if (!ways) return;
    if (ways.isUpToEnd) this.#habits.failsPastEnd = true;
    if (ways.isInParts) this.#habits.readLength = this.#length = shortRead;
  }

  get #path(): string {
    return shown(this.#reading.entry.path);
  }

  #askAgain(chunk: Chunk): void {
    const reading = this.#reading;
    if (reading.isSettled) {
      reading.dropped(chunk, undefined);
      return;
    }
    reading.wasAskedAgain = true;
    this.#request(chunk);
    this.#queue.sent(chunk.missing.length);
  }

  #refused(chunk: Chunk, asked: number, type: number, fields: Fields): void {
    if (type !== packet.status) throw malformed(`an answer of the wrong type (${type})`);
    const answer = readStatus(fields);
    const isEnd = answer.code === status.eof;
    this.#refusedFor(chunk, isEnd ? undefined : statusError(answer, this.#path));
    this.#queue.answered(asked);
  }

  /** @param refusal undefined if the server says that the file ends there */
  #refusedFor(chunk: Chunk, refusal: BackupError | undefined): void {
    const ways = this.#otherWays.get(chunk) ?? new OtherWays(chunk, this.#path);
    this.#otherWays.set(chunk, ways);
    const next = ways.next(refusal, this.#reading.entry.size !== undefined);
    if (next === 'look at the file') void this.#look(chunk, ways, refusal);
    else this.#go(chunk, next);
  }

  async #look(chunk: Chunk, ways: OtherWays, refusal: BackupError | undefined): Promise<void> {
    let now: Attributes | undefined;
    try {
      now = await this.askAttributes();
    } catch (error) {
      // A server without FSTAT does not tell; one that is lost answers nothing.
      if (!(error instanceof BackupError) || error.transient) {
        this.#reading.dropped(chunk, error);
        return;
      }
    }
    this.#go(chunk, ways.nextAfterLook(refusal, now));
  }

  #go(chunk: Chunk, next: NextStep): void {
    if (next === 'again') this.#askAgain(chunk);
    else if (next === 'ended') this.#reading.ended(chunk);
    else this.#reading.dropped(chunk, next);
  }
}

function endlessNothing(): BackupError {
  return new BackupError('protocol', 'The server sends empty content again and again.');
}
