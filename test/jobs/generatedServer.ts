import { BackupError } from '../../src/base/errors';
import type { Entry } from '../../src/model/entry';
import { childPath, nameOf, type RemotePath } from '../../src/model/remotePath';
import type { FileServer, ReadOutcome } from '../../src/sources/fileServer';

const mtime = 1_700_000_000;

/** A tree that exists only as a rule: so many folders with so many files each, counted as it is used. */
export class GeneratedServer implements FileServer {
  readonly listingWidth = 8;
  readonly readingWidth = 16;
  receivedBytes = 0;
  lists = 0;
  reads = 0;
  readonly #folders: number;
  readonly #files: number;

  constructor(folders: number, files: number) {
    this.#folders = folders;
    this.#files = files;
  }

  list(folder: RemotePath): Promise<Entry[]> {
    this.lists += 1;
    const isRoot = folder === 'data';
    const count = isRoot ? this.#folders : this.#files;
    const type = isRoot ? 'directory' : 'file';
    const entries = Array.from({ length: count }, (_none, index) =>
      this.#entry(
        childPath(folder, `${isRoot ? 'folder' : 'a file with a longer name '}${index}`),
        type,
      ),
    );
    return Promise.resolve(entries);
  }

  stat(path: RemotePath): Promise<Entry> {
    if (path === 'data') return Promise.resolve(this.#entry(path, 'directory'));
    return Promise.reject(new BackupError('not-found', `${path} does not exist.`));
  }

  read(
    entry: Entry,
    _offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
  ): Promise<ReadOutcome> {
    this.reads += 1;
    const { size = 0 } = entry;
    this.receivedBytes += size;
    const written = write(Buffer.from(nameOf(entry.path).slice(-size).padStart(size)));
    return Promise.resolve(written).then(() => ({ grown: false }));
  }

  #entry(path: RemotePath, type: 'directory' | 'file'): Entry {
    const size = type === 'file' ? 8 : 0;
    return { path, type, size, mtime, granularity: 1, mode: type === 'file' ? 0o644 : 0o755 };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
