import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { Sink, Wanted } from '../../model/transfer';
import { isSameHead, noBlocks, writeHead, type BlockHead } from './blockSums';
import type { ByteReader } from './byteReader';
import { ByteWriter } from './byteWriter';
import { digestBytes } from './digests';
import { FileIndexReader, FileIndexWriter, phaseDone } from './fileIndex';
import { FileReceipt, type Outcome } from './fileReceipt';
import { openBasis, type OpenBasis } from './openBasis';
import { malformed } from './protocolError';
import type { RsyncSession } from './rsyncSession';

/** Requests on the way at once: more small files than a long line holds. */
const mostAhead = 8192;
/** Of these, files with a basis: each keeps one open. */
const mostBases = 256;

/** Bits of an answer (rsync rsync.h: ITEM_…). */
const item = { transfer: 0x8000, basisFollows: 0x0800, nameFollows: 0x1000 } as const;

/** A file to be asked for in a session. */
export interface Request {
  readonly wanted: Wanted;
  /** As the list of the session has it, where the sink shall see it. */
  readonly entry: Entry;
  /** Its row in the list. */
  readonly row: number;
  readonly usesBasis: boolean;
  readonly acceptsGrowth: boolean;
}

interface Asked extends Request {
  readonly basis: OpenBasis | undefined;
}

/** What became of a request: an outcome, or nothing, because the server did not send the file. */
export type OnAnswer = (request: Request, outcome: Outcome | 'not sent') => Promise<void>;

/**
 * The transfer phase of a session: requests go out while answers come in (rsync generator.c and
 * receiver.c: recv_files). `receive` runs beside `request` and `finish`.
 */
export class Transfer {
  readonly #session: RsyncSession;
  readonly #sink: Sink;
  readonly #onAnswer: OnAnswer;
  /** The index that the server knows a row by. */
  readonly #indexOf: Uint32Array;
  readonly #wasAsked: Uint8Array;
  readonly #indexReader: FileIndexReader;
  readonly #indexWriter: FileIndexWriter;
  readonly #asked = new Map<number, Asked>();
  readonly #notSent = new Set<number>();
  #bases = 0;
  #finishing = false;
  #roomFor: (() => void) | undefined;

  /** @param order the rows in the order that requests count by */
  constructor(session: RsyncSession, order: Uint32Array, sink: Sink, onAnswer: OnAnswer) {
    this.#session = session;
    this.#sink = sink;
    this.#onAnswer = onAnswer;
    this.#indexOf = new Uint32Array(order.length);
    this.#wasAsked = new Uint8Array(order.length);
    for (const [index, row] of order.entries()) this.#indexOf[row] = index;
    this.#indexReader = new FileIndexReader(session.protocol);
    this.#indexWriter = new FileIndexWriter(session.protocol);
    session.onNotSent = (index) => this.#noteNotSent(index);
    session.wire.expects = () => this.#isAnswerDue();
  }

  /** Requests that are not answered yet, in the order in which they were made. */
  get unanswered(): Request[] {
    return [...this.#asked.values()];
  }

  /** Whether a file has been asked for in this session: it cannot be a second time. */
  hasAsked(row: number): boolean {
    return this.#wasAsked[row] === 1;
  }

  /** Asks for a file. Waits while too much is on the way. Throws what has ended the session. */
  async request(request: Request): Promise<void> {
    const { wire, protocol } = this.#session;
    while (this.#isFull() && !wire.failure) {
      await new Promise<void>((resolve) => (this.#roomFor = resolve));
    }
    if (wire.failure) throw wire.failure;
    const writer = new ByteWriter();
    const index = this.#indexOf[request.row] ?? 0;
    this.#wasAsked[request.row] = 1;
    const basis = await this.#basisOf(request);
    if (basis) this.#bases += 1;
    if (this.#asked.size === 0) wire.rest();
    this.#asked.set(index, { ...request, basis });
    this.#indexWriter.write(writer, index);
    if (protocol >= 29) writer.short(item.transfer);
    writeHead(writer, basis?.head ?? noBlocks);
    if (basis) writer.bytes(basis.sums);
    wire.send(writer.done());
    await wire.roomToWrite();
  }

  /** No request follows. Each phase is ended at once, as nothing is asked again in this session. */
  finish(): void {
    const { wire, protocol } = this.#session;
    const writer = new ByteWriter();
    const times = protocol >= 31 ? 5 : protocol >= 29 ? 4 : 3;
    for (let phase = 0; phase < times; phase += 1) this.#indexWriter.done(writer);
    this.#finishing = true;
    wire.rest();
    wire.send(writer.done());
  }

  /** Takes the answers until the end of the session, or until it fails. */
  async receive(): Promise<void> {
    const { wire, protocol } = this.#session;
    const readIndex = (reader: ByteReader): number => this.#indexReader.read(reader);
    const phases = protocol >= 29 ? 3 : 2;
    try {
      for (let phase = 0; phase < phases;) {
        const index = await wire.read(readIndex);
        if (index === phaseDone) {
          if (!this.#finishing) throw malformed('an end that was not asked for');
          phase += 1;
        } else {
          await this.#answer(index);
        }
      }
      await this.#takeStatistics();
      if (protocol >= 31 && (await wire.read(readIndex)) !== phaseDone) {
        throw malformed('an answer after the end');
      }
      for (const index of [...this.#asked.keys()]) await this.#leaveOut(index);
    } finally {
      wire.expects = () => true;
      this.#roomFor?.();
    }
  }

  /** Closes what a session that failed has left open. */
  async close(): Promise<void> {
    for (const { basis } of this.#asked.values()) await basis?.bytes.close().catch(() => undefined);
  }

  /** Below protocol 30 a file that cannot be sent is never answered, so that silence proves nothing. */
  #isAnswerDue(): boolean {
    if (this.#finishing) return true;
    const { protocol } = this.#session;
    return protocol >= 30 ? this.#asked.size > 0 : this.#isFull();
  }

  #isFull(): boolean {
    return this.#asked.size >= mostAhead || this.#bases >= mostBases;
  }

  #noteNotSent(index: number): void {
    if (!this.#asked.has(index)) throw malformed('that it cannot send what was not asked for');
    this.#notSent.add(index);
  }

  async #answer(index: number): Promise<void> {
    const asked = this.#asked.get(index);
    if (!asked) throw malformed('a file that was not asked for');
    await this.#leaveOutBefore(index);
    await this.#session.wire.read((reader) =>
      this.#readAnswerHead(reader, asked.basis?.head ?? noBlocks),
    );
    const { digests } = this.#session;
    const receipt = new FileReceipt(asked, this.#sink, digests.ofFile());
    const outcome = await this.#receiveContent(receipt).catch(async (error: unknown) => {
      await receipt.abandon().catch(() => undefined);
      throw error;
    });
    await this.#settle(index, outcome);
  }

  async #receiveContent(receipt: FileReceipt): Promise<Outcome> {
    const { wire } = this.#session;
    await receipt.begin();
    for (;;) {
      const token = await wire.read((reader) => reader.int());
      if (token === 0) break;
      if (token < 0) {
        await receipt.copy(-token - 1);
        continue;
      }
      for (let left = token; left > 0;) {
        if (wire.reader.available === 0) await wire.more();
        const piece = wire.reader.takeUpTo(left);
        left -= piece.length;
        await receipt.literal(piece);
      }
    }
    return receipt.end(await wire.read((reader) => Buffer.from(reader.bytes(digestBytes))));
  }

  #readAnswerHead(reader: ByteReader, head: BlockHead): true {
    if (this.#session.protocol >= 29) {
      const flags = reader.short();
      if ((flags & item.basisFollows) !== 0) reader.byte();
      if ((flags & item.nameFollows) !== 0) reader.vstring();
      if ((flags & item.transfer) === 0) throw malformed('an answer without content');
    }
    const count = reader.int();
    const length = reader.int();
    const strong = reader.int();
    const remainder = reader.int();
    const isOurs = isSameHead(head, { count, length, strong, remainder });
    if (!isOurs) throw malformed('an answer about other blocks');
    return true;
  }

  /** Old servers are not waited for: openrsync ends its phases twice, so that its figures are none. */
  async #takeStatistics(): Promise<void> {
    const { wire, protocol } = this.#session;
    try {
      await wire.read((reader) => this.#readStatistics(reader));
    } catch (error) {
      const isOver = error instanceof BackupError && error.kind === 'connection';
      if (!isOver || protocol >= 29) throw error;
    }
  }

  #readStatistics(reader: ByteReader): true {
    const { protocol } = this.#session;
    for (let left = protocol >= 29 ? 5 : 3; left > 0; left -= 1) {
      if (protocol >= 30) reader.varlong(3);
      else reader.long();
    }
    return true;
  }

  /** Answers come in the order of the requests: what was asked before this one is not sent. */
  async #leaveOutBefore(index: number): Promise<void> {
    for (const earlier of this.#asked.keys()) {
      if (earlier === index) return;
      await this.#leaveOut(earlier);
    }
  }

  #leaveOut(index: number): Promise<void> {
    return this.#settle(index, 'not sent');
  }

  async #settle(index: number, outcome: Outcome | 'not sent'): Promise<void> {
    const asked = this.#asked.get(index);
    if (!asked) return;
    this.#asked.delete(index);
    this.#notSent.delete(index);
    if (asked.basis) this.#bases -= 1;
    this.#roomFor?.();
    this.#roomFor = undefined;
    await asked.basis?.bytes.close();
    await this.#onAnswer(asked, outcome);
  }

  /**
   * What an attempt has left is better than what only looks like the file, or is smaller. Of a larger
   * former state it may have what the former state has not, and the other way round.
   */
  async #basisOf({ wanted, entry, usesBasis }: Request): Promise<OpenBasis | undefined> {
    if (!usesBasis) return undefined;
    const { basis: former } = wanted;
    const left = await this.#sink.left(wanted);
    const { digests } = this.#session;
    if (!left || left.size === 0) return former && openBasis([former], entry, digests);
    const suffices = !former || former.isTwin || left.size >= former.size;
    return openBasis(suffices ? [left] : [left, former], entry, digests);
  }
}
