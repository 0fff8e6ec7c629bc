import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import fs, { constants } from 'node:fs';
import { copyFile, open, opendir, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemCode } from '../base/errors';
import { creatorOfFile } from './createFiles';
import { CreatingThread } from './creatingThread';
import { diskError } from './diskError';
import { diskStatOf } from './diskStat';
import { lookerAtFiles } from './lookAtFile';
import { LookingThread } from './lookingThread';
import type { Disk, DiskNode, DiskPath, DiskStat, FileAttributes, OpenFile } from './disk';

const runProgram = promisify(execFile);

/** A virus scanner or the editor may hold a file on Windows for a moment. */
const busyRenames = { codes: new Set(['EPERM', 'EBUSY', 'EACCES']), attempts: 8, firstDelay: 20 };

/**
 * The real disk. Small whole files and links use synchronous calls: they cost a third of the
 * processor time of the asynchronous ones, and ten thousand of them are what a backup spends its
 * time on once the network is fast (measured).
 */
export const nodeDisk: Disk = {
  createFile: (path, content, attributes) => guarded(() => createFile(path, content, attributes)),

  startCreating: () => CreatingThread.start(),

  openFile: (path, mode) => guardedLater(async () => new NodeFile(await openNoFollow(path, mode))),

  readFile: (path, start = 0) => readChunks(path, start),

  look: (path, size) => guarded(() => look(path, size)),

  startLooking: () => LookingThread.start(),

  readWhole: (path, longest) => guarded(() => readWhole(path, longest)),

  readEnd: (path, longest) => guarded(() => readEnd(path, longest)),

  stat: (path) =>
    guarded(() => {
      const found = fs.lstatSync(path, { throwIfNoEntry: false });
      return found && diskStatOf(found);
    }),

  space: (folder) =>
    guarded(() => {
      const { bavail, blocks, bsize } = fs.statfsSync(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    }),

  link: (from, to) => guarded(() => fs.linkSync(from, to)),

  clone: (from, to) =>
    guardedLater(() =>
      copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL),
    ),

  copy: (from, to) => guardedLater(() => copyFile(from, to, constants.COPYFILE_EXCL)),

  setAttributes: (path, { mode, mtime }) =>
    guarded(() => {
      if (mtime !== undefined) fs.utimesSync(path, timeArgument(mtime), timeArgument(mtime));
      if (mode !== undefined) fs.chmodSync(path, mode);
    }),

  makeFolder: (path) => guarded(() => makeFolder(path)),

  namesIn: (path) =>
    guardedLater(async () => {
      try {
        const names = await readdir(path, { encoding: 'buffer' });
        return names.map((name) => name.toString('latin1'));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return [];
        throw error;
      }
    }),

  nodesIn: (path) => nodesIn(path),

  rename: (from, to) => guardedLater(() => renamePatiently(from, to)),

  removeFile: (path) => guarded(() => fs.unlinkSync(path)),

  remove: (path) =>
    guardedLater(() => rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })),

  syncTree: (path) => guardedLater(() => syncTree(path)),

  syncFile: (path) => guardedLater(() => syncOne(path)),

  syncFolder: (path) => guardedLater(() => syncOne(path)),
};

class NodeFile implements OpenFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  write(chunks: readonly Buffer[], position: number): Promise<void> {
    return guardedLater(async () => {
      const wanted = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const { bytesWritten } = await this.#file.writev([...chunks], position);
      if (bytesWritten === wanted) return;
      const rest = Buffer.concat(chunks).subarray(bytesWritten);
      await this.write([rest], position + bytesWritten);
    });
  }

  read(position: number, length: number): Promise<Buffer> {
    return guardedLater(async () => {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await this.#file.read(
          buffer,
          filled,
          length - filled,
          position + filled,
        );
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    });
  }

  truncate(size: number): Promise<void> {
    return guardedLater(() => this.#file.truncate(size));
  }

  seal(attributes: FileAttributes): Promise<DiskStat> {
    return guardedLater(async () => {
      const mtime = timeArgument(attributes.mtime);
      await this.#file.utimes(mtime, mtime);
      await this.#file.chmod(attributes.mode);
      return diskStatOf(await this.#file.stat());
    });
  }

  sync(): Promise<void> {
    return guardedLater(() => this.#file.sync());
  }

  close(): Promise<void> {
    return guardedLater(() => this.#file.close());
  }
}

/** Nearly always the folder above is there: then the plain call does, at half the cost of the recursive one. */
function makeFolder(path: DiskPath): void {
  try {
    fs.mkdirSync(path);
  } catch {
    // There already, or the one above is missing, or worse, which the thorough call tells.
    fs.mkdirSync(path, { recursive: true });
  }
}

function openNoFollow(path: DiskPath, mode: number): Promise<FileHandle> {
  // O_NOFOLLOW is undefined on Windows, and `|` takes that for 0.
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, mode | 0o200);
}

async function* readChunks(path: DiskPath, start: number): AsyncGenerator<Buffer, void, undefined> {
  try {
    const size = fs.statSync(path).size;
    if (size <= start) return;
    // With an end the stream takes no larger buffers than there are bytes: a plan is read in small steps.
    const stream = fs.createReadStream(path, { start, end: size - 1, highWaterMark: 256 * 1024 });
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw diskError(error);
  }
}

const look = lookerAtFiles(fs, crypto, () => false, diskStatOf);

const createFile = creatorOfFile(fs, diskStatOf);

/** Whatever stands there is not waited for, and a link not followed. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function readWhole(path: DiskPath, longest: number): Buffer | undefined {
  const file = fs.openSync(path, readOnly);
  try {
    const found = fs.fstatSync(file);
    if (!found.isFile() || found.size > longest) return undefined;
    const content = readOpened(file, found.size);
    return content.length > longest ? undefined : content;
  } finally {
    fs.closeSync(file);
  }
}

function readEnd(path: DiskPath, longest: number): Buffer {
  const file = fs.openSync(path, readOnly);
  try {
    const { size } = fs.fstatSync(file);
    const buffer = Buffer.allocUnsafe(Math.min(size, longest));
    const read = fs.readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, read);
  } finally {
    fs.closeSync(file);
  }
}

/** One call, if the file is as long as it should be: it is asked for one byte more, and gives none. */
function readOpened(file: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size + 1);
  let filled = fs.readSync(file, buffer, 0, buffer.length, null);
  for (
    let read = filled === size ? 0 : filled;
    read > 0 && filled < buffer.length;
    filled += read
  ) {
    read = fs.readSync(file, buffer, filled, buffer.length - filled, null);
  }
  return buffer.subarray(0, filled);
}

/** So many names are read at once. */
const namesAtOnce = 512;

async function* nodesIn(path: DiskPath): AsyncGenerator<DiskNode, void, undefined> {
  try {
    // Node takes this encoding; its types know fewer.
    const encoding = 'latin1' as BufferEncoding;
    const folder = await opendir(path, { encoding, bufferSize: namesAtOnce });
    try {
      // Reading them one by one with a promise for each costs three times as much.
      for (let found = folder.readSync(); found; found = folder.readSync()) {
        const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
        yield { name: found.name, type };
      }
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw diskError(error);
  }
}

async function renamePatiently(from: DiskPath, to: DiskPath): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const busy = process.platform === 'win32' && busyRenames.codes.has(systemCode(error) ?? '');
      if (!busy || attempt === busyRenames.attempts) throw error;
      await sleep(busyRenames.firstDelay * 2 ** attempt);
    }
  }
}

/**
 * On Linux one call of `sync -f` (syncfs) instead of an fsync for each of ten thousand files;
 * elsewhere each file and folder by itself.
 */
async function syncTree(path: DiskPath): Promise<void> {
  if (process.platform === 'linux') {
    try {
      await runProgram('sync', ['-f', path.toString()], { timeout: 600_000 });
      return;
    } catch {
      // No coreutils, or a file system that refuses: file by file then.
    }
  }
  await syncEach(path);
}

async function syncEach(path: DiskPath): Promise<void> {
  const folder = Buffer.from(path);
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const child = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) await syncEach(child);
    else if (entry.isFile()) await syncOne(child);
  }
  await syncOne(folder);
}

async function syncOne(path: DiskPath): Promise<void> {
  // Windows can neither open a folder for this nor a read-only file.
  if (process.platform === 'win32') return;
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** As text: Node takes a negative number (a time before 1970) for the present moment. */
function timeArgument(seconds: number): string {
  return seconds.toFixed(6);
}

function guarded<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw diskError(error);
  }
}

async function guardedLater<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw diskError(error);
  }
}
