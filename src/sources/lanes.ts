import { abortable, abortReason, throwIfAborted } from '../base/abort';
import type { Clock } from '../base/clock';
import { asRunError, BackupError } from '../base/errors';
import { retry, usualPatience } from '../base/retry';
import { Slots } from '../base/slots';
import type { Entry } from '../model/entry';
import { settling } from '../model/racyClean';
import type { Incoming, Sink, Wanted } from '../model/transfer';
import type { FileServer } from './fileServer';

/** A file that changes under our eyes is read again so often. */
const mostReadings = 3;
/** So many transient failures in a row, with nothing read between, mean that the server is gone. */
const mostFailuresInARow = 12;

/**
 * Reads the wanted files over several lanes at once, as many as the server can take at the moment.
 * A transient failure is tried again on a fresh connection, a changed file is read again; what stays
 * unreadable goes to `sink.skip` and the run goes on.
 */
export class Lanes {
  readonly #server: FileServer;
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #failuresInARow = 0;
  /** Counts the failures that were not of one piece with another: a lost connection fails every lane at once. */
  #round = 0;

  constructor(server: FileServer, sink: Sink, clock: Clock, signal: AbortSignal) {
    this.#server = server;
    this.#sink = sink;
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  async fetch(wanted: AsyncIterable<Wanted>): Promise<void> {
    const slots = new Slots(() => this.#server.readingWidth);
    const failures: unknown[] = [];
    const files = wanted[Symbol.asyncIterator]();
    const next = (): Promise<IteratorResult<Wanted>> => abortable(files.next(), this.#signal);
    try {
      for (let file = await next(); !file.done; file = await next()) {
        await slots.take();
        void this.#fetchFile(file.value)
          .catch((error: unknown) => {
            failures.push(error);
            this.#stop.abort(error);
          })
          .finally(() => slots.giveBack());
      }
    } catch (error) {
      failures.push(error);
      this.#stop.abort(error);
    }
    await slots.idle();
    if (failures.length === 0) return;
    // The files that are still to come are let go: who names them may hold a file open.
    void Promise.resolve(files.return?.()).catch(() => undefined);
    throw failures[0];
  }

  async #fetchFile(wanted: Wanted): Promise<void> {
    let entry = wanted.entry;
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(this.#signal);
      const round = this.#round;
      try {
        await this.#readOnce(wanted, entry, attempt >= mostReadings);
        this.#failuresInARow = 0;
        return;
      } catch (error) {
        if (this.#signal.aborted) throw abortReason(this.#signal);
        if (!(error instanceof BackupError) || error.scope === 'run') throw error;
        if (!(await this.#mayTryAgain(error, attempt, round))) {
          await this.#sink.skip(wanted, error);
          return;
        }
        if (error.kind === 'changed') {
          const now = await this.#describeAgain(wanted);
          if (!now) return;
          // Read at once, a further write could get the same time, and the next run would miss it.
          const wait = settling(now, this.#clock.now());
          if (wait > 0) await this.#clock.sleep(wait, this.#signal);
          entry = now;
        }
      }
    }
  }

  /** One reading from where the last one stopped. Throws `changed` if the file is not what `entry` says. */
  async #readOnce(wanted: Wanted, entry: Entry, last: boolean): Promise<void> {
    const incoming: Incoming = await this.#sink.receive(wanted, entry);
    try {
      const place = entry.readFrom === undefined ? entry : { ...entry, path: entry.readFrom };
      const { grown } = await this.#server.read(
        place,
        incoming.offset,
        (chunk) => incoming.write(chunk),
        this.#signal,
      );
      if (grown && !last)
        throw new BackupError('changed', 'The file grew while it was being read.');
      if (grown)
        this.#sink.warn(wanted, `The file kept growing; its first ${entry.size} bytes are kept.`);
    } catch (error) {
      await incoming.abandon();
      throw error;
    }
    await incoming.finish();
  }

  /** @param round when the reading began that failed */
  async #mayTryAgain(error: BackupError, attempt: number, round: number): Promise<boolean> {
    if (error.kind === 'changed') return attempt < mostReadings;
    if (!error.transient) {
      this.#failuresInARow = 0;
      return false;
    }
    if (round === this.#round) {
      this.#round += 1;
      this.#failuresInARow += 1;
    }
    if (this.#failuresInARow >= mostFailuresInARow) throw asRunError(error);
    if (attempt >= usualPatience.attempts) return false;
    await this.#clock.sleep(usualPatience.firstDelay * 2 ** (attempt - 1), this.#signal);
    return true;
  }

  /** The file as it is now, or undefined if it is none any more (which is reported). */
  async #describeAgain(wanted: Wanted): Promise<Entry | undefined> {
    const { path, readFrom } = wanted.entry;
    try {
      const now = await retry(
        () => this.#server.stat(readFrom ?? path, this.#signal),
        this.#clock,
        this.#signal,
      );
      if (now.type === 'file') return { ...now, path, ...(readFrom !== undefined && { readFrom }) };
      await this.#sink.skip(wanted, new BackupError('changed', `The file became a ${now.type}.`));
    } catch (error) {
      throwIfAborted(this.#signal);
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      await this.#sink.skip(wanted, error);
    }
    return undefined;
  }
}
