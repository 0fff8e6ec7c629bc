import { createHash, type Hash } from 'node:crypto';
import { BackupError } from '../base/errors';
import {
  decodeEntry,
  encodeEntry,
  isHeader,
  isTotals,
  parseLine,
  type ManifestEntry,
  type ManifestHeader,
  type ManifestTotals,
  type NameDecoder,
} from '../model/manifest';
import type { Disk } from './disk';
import { entryLines } from './entryLines';
import { LineWriter } from './lineWriter';
import { ParityBuilder } from './parity';
import { readLines } from './readLines';

/** Writes a manifest from its header to its totals, hashing on the way. */
export class ManifestWriter {
  readonly #lines: LineWriter;
  readonly #decode: NameDecoder;
  readonly #hash: Hash = createHash('sha256');
  readonly #parity = new ParityBuilder();

  private constructor(lines: LineWriter, decode: NameDecoder) {
    this.#lines = lines;
    this.#decode = decode;
  }

  static async create(
    disk: Disk,
    path: string,
    header: ManifestHeader,
    decode: NameDecoder,
  ): Promise<ManifestWriter> {
    const writer = new ManifestWriter(await LineWriter.open(disk, path), decode);
    writer.#append(JSON.stringify(header));
    return writer;
  }

  append(entry: ManifestEntry): Promise<void> {
    return this.appendLine(encodeEntry(entry, this.#decode));
  }

  /** An entry that is a line already, without its line feed. */
  async appendLine(line: string): Promise<void> {
    this.#append(line);
    await this.#lines.settled();
  }

  /** Writes the totals and makes the file durable. */
  async finish(totals: Omit<ManifestTotals, 'digest'>): Promise<ManifestTotals> {
    const whole: ManifestTotals = { ...totals, digest: this.#hash.digest('hex') };
    const last = `${JSON.stringify(whole)}\n`;
    this.#parity.update(Buffer.from(last, 'utf8'));
    this.#lines.append(last);
    await this.#lines.finish();
    return whole;
  }

  /** What proves and mends the finished manifest: the content of its parity file. */
  parity(): Buffer {
    return this.#parity.finish();
  }

  /** Closes without finishing. */
  abandon(): Promise<void> {
    return this.#lines.abandon();
  }

  #append(line: string): void {
    const text = `${line}\n`;
    const bytes = Buffer.from(text, 'utf8');
    this.#hash.update(bytes);
    this.#parity.update(bytes);
    this.#lines.append(text);
  }
}

/** The entries of a manifest in folder order. */
export async function* readManifest(
  disk: Disk,
  path: string,
): AsyncGenerator<ManifestEntry, void, undefined> {
  for await (const { text } of entryLines(disk, path)) yield decodeEntry(text);
}

/** Throws `protocol` if the file does not begin with a header of a format that we know. */
export async function readHeader(disk: Disk, path: string): Promise<ManifestHeader> {
  for await (const line of readLines(disk, path)) {
    const header = parseLine(line.text);
    if (isHeader(header)) return header;
    break;
  }
  throw damaged(path, 'it has no header of format 1');
}

/** Bytes: what totals have nearly always, and what they may have. */
const totalsLengths = [1024, 64 * 1024] as const;

/** The last line. Throws `protocol` if there is none. */
export function readTotals(disk: Disk, path: string): ManifestTotals {
  for (const length of totalsLengths) {
    const end = disk.readEnd(path, length);
    const begin = end.lastIndexOf(10, -2) + 1;
    // Without its line feed it was cut off; without the one before it, its beginning is not among these.
    if (end.at(-1) !== 10 || (begin === 0 && end.length === length)) continue;
    const totals = parseLine(end.toString('utf8', begin, end.length - 1));
    if (isTotals(totals)) return totals;
  }
  throw damaged(path, 'it has no totals');
}

/** Whether all bytes before the last line have the digest that the last line names. */
export async function isManifestWhole(disk: Disk, path: string): Promise<boolean> {
  const size = disk.stat(path)?.size ?? 0;
  let totals: ManifestTotals;
  try {
    totals = readTotals(disk, path);
  } catch {
    return false;
  }
  let left = size - Buffer.byteLength(JSON.stringify(totals), 'utf8') - 1;
  const hash = createHash('sha256');
  for await (const chunk of disk.readFile(path)) {
    hash.update(chunk.subarray(0, Math.max(0, left)));
    left -= chunk.length;
  }
  return hash.digest('hex') === totals.digest;
}

function damaged(path: string, why: string): BackupError {
  return new BackupError('protocol', `The manifest ${path} is damaged: ${why}.`, { scope: 'run' });
}
