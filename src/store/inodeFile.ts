import type { Disk, Inode, OpenFile } from './disk';

/** Three little-endian doubles for each line of the manifest: inode number, mtime, ctime; zeros for none. */
const recordBytes = 24;
const recordsPerWrite = 4096;

/** Writes the inode records of a snapshot, in the order of its manifest. */
export class InodeWriter {
  readonly #file: OpenFile;
  #block = Buffer.alloc(recordBytes * recordsPerWrite);
  #filled = 0;
  #written = 0;

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

  async append(inode: Inode | undefined): Promise<void> {
    this.#block.writeDoubleLE(inode?.number ?? 0, this.#filled);
    this.#block.writeDoubleLE(inode?.mtime ?? 0, this.#filled + 8);
    this.#block.writeDoubleLE(inode?.ctime ?? 0, this.#filled + 16);
    this.#filled += recordBytes;
    if (this.#filled === this.#block.length) await this.#flush();
  }

  async finish(): Promise<void> {
    try {
      await this.#flush();
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

/** The records in order; ends early if the file is missing, so that every file is read again. */
export async function* readInodes(
  disk: Disk,
  path: string,
): AsyncGenerator<Inode | undefined, void, undefined> {
  if (!disk.stat(path)) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of disk.readFile(path)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let position = 0;
    for (; position + recordBytes <= bytes.length; position += recordBytes) {
      const number = bytes.readDoubleLE(position);
      const mtime = bytes.readDoubleLE(position + 8);
      const ctime = bytes.readDoubleLE(position + 16);
      yield number === 0 ? undefined : { number, mtime, ctime };
    }
    rest = bytes.subarray(position);
  }
}
