import { abortable } from '../base/abort';
import type { NameDecoder } from '../model/manifest';
import type { Disk } from './disk';
import { LineWriter } from './lineWriter';
import { readLines } from './readLines';
import { encodePlan, type PlanRecord } from './record';

/** A line of the plan; `decodePlan` reads it. Most are only passed over, so it is left as it is. */
export interface Planned {
  readonly number: number;
  readonly line: string;
}

/**
 * The plan of a run on disk: one record for each entry of the snapshot, in folder order. It is the
 * queue between scanning and fetching as well, so that neither waits for the other and memory stays
 * flat however far the scan is ahead.
 */
export class PlanFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #writer: LineWriter;
  readonly #decode: NameDecoder;
  #ended = false;
  /** Counts what a reader might wait for, so that nothing that comes just before it waits is missed. */
  #changes = 0;
  #wake: (() => void) | undefined;

  private constructor(disk: Disk, path: string, writer: LineWriter, decode: NameDecoder) {
    this.#disk = disk;
    this.#path = path;
    this.#writer = writer;
    this.#decode = decode;
  }

  static async create(disk: Disk, path: string, decode: NameDecoder): Promise<PlanFile> {
    return new PlanFile(disk, path, await LineWriter.open(disk, path), decode);
  }

  async append(record: PlanRecord): Promise<void> {
    this.#writer.append(encodePlan(record, this.#decode));
    this.#wakeReader();
    await this.#writer.settled();
  }

  /** No more records will come. */
  async end(): Promise<void> {
    this.#ended = true;
    try {
      await this.#writer.flush();
    } finally {
      this.#wakeReader();
    }
  }

  /** All records, those that are still to come included. Ends after `end`, or throws when the signal aborts. */
  async *follow(signal?: AbortSignal): AsyncGenerator<Planned, void, undefined> {
    let position = 0;
    let number = 0;
    for (;;) {
      const ended = this.#ended;
      const seen = this.#changes;
      if (this.#writer.written <= position) await this.#writer.flush();
      if (this.#writer.written > position) {
        for await (const line of readLines(this.#disk, this.#path, position)) {
          position = line.position + Buffer.byteLength(line.text, 'utf8') + 1;
          yield { number, line: line.text };
          number += 1;
        }
      } else if (ended) {
        return;
      } else if (seen === this.#changes) {
        const more = new Promise<void>((resolve) => (this.#wake = resolve));
        await (signal ? abortable(more, signal) : more);
      }
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#wakeReader();
    await this.#writer.abandon();
  }

  #wakeReader(): void {
    this.#changes += 1;
    this.#wake?.();
    this.#wake = undefined;
  }
}
