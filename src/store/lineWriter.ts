import type { Disk, OpenFile } from './disk';

const flushAt = 64 * 1024;

/** Appends lines to a file, gathered into large writes. */
export class LineWriter {
  readonly #file: OpenFile;
  #gathered: string[] = [];
  #gatheredBytes = 0;
  #written: number;
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  private constructor(file: OpenFile, size: number) {
    this.#file = file;
    this.#written = size;
  }

  /** Opens the file and appends behind its first `keep` bytes; what stands after them is cut off. */
  static async open(disk: Disk, path: string, keep = 0): Promise<LineWriter> {
    const file = await disk.openFile(path, 0o600);
    try {
      await file.truncate(keep);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new LineWriter(file, keep);
  }

  /** Bytes of the file that are written and can be read. */
  get written(): number {
    return this.#written;
  }

  /** Adds a line, which ends with its line feed, and returns the byte where it begins. Wait for `settled` now and then. */
  append(line: string): number {
    if (this.#failure) throw this.#failure.error;
    const position = this.#position();
    this.#gathered.push(line);
    this.#gatheredBytes += Buffer.byteLength(line, 'utf8');
    if (this.#gatheredBytes >= flushAt) this.#write();
    return position;
  }

  /** Resolves when the writes that have begun are done: the back-pressure of the disk. */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  async flush(): Promise<void> {
    if (this.#gatheredBytes > 0) this.#write();
    await this.settled();
  }

  /** Flushes, makes durable and closes. */
  async finish(): Promise<void> {
    try {
      await this.flush();
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Keeps what can be kept, after a failure too. */
  async abandon(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.#file.close();
  }

  #position(): number {
    return this.#written + this.#underWay + this.#gatheredBytes;
  }

  #underWay = 0;

  #write(): void {
    const bytes = Buffer.from(this.#gathered.join(''), 'utf8');
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#underWay += bytes.length;
    this.#writing = this.#writing
      .then(() => {
        // Behind a hole or over half a line nothing may be written.
        if (this.#failure) throw this.#failure.error;
        return this.#file.write([bytes], this.#written);
      })
      .then(
        () => {
          this.#written += bytes.length;
          this.#underWay -= bytes.length;
        },
        (error: unknown) => {
          this.#failure ??= { error };
        },
      );
  }
}
