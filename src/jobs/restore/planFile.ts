import type { Disk } from '../../store/disk';
import { LineWriter } from '../../store/lineWriter';
import { readLines } from '../../store/readLines';
import { decodeAction, encodeAction, type PlannedAction } from './plannedAction';

/** The plan of a restore on disk, so that a million entries cost no more memory than a thousand. */
export class RestorePlanFile implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #path: string;
  #writer: LineWriter | undefined;

  private constructor(disk: Disk, path: string, writer: LineWriter) {
    this.#disk = disk;
    this.#path = path;
    this.#writer = writer;
  }

  static async create(disk: Disk, path: string): Promise<RestorePlanFile> {
    return new RestorePlanFile(disk, path, await LineWriter.open(disk, path));
  }

  async append(action: PlannedAction): Promise<void> {
    this.#writer?.append(`${encodeAction(action)}\n`);
    await this.#writer?.settled();
  }

  /** No more will come: from now on it can be read, more than once. */
  async end(): Promise<void> {
    await this.#writer?.flush();
    await this.#close();
  }

  /** In the order in which they were planned: folder order. */
  async *actions(): AsyncGenerator<PlannedAction, void, undefined> {
    for await (const { text } of readLines(this.#disk, this.#path)) yield decodeAction(text);
  }

  /** Removes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#disk.remove(this.#path);
  }

  async #close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.abandon();
  }
}
