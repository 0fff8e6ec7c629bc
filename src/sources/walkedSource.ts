import { retry } from '../base/retry';
import type { Clock } from '../base/clock';
import type { Entry } from '../model/entry';
import type { RemotePath } from '../model/remotePath';
import type { Selection } from '../model/selection';
import type { Sink, Wanted } from '../model/transfer';
import type { FileServer } from './fileServer';
import { Lanes } from './lanes';
import type { HadContent, Scanned, Source } from './source';
import { Walk } from './walk';

/** A source made of a server that can list a folder and read a file: SFTP, FTP, FTPS, local. */
export class WalkedSource implements Source {
  readonly #server: FileServer;
  readonly #clock: Clock;

  constructor(server: FileServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  get receivedBytes(): number {
    return this.#server.receivedBytes;
  }

  async *list(folder: RemotePath, signal: AbortSignal): AsyncGenerator<Entry, void, undefined> {
    // What is shown is what can be known; a backup says what is not.
    const list = (): Promise<Entry[]> => this.#server.list(folder, signal, () => undefined);
    yield* await retry(list, this.#clock, signal);
  }

  scan(selection: Selection, signal: AbortSignal, hadContent?: HadContent): AsyncIterable<Scanned> {
    return new Walk(this.#server, selection, this.#clock, signal, hadContent).scan();
  }

  fetch(wanted: AsyncIterable<Wanted>, sink: Sink, signal: AbortSignal): Promise<void> {
    return new Lanes(this.#server, sink, this.#clock, signal).fetch(wanted);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
