import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { absolute, parentOf, type RemotePath } from '../../model/remotePath';
import type { Incoming, Sink, Wanted } from '../../model/transfer';
import type { Source } from '../../sources/source';

/**
 * One file of the live server, whole, to be shown. Throws `not-found` if there is none, `configuration`
 * if it is longer than `longest` bytes, and what reading it throws.
 */
export async function readRemoteFile(
  source: Source,
  path: RemotePath,
  longest: number,
  signal: AbortSignal,
): Promise<{ entry: Entry; content: Buffer }> {
  const entry = await describe(source, path, signal);
  checkLength(entry, longest);
  const sink = new MemorySink(longest);
  async function* wanted(): AsyncGenerator<Wanted, void, undefined> {
    yield await Promise.resolve({ entry, number: 0 });
  }
  await source.fetch(wanted(), sink, signal);
  return sink.result();
}

/** The entry as its folder lists it. */
export async function describe(
  source: Source,
  path: RemotePath,
  signal: AbortSignal,
): Promise<Entry> {
  for await (const entry of source.list(parentOf(path), signal)) {
    if (entry.path === path) return entry;
  }
  throw new BackupError('not-found', `The server has no ${absolute(path)}.`);
}

function checkLength(entry: Entry, longest: number): void {
  if (entry.type !== 'file') {
    throw new BackupError('not-found', `${absolute(entry.path)} is no file.`);
  }
  if (entry.size !== undefined && entry.size > longest) throw tooLong(entry, longest);
}

function tooLong(entry: Entry, longest: number): BackupError {
  const megabytes = Math.floor(longest / 1_000_000);
  return new BackupError(
    'configuration',
    `${absolute(entry.path)} is too long to be shown: more than ${megabytes} MB. Back it up instead.`,
  );
}

/** Keeps one file in memory. */
class MemorySink implements Sink {
  readonly #longest: number;
  #finished: { entry: Entry; content: Buffer } | undefined;
  #failure: BackupError | undefined;

  constructor(longest: number) {
    this.#longest = longest;
  }

  receive(_wanted: Wanted, entry: Entry): Promise<Incoming> {
    checkLength(entry, this.#longest);
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): Promise<void> => {
      if (length !== (entry.size ?? length)) {
        const message = `The file has ${length} bytes where ${entry.size} were announced.`;
        return Promise.reject(new BackupError('changed', message));
      }
      this.#finished = { entry, content: Buffer.concat(chunks) };
      return Promise.resolve();
    };
    return Promise.resolve({
      offset: 0,
      write: (chunk) => {
        length += chunk.length;
        if (length > (entry.size ?? length)) {
          throw new BackupError('changed', 'The file is longer than it was announced.');
        }
        if (length > this.#longest) throw tooLong(entry, this.#longest);
        chunks.push(Buffer.from(chunk));
        return undefined;
      },
      finish,
      abandon: () => Promise.resolve(),
    });
  }

  left(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  skip(_wanted: Wanted, error: BackupError): Promise<void> {
    this.#failure = error;
    return Promise.resolve();
  }

  warn(): void {
    // A file that kept growing is shown as far as it was announced.
  }

  result(): { entry: Entry; content: Buffer } {
    if (this.#finished) return this.#finished;
    throw this.#failure ?? new BackupError('protocol', 'The server sent no content.');
  }
}
