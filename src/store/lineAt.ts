import type { Disk, DiskPath } from './disk';

/** Lines of a finished file, by where they begin. Those near the last one cost no reading. */
export class LineAt {
  readonly #disk: Disk;
  readonly #path: DiskPath;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(disk: Disk, path: DiskPath) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Without its line feed; what there is of it if the file ends before. */
  async read(position: number): Promise<string> {
    const found = this.#inWindow(position);
    if (found !== undefined) return found;
    this.#start = position;
    this.#bytes = Buffer.alloc(0);
    for await (const chunk of this.#disk.readFile(this.#path, position)) {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (chunk.includes(10)) break;
    }
    return this.#inWindow(position) ?? this.#bytes.toString('utf8');
  }

  #inWindow(position: number): string | undefined {
    const begin = position - this.#start;
    if (begin < 0 || begin >= this.#bytes.length) return undefined;
    const end = this.#bytes.indexOf(10, begin);
    return end < 0 ? undefined : this.#bytes.toString('utf8', begin, end);
  }
}
