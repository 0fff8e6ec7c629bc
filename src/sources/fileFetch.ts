import { abortReason, throwIfAborted } from '../base/abort';
import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';
import { retry } from '../base/retry';
import { withoutSize, type Entry } from '../model/entry';
import { hasSameTime, settling } from '../model/racyClean';
import type { Incoming, Sink, Wanted } from '../model/transfer';
import type { FailuresInARow } from './failuresInARow';
import type { FileServer, ReadOutcome } from './fileServer';
import type { Outstanding, Remainder } from './outstanding';
import { Pace } from './pace';
import type { WrongSizes } from './wrongSizes';

/** A file that changes under our eyes is read again so often. */
const mostReadings = 3;
/** Where servers, or what is in between, stop for want of bits: no end of a file that is listed as longer. */
const brokenEnds: ReadonlySet<number> = new Set([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32]);

/** What the fetching of all files has in common. */
export interface FetchContext {
  readonly server: FileServer;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly failures: FailuresInARow;
  readonly wrongSizes: WrongSizes;
  readonly outstanding: Outstanding;
}

/** What becomes of a reading. */
type Verdict =
  /** `end` is where the file was found to end, if its listing is wrong. */
  | { readonly kind: 'keep'; readonly end?: number }
  /** To be read again, as the file is now. */
  | { readonly kind: 'again'; readonly entry: Entry }
  | { readonly kind: 'skip'; readonly error: BackupError };

/**
 * Fetches one file. A transient failure is tried again on a fresh connection, a changed file is read
 * again; what stays unreadable goes to `sink.skip`. A file that is longer or shorter than it was listed
 * has changed, unless the server goes on telling the same size of it: then its listing is wrong, and the
 * file is taken as far as it goes.
 */
export class FileFetch {
  readonly #context: FetchContext;
  readonly #wanted: Wanted;
  /** The server has told the same size twice, and it is not the right one. */
  #isListedWrongly = false;

  constructor(context: FetchContext, wanted: Wanted) {
    this.#context = context;
    this.#wanted = wanted;
  }

  async run(): Promise<void> {
    const { failures, signal, wrongSizes } = this.#context;
    const listed = this.#wanted.entry;
    let next: Entry | undefined = wrongSizes.areUsual ? withoutSize(listed) : listed;
    for (let attempt = 1; next; attempt += 1) {
      throwIfAborted(signal);
      const entry = next;
      const { round } = failures;
      try {
        next = await this.#readOnce(entry, attempt >= mostReadings);
        if (!next) failures.forget();
      } catch (error) {
        if (signal.aborted) throw abortReason(signal);
        if (!(error instanceof BackupError) || error.scope === 'run') throw error;
        next = await this.#afterFailure(error, entry, attempt, round);
      }
    }
  }

  /** The file to be read again, or undefined if it is given up. */
  async #afterFailure(
    error: BackupError,
    entry: Entry,
    attempt: number,
    round: number,
  ): Promise<Entry | undefined> {
    const hasChanged = error.kind === 'changed';
    const mayTryAgain = hasChanged
      ? attempt < mostReadings
      : await this.#context.failures.mayTryAgain(error, attempt, round);
    if (!mayTryAgain) return this.#skip(error);
    if (!hasChanged) return entry;
    const now = await this.#describe();
    if (now instanceof BackupError) return this.#skip(now);
    await this.#settle(now);
    return this.#isListedWrongly ? withoutSize(now) : now;
  }

  /** One reading from where the last one stopped. Throws `changed` if the file is not what `entry` says. */
  async #readOnce(entry: Entry, isLast: boolean): Promise<Entry | undefined> {
    const { sink, outstanding } = this.#context;
    const remainder = outstanding.begin(entry.size ?? 0);
    try {
      return await this.#readInto(
        await sink.receive(this.#wanted, entry),
        remainder,
        entry,
        isLast,
      );
    } finally {
      remainder.end();
    }
  }

  async #readInto(
    incoming: Incoming,
    remainder: Remainder,
    entry: Entry,
    isLast: boolean,
  ): Promise<Entry | undefined> {
    const { server, signal } = this.#context;
    let end = incoming.offset;
    remainder.arrived(end);
    let verdict: Verdict;
    try {
      const pace = entry.size === undefined ? new Pace(this.#context.clock) : undefined;
      const write = (chunk: Buffer): Promise<void> | undefined => {
        end += chunk.length;
        remainder.arrived(chunk.length);
        pace?.received(chunk.length);
        return incoming.write(chunk);
      };
      const outcome = await server.read(placeOf(entry), end, write, signal);
      verdict = await this.#judge(entry, end, outcome, isLast);
    } catch (error) {
      await incoming.abandon();
      throw error;
    }
    if (verdict.kind === 'keep') {
      await incoming.finish(verdict.end);
      return undefined;
    }
    await incoming.abandon();
    if (verdict.kind === 'skip') return this.#skip(verdict.error);
    await this.#settle(verdict.entry);
    return verdict.entry;
  }

  async #judge(
    entry: Entry,
    end: number,
    { grown, short }: ReadOutcome,
    isLast: boolean,
  ): Promise<Verdict> {
    if (!grown && short !== true) return this.#afterAll(entry, end);
    const now = await this.#describe();
    if (now instanceof BackupError) return { kind: 'skip', error: now };
    if (grown) return this.#afterMore(entry, now, isLast);
    return this.#afterLess(entry, now, end, isLast);
  }

  /**
   * A file that was read to its end, whatever its length, is taken. Where it is not expected to be
   * shorter than listed, that end is made sure of.
   */
  async #afterAll(entry: Entry, end: number): Promise<Verdict> {
    const { size: listed = end } = this.#wanted.entry;
    const { wrongSizes, sink } = this.#context;
    if (end === 0) wrongSizes.noteEmpty(this.#wanted, sink);
    if (entry.size !== undefined || listed === end) return { kind: 'keep' };
    if (end < listed && !this.#isListedWrongly)
      await this.#expectEnd({ ...entry, size: listed }, end);
    return this.#keepAll(end);
  }

  #afterMore(entry: Entry, now: Entry, isLast: boolean): Verdict {
    if (now.size === entry.size) {
      this.#isListedWrongly = true;
      return { kind: 'again', entry: withoutSize(now) };
    }
    if (!isLast) return { kind: 'again', entry: now };
    const message = `The file kept growing; its first ${entry.size} bytes are kept.`;
    this.#context.sink.warn(this.#wanted, message);
    return { kind: 'keep' };
  }

  async #afterLess(entry: Entry, now: Entry, end: number, isLast: boolean): Promise<Verdict> {
    const isSame = now.size === entry.size && isOfSameTime(now, entry);
    if (!isSame && isLast) throw new BackupError('changed', 'The file kept becoming shorter.');
    if (!isSame) return { kind: 'again', entry: now };
    if (end === entry.size) return { kind: 'keep' };
    await this.#expectEnd(now, end);
    return this.#keepAll(end);
  }

  #keepAll(end: number): Verdict {
    const { wrongSizes, sink } = this.#context;
    wrongSizes.note(this.#wanted, sink, end);
    return { kind: 'keep', end };
  }

  /** Makes sure that a transfer ended with the file. Throws `connection` if there is more behind it. */
  async #expectEnd(entry: Entry, end: number): Promise<void> {
    const { server, signal } = this.#context;
    const where = `after ${end} of ${entry.size} bytes`;
    if (brokenEnds.has(end)) {
      throw new BackupError('protocol', `The server ends the file ${where}, for want of bits.`);
    }
    const refuse = (): never => {
      throw new BackupError('connection', `The transfer ended ${where}, without a word.`);
    };
    try {
      await server.read(placeOf(withoutSize(entry)), end, refuse, signal);
    } catch (error) {
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      // What refuses to begin there has nothing there.
      if (error.transient || error.kind === 'changed') throw error;
    }
  }

  /** Read at once, a further write could get the same time, and the next run would miss it. */
  async #settle(now: Entry): Promise<void> {
    const { clock, signal } = this.#context;
    const wait = settling(now, clock.now());
    if (wait > 0) await clock.sleep(wait, signal);
  }

  async #skip(error: BackupError): Promise<undefined> {
    await this.#context.sink.skip(this.#wanted, error);
    return undefined;
  }

  /** The file as it is now, or why it is none any more. */
  async #describe(): Promise<Entry | BackupError> {
    const { server, clock, signal } = this.#context;
    const { path, readFrom } = this.#wanted.entry;
    try {
      const now = await retry(() => server.stat(readFrom ?? path, signal), clock, signal);
      if (now.type !== 'file') return new BackupError('changed', `The file became a ${now.type}.`);
      return { ...now, path, ...(readFrom !== undefined && { readFrom }) };
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      return error;
    }
  }
}

function placeOf(entry: Entry): Entry {
  return entry.readFrom === undefined ? entry : { ...entry, path: entry.readFrom };
}

function isOfSameTime(now: Entry, before: Entry): boolean {
  return now.mtime === before.mtime || hasSameTime(now, before);
}
