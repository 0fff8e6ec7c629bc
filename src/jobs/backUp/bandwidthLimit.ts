import type { Clock } from '../../base/clock';
import type { BackupError } from '../../base/errors';
import { rateAt } from '../../model/configuration/bandwidth';
import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { Basis, Incoming, Sink, Wanted } from '../../model/transfer';

/** How much may be taken at once after a pause, in seconds of the rate. */
const burst = 0.25;

/** A sink that takes no more than so many bytes per second, over all files together. */
export class LimitedSink implements Sink {
  readonly #sink: Sink;
  readonly #rate: () => number | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** When all that was taken so far has been paid for, in milliseconds of the monotonic clock. */
  #paidUntil = 0;

  /** @param bytesPerSecond asked anew for each chunk; undefined: no limit at the moment */
  constructor(
    sink: Sink,
    bytesPerSecond: () => number | undefined,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#sink = sink;
    this.#rate = bytesPerSecond;
    this.#clock = clock;
    this.#signal = signal;
  }

  async receive(wanted: Wanted, entry: Entry, anew?: 'anew'): Promise<Incoming> {
    const incoming = await this.#sink.receive(wanted, entry, anew);
    return {
      offset: incoming.offset,
      write: (chunk) => this.#write(incoming, chunk),
      finish: (end) => incoming.finish(end),
      abandon: () => incoming.abandon(),
    };
  }

  left(wanted: Wanted): Promise<Basis | undefined> {
    return this.#sink.left(wanted);
  }

  skip(wanted: Wanted, error: BackupError): Promise<void> {
    return this.#sink.skip(wanted, error);
  }

  warn(wanted: Wanted, message: string): void {
    this.#sink.warn(wanted, message);
  }

  #write(incoming: Incoming, chunk: Buffer): Promise<void> | undefined {
    const wait = this.#take(chunk.length);
    const written = incoming.write(chunk);
    if (wait <= 0) return written;
    return Promise.resolve(written).then(() => this.#clock.sleep(wait, this.#signal));
  }

  /** Milliseconds to wait after taking so many bytes. */
  #take(bytes: number): number {
    const now = this.#clock.monotonic();
    const rate = this.#rate();
    if (rate === undefined) {
      this.#paidUntil = now;
      return 0;
    }
    const from = Math.max(this.#paidUntil, now - burst * 1000);
    this.#paidUntil = from + (bytes / rate) * 1000;
    return this.#paidUntil - now;
  }
}

/** The sink as the server's `bandwidth` allows it to be filled. */
export function asLimited(
  sink: Sink,
  { bandwidth }: Pick<Server, 'bandwidth'>,
  clock: Clock,
  signal: AbortSignal,
): Sink {
  if (bandwidth === undefined) return sink;
  return new LimitedSink(sink, () => rateAt(bandwidth, new Date(clock.now())), clock, signal);
}
