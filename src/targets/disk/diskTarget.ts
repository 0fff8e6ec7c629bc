import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  realpath,
  rename,
  rmdir,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';
import { throwIfAborted } from '../../base/abort';
import { BackupError, systemCode } from '../../base/errors';
import { absolute, bytesOf, parentOf, textOf, type RemotePath } from '../../model/remotePath';
import type { FileServer } from '../../sources/fileServer';
import { folderNotGiven, ownerToTake, type Owner } from '../ownerToTake';
import {
  sizeFault,
  type Attributes,
  type Content,
  type OwnedAttributes,
  type Standing,
  type Target,
} from '../target';
import { writeError } from './writeError';

/** What makes a target of a place on a disk of this computer. */
export interface DiskPlaces {
  readonly label: string;
  readonly reader: FileServer;
  /** Where a path stands. */
  at(place: RemotePath): Buffer | string;
  /**
   * The folder that nothing may be written outside of, without links in it; absent: the whole computer.
   */
  readonly within?: string;
}

/** Up to this size a clone is not worth its system calls. */
const worthACloneBytes = 64 * 1024;

/** A path of this computer, or of a disk that it has mounted. Links are never followed. */
export class DiskTarget implements Target {
  readonly label: string;
  readonly reader: FileServer;
  readonly writingWidth = 16;
  readonly comparableMode = 0o7777;
  readonly notes = new Set<string>();
  readonly #places: DiskPlaces;
  #clones = true;

  constructor(places: DiskPlaces) {
    this.label = places.label;
    this.reader = places.reader;
    this.#places = places;
  }

  faultOf(): undefined {
    return undefined;
  }

  async upload(
    place: RemotePath,
    content: Content,
    attributes: OwnedAttributes,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, async (at) => {
      const cloned = content.size > worthACloneBytes && (await this.#clone(content, at));
      if (!cloned) await this.#write(content, at, signal);
      if (attributes.like !== undefined) await this.#giveAway(at, attributes.like);
      await this.#set(place, at, attributes);
      await syncFile(at);
      const fault = sizeFault((await lstat(at)).size, content.size);
      if (fault !== undefined) throw new BackupError('changed', `${shown(place)}: ${fault}.`);
    });
  }

  async makeLink(
    place: RemotePath,
    target: string,
    { mtime }: Attributes,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, async (at) => {
      await symlink(process.platform === 'win32' ? textOf(target) : bytesOf(target), at);
      if (mtime !== undefined) await lutimes(at, timeArgument(mtime), timeArgument(mtime));
    });
  }

  async replace(
    from: RemotePath,
    to: RemotePath,
    _aside: RemotePath,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(to, (at) => rename(this.#places.at(from), at));
  }

  async makeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, async (at) => {
      try {
        await mkdir(at);
        await this.#giveAway(at, parentOf(place), folderNotGiven);
      } catch (error) {
        if (systemCode(error) !== 'EEXIST' || !(await lstat(at)).isDirectory()) throw error;
      }
    });
  }

  async setAttributes(
    { place }: Standing,
    attributes: Attributes,
    signal: AbortSignal,
  ): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, (at) => this.#set(place, at, attributes));
  }

  async removeFile(place: RemotePath, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, (at) => unlink(at).catch(unlessMissing));
  }

  async removeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await this.#guarded(place, (at) => rmdir(at).catch(unlessMissing));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader[Symbol.asyncDispose]();
  }

  /** Shares the blocks of the snapshot's file where the disk can, and proves what is there now. */
  async #clone(content: Content, at: Buffer | string): Promise<boolean> {
    if (!this.#clones) return false;
    try {
      const mode = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
      await copyFile(content.place, at, mode);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw error;
      this.#clones = false;
      await unlink(at).catch(() => undefined);
      return false;
    }
    // The clone is proven by reading its origin, which is the same blocks.
    await readAll(content);
    return true;
  }

  async #write(content: Content, at: Buffer | string, signal: AbortSignal): Promise<void> {
    const file = await open(at, 'wx', 0o600);
    try {
      for await (const chunk of content.read()) {
        throwIfAborted(signal);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
  }

  /** The times and rights come later: giving away takes some of the rights. */
  async #giveAway(
    at: Buffer | string,
    like: RemotePath,
    refused: (own: Owner) => string | undefined = fileNotGiven,
  ): Promise<void> {
    const [own, wanted] = await Promise.all([
      lstat(at),
      lstat(this.#places.at(like)).catch(() => undefined),
    ]);
    const owner = wanted && ownerToTake(own, wanted);
    if (!owner) return;
    await lchown(at, owner.uid, owner.gid).catch(() => {
      const note = refused(own);
      if (note !== undefined) this.notes.add(note);
    });
  }

  async #set(place: RemotePath, at: Buffer | string, { mode, mtime }: Attributes): Promise<void> {
    try {
      if (mtime !== undefined) await utimes(at, timeArgument(mtime), timeArgument(mtime));
      if (mode !== undefined) await chmod(at, mode);
    } catch (error) {
      if (systemCode(error) !== 'EPERM') throw error;
      this.notes.add(`The rights and times of ${shown(place)} belong to somebody else.`);
    }
  }

  async #guarded<T>(place: RemotePath, work: (at: Buffer | string) => Promise<T>): Promise<T> {
    try {
      await this.#stayWithin(place);
      return await work(this.#places.at(place));
    } catch (error) {
      throw writeError(error, place);
    }
  }

  /** Throws `permission` if the folder of a place lies elsewhere, as a link on the way leads out. */
  async #stayWithin(place: RemotePath): Promise<void> {
    const { within } = this.#places;
    if (within === undefined) return;
    const folder = this.#places.at(parentOf(place));
    const real = await realpath(folder, { encoding: 'buffer' });
    const top = Buffer.from(within.endsWith(path.sep) ? within : within + path.sep);
    const inside = Buffer.concat([real, Buffer.from(path.sep)])
      .subarray(0, top.length)
      .equals(top);
    if (inside) return;
    throw new BackupError(
      'permission',
      `${shown(place)} is not written: a link on the way to it leads out of ${within}.`,
    );
  }
}

function shown(place: RemotePath): string {
  return absolute(place);
}

async function readAll(content: Content): Promise<void> {
  const chunks = content.read()[Symbol.asyncIterator]();
  for (let next = await chunks.next(); !next.done; next = await chunks.next());
}

/** Before it gets its true name: after a power cut an empty file might stand there. */
async function syncFile(at: Buffer | string): Promise<void> {
  // Windows can open a read-only file for nothing that would flush it.
  if (process.platform === 'win32') return;
  const file = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function unlessMissing(error: unknown): void {
  if (systemCode(error) !== 'ENOENT') throw error;
}

/**
 * As text: Node takes a negative number (a time before 1970) for the present moment. A fraction comes out
 * a little less than it is, so that it is put into the middle of its microsecond.
 */
function timeArgument(seconds: number): string {
  return Number.isInteger(seconds) ? String(seconds) : (seconds + 4e-7).toFixed(7);
}

function fileNotGiven(): string {
  return 'The owner or group of some replaced files could not be kept.';
}
