import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, readdir, readlink, stat, type FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../../base/abort';
import { BackupError, messageOf, systemCode } from '../../base/errors';
import type { Entry, EntryType } from '../../model/entry';
import { sizeIfPossible } from '../../model/fileSize';
import { absolute, childPath, fromBytes, type RemotePath } from '../../model/remotePath';
import type { FileServer, ReadOutcome } from '../fileServer';
import { diskPath } from './diskPath';

const chunkBytes = 256 * 1024;
/** What POSIX keeps of times is nanoseconds; a manifest keeps microseconds. */
const granularity = 0.000_001;

/** A path of this computer, or of a disk that it has mounted, as a server. Links are never followed. */
export class LocalServer implements FileServer {
  readonly listingWidth = 8;
  readonly readingWidth = 16;
  readonly #at: (path: RemotePath) => Buffer | string;
  #received = 0;

  /** @param at where a path stands. Default: the paths are this computer's */
  constructor(at: (path: RemotePath) => Buffer | string = (path) => diskPath(path)) {
    this.#at = at;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  async list(folder: RemotePath, signal: AbortSignal): Promise<Entry[]> {
    throwIfAborted(signal);
    try {
      const names = await readdir(this.#at(folder), { encoding: 'buffer' });
      const found = await mapInBatches(names, signal, async (name) =>
        this.#entryIfThere(childPath(folder, fromBytes(name))),
      );
      return found.filter((entry) => entry !== undefined);
    } catch (error) {
      throw readError(error, folder);
    }
  }

  /** An entry that vanished between being named and being looked at was deleted: it is not there. */
  async #entryIfThere(path: RemotePath): Promise<Entry | undefined> {
    try {
      return await entryAt(path, this.#at(path));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    throwIfAborted(signal);
    try {
      return await entryAt(path, this.#at(path));
    } catch (error) {
      throw readError(error, path);
    }
  }

  async read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    throwIfAborted(signal);
    let file: FileHandle | undefined;
    try {
      // Without O_NONBLOCK a file that became a FIFO would block a thread for ever. Windows has neither
      // flag: they are undefined there, and `|` takes that for 0.
      file = await open(
        this.#at(entry.path),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      const end = await this.#copy(file, entry, offset, write, signal);
      return outcome(await file.stat({ bigint: true }), entry, end);
    } catch (error) {
      throw readError(error, entry.path);
    } finally {
      await file?.close();
    }
  }

  /** Resolves with where the file was found to end; if that is beyond the listed size, with any place there. */
  async #copy(
    file: FileHandle,
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    if (typeOf(await file.stat({ bigint: true })) !== 'file')
      throw changed('is not a file any more');
    const { size = Infinity } = entry;
    for (let position = offset; ;) {
      throwIfAborted(signal);
      const rest = size - position;
      // One byte more shows whether the file is longer, at no cost.
      const wanted = Math.min(chunkBytes, rest + 1);
      const buffer = Buffer.allocUnsafeSlow(wanted);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      const taken = Math.min(bytesRead, rest);
      this.#received += taken;
      const written = taken > 0 ? write(buffer.subarray(0, taken)) : undefined;
      if (written) await written;
      position += bytesRead;
      if (bytesRead === 0 || position >= size) return position;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is kept open between two calls.
  }
}

/** Opens a local source's server after a look at each included path's file system. */
export function openLocalServer(): Promise<LocalServer> {
  return Promise.resolve(new LocalServer());
}

/** @param end where the file was found to end */
function outcome(after: BigIntStats, entry: Entry, end: number): ReadOutcome {
  const size = Number(after.size);
  const { size: listed } = entry;
  if (listed !== undefined && Math.max(end, size) > listed) return { grown: true };
  if (listed !== undefined && Math.min(end, size) < listed) return { grown: false, short: true };
  if (mtimeOf(after) !== entry.mtime) throw changed('was written to while it was being read');
  return { grown: false };
}

async function entryAt(path: RemotePath, place: Buffer | string): Promise<Entry> {
  const found =
    path === '' ? await stat(place, { bigint: true }) : await lstat(place, { bigint: true });
  const type = typeOf(found);
  const size = type === 'file' ? sizeIfPossible(Number(found.size)) : 0;
  const entry = {
    path,
    type,
    ...(size !== undefined && { size }),
    mtime: mtimeOf(found),
    granularity,
    mode: Number(found.mode & 0o7777n),
  };
  if (type !== 'symlink') return entry;
  return { ...entry, target: fromBytes(await readlink(place, { encoding: 'buffer' })) };
}

function typeOf(found: BigIntStats): EntryType {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  return found.isSymbolicLink() ? 'symlink' : 'other';
}

/** Seconds, cut to the microsecond. */
function mtimeOf(found: BigIntStats): number {
  return Number(found.mtimeNs / 1000n - (found.mtimeNs % 1000n < 0n ? 1n : 0n)) / 1e6;
}

function changed(what: string): BackupError {
  return new BackupError('changed', `The file ${what}.`);
}

function readError(error: unknown, path: RemotePath): unknown {
  if (error instanceof BackupError) return error;
  const shown = absolute(path);
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return new BackupError('permission', `No permission to read ${shown}.`, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
      return new BackupError('not-found', `${shown} does not exist.`, { cause: error });
    case 'ELOOP':
    case 'EISDIR':
      return new BackupError('changed', `${shown} is not a file any more.`, { cause: error });
    case undefined:
      return error;
    default:
      return new BackupError('protocol', `${shown} could not be read: ${messageOf(error)}.`, {
        cause: error,
      });
  }
}

/** `Promise.all` over a few at a time: a folder may have a million entries. */
async function mapInBatches<T, U>(
  items: readonly T[],
  signal: AbortSignal,
  map: (item: T) => Promise<U>,
): Promise<U[]> {
  const results: U[] = [];
  for (let start = 0; start < items.length; start += 64) {
    throwIfAborted(signal);
    results.push(...(await Promise.all(items.slice(start, start + 64).map(map))));
  }
  return results;
}
