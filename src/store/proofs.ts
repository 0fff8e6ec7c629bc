import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import type { Disk } from './disk';
import { LineWriter } from './lineWriter';
import { ProofTable, type ContentKey } from './proofTable';
import { readLines } from './readLines';

/*
 * `.sauvegarde/proven.ndjson`, lines of two kinds, of which the later ones count:
 *
 *   {"at":"2026-11-28T07:00:00.000Z","contents":"…"}       read and found right: keys of eight bytes, in base64
 *   {"snapshot":"2026-11-23T07-00-00Z","since":"…"|null}   since when all of a snapshot is proven
 */
const keyBytes = 8;
const keysInLine = 2048;
/** A file that is longer than it would have to be by this and by half is written anew. */
const slack = 64 * 1024;

interface Known {
  readonly table: ProofTable;
  readonly since: Map<SnapshotId, string | null>;
}

/** When what of a store was last read and found right. One verification at a time writes it. */
export class Proofs {
  readonly table: ProofTable;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #since: Map<SnapshotId, string | null>;
  readonly #writer: LineWriter;
  #pending = Buffer.alloc(keyBytes * keysInLine);
  #filled = 0;
  #at = 0;

  private constructor(disk: Disk, path: string, writer: LineWriter, known: Known) {
    this.#disk = disk;
    this.#path = path;
    this.#writer = writer;
    this.table = known.table;
    this.#since = known.since;
  }

  /** Reads what is known, and opens the file to add to it. */
  static async open(disk: Disk, path: string): Promise<Proofs> {
    const lines = disk.stat(path) ? readLines(disk, path) : [];
    const known: Known = { table: new ProofTable(), since: new Map() };
    let keep = 0;
    for await (const { text, position } of lines) {
      take(parse(text), known.table, known.since);
      keep = position + Buffer.byteLength(text, 'utf8') + 1;
    }
    return new Proofs(disk, path, await LineWriter.open(disk, path, keep), known);
  }

  /** @param at seconds since 1970; of all contents that one verification proves the same */
  prove(place: number, at: number): void {
    if (this.#filled === this.#pending.length || at !== this.#at) this.#append();
    this.#at = at;
    this.table.setTime(place, at);
    this.#filled += writeKey(this.#pending, this.#filled, this.table.keyAt(place));
  }

  /** @param since seconds since 1970; undefined: not all of it is proven */
  setSince(id: SnapshotId, since: number | undefined): void {
    const text = since === undefined ? null : iso(since);
    if (this.#since.get(id) === text) return;
    this.#since.set(id, text);
    this.#append();
    this.#writer.append(sinceLine(id, text));
  }

  /** The back-pressure of the disk. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /**
   * Makes durable what was proven, and writes the file anew where most of it is out of date.
   * @param isThere which contents are still in the store; absent: it was not looked at
   */
  async finish(ids: readonly SnapshotId[], isThere?: (place: number) => boolean): Promise<void> {
    this.#append();
    await this.#writer.finish();
    const needed = (this.table.count * keyBytes * 4) / 3 + 80 * ids.length;
    if (this.#writer.written > slack + 1.5 * needed) await this.#writeAnew(ids, isThere);
  }

  /** Keeps what was proven so far. */
  async abandon(): Promise<void> {
    this.#append();
    await this.#writer.abandon();
  }

  #append(): void {
    if (this.#filled === 0) return;
    this.#writer.append(contentsLine(this.#at, this.#pending.subarray(0, this.#filled)));
    this.#filled = 0;
  }

  async #writeAnew(
    ids: readonly SnapshotId[],
    isThere: ((place: number) => boolean) | undefined,
  ): Promise<void> {
    const beside = `${this.#path}.new`;
    const writer = await LineWriter.open(this.#disk, beside);
    try {
      for (const line of this.#linesAnew(isThere)) {
        writer.append(line);
        await writer.settled();
      }
      for (const id of ids) {
        const since = this.#since.get(id);
        if (since !== undefined) writer.append(sinceLine(id, since));
      }
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    await writer.finish();
    await this.#disk.rename(beside, this.#path);
  }

  *#linesAnew(isThere: (place: number) => boolean = () => true): Generator<string> {
    const filling = new Map<number, { readonly keys: Buffer; filled: number }>();
    for (const place of this.table.places()) {
      const time = this.table.timeAt(place);
      if (time === 0 || !isThere(place)) continue;
      let line = filling.get(time);
      if (!line)
        filling.set(time, (line = { keys: Buffer.alloc(keyBytes * keysInLine), filled: 0 }));
      line.filled += writeKey(line.keys, line.filled, this.table.keyAt(place));
      if (line.filled < line.keys.length) continue;
      yield contentsLine(time, line.keys);
      line.filled = 0;
    }
    for (const [time, { keys, filled }] of filling) {
      if (filled > 0) yield contentsLine(time, keys.subarray(0, filled));
    }
  }
}

/** Since when all of each snapshot is proven, ISO 8601 in UTC. */
export async function provenSince(
  disk: Disk,
  path: string,
): Promise<ReadonlyMap<SnapshotId, string>> {
  const found = new Map<SnapshotId, string | null>();
  if (disk.stat(path)) {
    for await (const { text } of readLines(disk, path)) {
      if (text.startsWith('{"snapshot"')) take(parse(text), undefined, found);
    }
  }
  const proven = [...found].filter((pair): pair is [string, string] => pair[1] !== null);
  return new Map(proven);
}

interface Line {
  readonly at?: unknown;
  readonly contents?: unknown;
  readonly snapshot?: unknown;
  readonly since?: unknown;
}

/** A line that cannot be understood proves nothing. */
function parse(text: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function take(
  { at, contents, snapshot, since }: Line,
  table: ProofTable | undefined,
  proven: Map<SnapshotId, string | null>,
): void {
  if (typeof snapshot === 'string' && isSnapshotId(snapshot)) {
    const isTime = typeof since === 'string' && !Number.isNaN(Date.parse(since));
    proven.set(snapshot, isTime ? since : null);
  }
  if (!table || typeof at !== 'string' || typeof contents !== 'string') return;
  const time = Date.parse(at) / 1000;
  if (!(time > 0 && time < 2 ** 32)) return;
  const keys = Buffer.from(contents, 'base64');
  for (let start = 0; start + keyBytes <= keys.length; start += keyBytes) {
    const key = { high: keys.readUInt32LE(start), low: keys.readUInt32LE(start + 4) };
    if (key.low !== 0) table.setTime(table.place(key), time);
  }
}

function writeKey(buffer: Buffer, position: number, { high, low }: ContentKey): number {
  buffer.writeUInt32LE(high, position);
  buffer.writeUInt32LE(low, position + 4);
  return keyBytes;
}

function contentsLine(at: number, keys: Buffer): string {
  return `${JSON.stringify({ at: iso(at), contents: keys.toString('base64') })}\n`;
}

function sinceLine(id: SnapshotId, since: string | null): string {
  return `${JSON.stringify({ snapshot: id, since })}\n`;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
