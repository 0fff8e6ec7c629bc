import type { Disk, InodeRecord, OpenFile } from './disk';

/**
 * The file begins with its seal, the disk's own time when it was finished, in milliseconds since
 * 1970: a file of the snapshot whose ctime is later was touched since. Then come two little-endian
 * doubles for each line of the manifest: inode number and mtime, zeros for none.
 */
const sealBytes = 8;
const recordBytes = 16;
const recordsPerWrite = 4096;
const recordsInGroup = 512;

/** Writes the inode records of a snapshot, in the order of its manifest. */
export class InodeWriter {
  readonly #file: OpenFile;
  #block = Buffer.alloc(recordBytes * recordsPerWrite);
  #filled = 0;
  #written = sealBytes;

  private constructor(file: OpenFile) {
    this.#file = file;
  }

  static async create(disk: Disk, path: string): Promise<InodeWriter> {
    const file = await disk.openFile(path, 0o600);
    try {
      await file.truncate(0);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new InodeWriter(file);
  }

  async append(inode: InodeRecord | undefined): Promise<void> {
    this.#block.writeDoubleLE(inode?.number ?? 0, this.#filled);
    this.#block.writeDoubleLE(inode?.mtime ?? 0, this.#filled + 8);
    this.#filled += recordBytes;
    if (this.#filled === this.#block.length) await this.#flush();
  }

  /** All files of the snapshot are in place. */
  async finish(): Promise<void> {
    try {
      await this.#flush();
      const { inode } = await this.#file.seal({ mode: 0o600, mtime: 0 });
      const seal = Buffer.alloc(sealBytes);
      seal.writeDoubleLE(inode.ctime);
      await this.#file.write([seal], 0);
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Closes without finishing. */
  abandon(): Promise<void> {
    return this.#file.close();
  }

  async #flush(): Promise<void> {
    await this.#file.write([this.#block.subarray(0, this.#filled)], this.#written);
    this.#written += this.#filled;
    this.#filled = 0;
  }
}

/** An inode as it was when its snapshot was finished. */
export interface SealedInode extends InodeRecord {
  /** Its ctime was not later than this. */
  readonly seal: number;
}

/**
 * The records in order, in groups as they are read; ends early if the file is missing, so that every file
 * is read again.
 */
export async function* inodeGroups(
  disk: Disk,
  path: string,
): AsyncGenerator<(SealedInode | undefined)[], void, undefined> {
  if (!disk.stat(path)) return;
  let seal: number | undefined;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of disk.readFile(path)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let position = 0;
    if (seal === undefined && bytes.length >= sealBytes) {
      seal = bytes.readDoubleLE();
      position = sealBytes;
    }
    let group: (SealedInode | undefined)[] = [];
    for (; position + recordBytes <= bytes.length; position += recordBytes) {
      const number = bytes.readDoubleLE(position);
      const mtime = bytes.readDoubleLE(position + 8);
      group.push(number === 0 ? undefined : { number, mtime, seal: seal ?? 0 });
      if (group.length < recordsInGroup) continue;
      yield group;
      group = [];
    }
    yield group;
    rest = bytes.subarray(position);
  }
}

/** The same, record by record. */
export async function* readInodes(
  disk: Disk,
  path: string,
): AsyncGenerator<SealedInode | undefined, void, undefined> {
  for await (const group of inodeGroups(disk, path)) yield* group;
}
