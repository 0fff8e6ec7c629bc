import { abortable } from '../base/abort';
import type { Clock } from '../base/clock';
import { Slots } from '../base/slots';
import type { Sink, Wanted } from '../model/transfer';
import { FailuresInARow } from './failuresInARow';
import { FileFetch, type FetchContext } from './fileFetch';
import type { FileServer } from './fileServer';
import { Outstanding } from './outstanding';
import { WrongSizes } from './wrongSizes';

/**
 * Reads the wanted files over several lanes at once, as many as the server can take at the moment.
 * What stays unreadable goes to `sink.skip` and the run goes on.
 */
export class Lanes {
  readonly #context: FetchContext;
  readonly #stop = new AbortController();

  constructor(server: FileServer, sink: Sink, clock: Clock, signal: AbortSignal) {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    const failures = new FailuresInARow(clock, either);
    const wrongSizes = new WrongSizes();
    const outstanding = new Outstanding(server.mostOutstanding ?? Infinity);
    this.#context = { server, sink, clock, signal: either, failures, wrongSizes, outstanding };
  }

  async fetch(wanted: AsyncIterable<Wanted>): Promise<void> {
    const { server, signal, sink, wrongSizes, outstanding } = this.#context;
    const slots = new Slots(() => server.readingWidth);
    const failures: unknown[] = [];
    const files = wanted[Symbol.asyncIterator]();
    const next = (): Promise<IteratorResult<Wanted>> => abortable(files.next(), signal);
    try {
      for (let file = await next(); !file.done; file = await next()) {
        await outstanding.room();
        await slots.take();
        void new FileFetch(this.#context, file.value)
          .run()
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
    if (failures.length === 0) {
      wrongSizes.tellRest(sink);
      return;
    }
    // The files that are still to come are let go: who names them may hold a file open.
    void Promise.resolve(files.return?.()).catch(() => undefined);
    throw failures[0];
  }
}
