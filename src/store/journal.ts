import { createHash } from 'node:crypto';
import { BackupError } from '../base/errors';
import type { NameDecoder } from '../model/manifest';
import { bytesOf, type RemotePath } from '../model/remotePath';
import type { Disk, OpenFile } from './disk';
import { LineWriter } from './lineWriter';
import { OffsetTable } from './offsetTable';
import { readLines } from './readLines';
import { decodeJournal, encodeJournal, type JournalRecord } from './record';

const windowBytes = 256 * 1024;
/** Content that a kill may cost: its records are still in memory. */
const mostUnflushed = 8 * 1024 * 1024;

/**
 * What became of the wanted files, a line each in the order in which they arrived. It outlives an
 * interrupted run: the next one finds by path what is there already.
 */
export class Journal {
  readonly #writer: LineWriter;
  readonly #reader: OpenFile;
  readonly #decode: NameDecoder;
  /** Where the records of this run are, by the number of the wanted file. */
  readonly #byNumber = new OffsetTable();
  /** Where the records of earlier, interrupted runs are, by path. */
  readonly #byPath: ReadonlyMap<number, number>;
  #unflushed = 0;
  #window: { readonly start: number; readonly bytes: Buffer } = {
    start: 0,
    bytes: Buffer.alloc(0),
  };

  private constructor(
    writer: LineWriter,
    reader: OpenFile,
    decode: NameDecoder,
    byPath: ReadonlyMap<number, number>,
  ) {
    this.#writer = writer;
    this.#reader = reader;
    this.#decode = decode;
    this.#byPath = byPath;
  }

  /** Opens the journal, with what an interrupted run left in it. */
  static async open(disk: Disk, path: string, decode: NameDecoder): Promise<Journal> {
    const { byPath, end } = await readEarlier(disk, path);
    const writer = await LineWriter.open(disk, path, end);
    try {
      return new Journal(writer, await disk.openFile(path, 0o600), decode, byPath);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  get continues(): boolean {
    return this.#byPath.size > 0;
  }

  async append(record: JournalRecord): Promise<void> {
    const position = this.#writer.append(encodeJournal(record, this.#decode));
    if (record.state === 'settled') this.#byNumber.set(record.number, position);
    this.#unflushed += record.entry.size ?? 0;
    if (record.state === 'partly' || this.#unflushed >= mostUnflushed) {
      this.#unflushed = 0;
      await this.#writer.flush();
    } else {
      await this.#writer.settled();
    }
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** What this run wrote of a wanted file; undefined if nothing. Call `flush` first. */
  async settled(number: number): Promise<JournalRecord | undefined> {
    const position = this.#byNumber.get(number);
    return position === undefined ? undefined : await this.#at(position);
  }

  /** The last word of an interrupted run on a path. */
  async earlier(path: RemotePath): Promise<JournalRecord | undefined> {
    if (this.#byPath.size === 0) return undefined;
    const position = this.#byPath.get(pathKey(path));
    if (position === undefined) return undefined;
    const record = await this.#at(position);
    return record.entry.path === path ? record : undefined;
  }

  async close(): Promise<void> {
    try {
      await this.#writer.abandon();
    } finally {
      await this.#reader.close();
    }
  }

  async #at(position: number): Promise<JournalRecord> {
    const line = this.#lineInWindow(position) ?? (await this.#readLine(position));
    return decodeJournal(line);
  }

  #lineInWindow(position: number): string | undefined {
    const begin = position - this.#window.start;
    if (begin < 0 || begin >= this.#window.bytes.length) return undefined;
    const end = this.#window.bytes.indexOf(10, begin);
    return end < 0 ? undefined : this.#window.bytes.toString('utf8', begin, end);
  }

  async #readLine(position: number): Promise<string> {
    for (let length = windowBytes; ; length *= 4) {
      const bytes = await this.#reader.read(position, length);
      this.#window = { start: position, bytes };
      const line = this.#lineInWindow(position);
      if (line !== undefined) return line;
      if (bytes.length < length) return bytes.toString('utf8');
    }
  }
}

/**
 * Where the records of interrupted runs are, up to the first line that is none: after a power cut a
 * file may end in zeros or in half a line. What stood behind it is fetched again.
 */
async function readEarlier(
  disk: Disk,
  path: string,
): Promise<{ readonly byPath: ReadonlyMap<number, number>; readonly end: number }> {
  const byPath = new Map<number, number>();
  let end = 0;
  if (!disk.stat(path)) return { byPath, end };
  try {
    for await (const line of readLines(disk, path)) {
      byPath.set(pathKey(decodeJournal(line.text).entry.path), line.position);
      end = line.position + Buffer.byteLength(line.text, 'utf8') + 1;
    }
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind !== 'protocol') throw error;
  }
  return { byPath, end };
}

/** 48 bits of a path's digest: two paths of a million share one with a chance of 1 in 500. */
function pathKey(path: RemotePath): number {
  return createHash('sha1').update(bytesOf(path)).digest().readUIntBE(0, 6);
}
