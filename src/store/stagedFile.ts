import { createHash, type Hash } from 'node:crypto';
import { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import type { Incoming } from '../model/transfer';
import type { Create } from './createHere';
import type { Disk, DiskPath, DiskStat, FileAttributes, OpenFile } from './disk';
import { GatheredHere, type Gathered, type Gathering } from './gathering';
import type { LargeFiles } from './largeFiles';

/** A file up to this size is gathered in memory and written in one go. */
const wholeFileBytes = 64 * 1024;
const gatherBytes = 512 * 1024;
/** Bytes of a file after which what has come is noted, and the disk begins to write it. */
const checkpointEvery = 16 * 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

/** The first bytes of a file, proven by their digest. */
export interface Prefix {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Where a file goes, and how. */
export interface StagedPlace {
  readonly disk: Disk;
  readonly place: DiskPath;
  /** Creates small files. */
  readonly create: Create;
  /** Takes in large ones; without it they are hashed here. */
  readonly largeFiles?: LargeFiles;
}

/** What the staging does with a file on its way in. */
export interface StagedFileEvents {
  /** The file is whole and on disk. */
  arrived(sha256: string, stat: DiskStat): Promise<void>;
  /** The prefix is on disk; what comes after it may be lost. */
  reached(prefix: Prefix): Promise<void>;
  /** More bytes have come in. */
  received(bytes: number): void;
  /** Nothing more comes, for better or worse. */
  ended(): void;
}

/** One file on its way into the unfinished snapshot: hashed and counted as it comes. */
export class StagedFile implements Incoming {
  readonly offset: number;
  readonly #disk: Disk;
  readonly #place: DiskPath;
  readonly #create: Create;
  readonly #entry: Entry;
  readonly #attributes: FileAttributes;
  readonly #events: StagedFileEvents;
  readonly #gathering: Gathering;
  #file: OpenFile | undefined;
  #onDisk: number;
  /** So many bytes are of use to another attempt. */
  #proven: number;
  #total: number;
  #lastCheckpoint: number;
  #lastFlush: number;
  #isEnding = false;
  #writing: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  #hashing: Promise<void> | undefined;

  private constructor(
    { disk, place, create, largeFiles }: StagedPlace,
    entry: Entry,
    attributes: FileAttributes,
    events: StagedFileEvents,
    kept: { readonly file: OpenFile; readonly hash: Hash; readonly bytes: number } | undefined,
  ) {
    this.#disk = disk;
    this.#place = place;
    this.#create = create;
    this.#entry = entry;
    this.#attributes = attributes;
    this.#events = events;
    // What is continued has its first part hashed here already.
    const beside = kept ? undefined : largeFiles?.begin(entry.size ?? 0);
    this.#gathering = beside ?? new GatheredHere(kept?.hash);
    this.#file = kept?.file;
    this.offset = kept?.bytes ?? 0;
    this.#onDisk = this.#proven = this.#total = this.offset;
    this.#lastCheckpoint = this.#lastFlush = this.offset;
  }

  /** Begins anew, or behind the prefix if what is on disk still has its digest. */
  static async begin(
    where: StagedPlace,
    entry: Entry,
    attributes: FileAttributes,
    events: StagedFileEvents,
    prefix: Prefix | undefined,
  ): Promise<StagedFile> {
    const { disk, place } = where;
    const hash = prefix && (await hashPrefix(disk, place, prefix));
    if (!prefix || !hash) return new StagedFile(where, entry, attributes, events, undefined);
    const file = await disk.openFile(place, attributes.mode);
    try {
      // What lies behind the prefix is not proven, and a hole would leave it where it is.
      await file.truncate(prefix.bytes);
    } catch (error) {
      await file.close();
      throw error;
    }
    const kept = { file, hash, bytes: prefix.bytes };
    return new StagedFile(where, entry, attributes, events, kept);
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.#total += chunk.length;
    if (this.#total > (this.#entry.size ?? Infinity)) {
      throw new BackupError('changed', 'The file is longer than it was listed.');
    }
    this.#events.received(chunk.length);
    this.#gathering.add(chunk);
    if (this.#gathering.bytes < gatherBytes) return undefined;
    return this.#writeGathered();
  }

  /**
   * Has what has come by now kept for another attempt, should this one be killed. A little is not
   * worth a file of its own. Rejects if the disk does; whoever writes next is told as well.
   */
  async note(): Promise<void> {
    if (this.#isEnding || this.#total - this.#lastCheckpoint <= wholeFileBytes) return;
    await this.#writeGathered('checkpoint');
    await this.#writing;
  }

  async finish(end = this.#entry.size ?? this.#total): Promise<void> {
    this.#end();
    if (this.#total !== end) {
      await this.abandon();
      throw new BackupError('changed', 'The file is shorter than it was listed.');
    }
    const gathering = this.#gathering;
    const isSmall = !this.#file && this.#total <= wholeFileBytes;
    if (isSmall && gathering instanceof GatheredHere) {
      const creating = this.#create(this.#place, gathering.content(), this.#attributes);
      const { sha256, stat } = creating instanceof Promise ? await creating : creating;
      await this.#events.arrived(sha256, stat);
    } else {
      const { sha256, stat } = await this.#settle();
      await this.#events.arrived(sha256, stat);
    }
  }

  async abandon(): Promise<void> {
    this.#end();
    try {
      if (this.#total > wholeFileBytes) {
        await this.#writeGathered('checkpoint');
        await this.#writing;
      }
    } finally {
      this.#gathering.end();
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  #end(): void {
    this.#isEnding = true;
    this.#events.ended();
  }

  async #settle(): Promise<{ readonly sha256: string; readonly stat: DiskStat }> {
    try {
      await this.#writeGathered();
      await this.#writing;
      await this.#flushing;
      const file = await this.#opened();
      await file.truncate(this.#total);
      const sha256 = await this.#digest(this.#total);
      return { sha256, stat: await file.seal(this.#attributes) };
    } finally {
      this.#gathering.end();
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  /** Starts writing what is gathered, once the write before it is done: one is under way at a time. */
  #writeGathered(then?: 'checkpoint'): Promise<void> {
    const gathered = this.#gathering.take();
    const end = this.#total;
    const due = then === 'checkpoint' || end - this.#lastCheckpoint >= checkpointEvery;
    if (due) this.#lastCheckpoint = end;
    const before = this.#writing ?? Promise.resolve();
    this.#writing = before.then(() => this.#writeChunks(gathered, end, due));
    // A failure is met by whoever waits next.
    this.#writing.catch(() => undefined);
    return before;
  }

  async #writeChunks(gathered: Gathered, end: number, due: boolean): Promise<void> {
    const { chunks } = gathered;
    const file = await this.#opened();
    try {
      // A hole where the original has one: zeros are not written, a truncation makes room for them.
      if (!chunks.every(isZero)) await file.write(chunks, this.#onDisk);
    } catch (error) {
      // On a full disk this makes room for the journal, without which the next run begins anew.
      await file.truncate(this.#proven).catch(() => undefined);
      throw error;
    }
    this.#onDisk = end;
    // One part at a time is hashed beside, so that not more memory is in use than can be hashed.
    await this.#hashing;
    this.#hashing = gathered.written();
    if (!due) return;
    await file.truncate(end);
    const sha256 = await this.#digest(end);
    this.#proven = end;
    await this.#events.reached({ bytes: end, sha256 });
    if (end - this.#lastFlush < checkpointEvery) return;
    this.#lastFlush = end;
    this.#flush(file);
  }

  /** Of all that is written: so many bytes. Where it was lost with its thread, the file is read. */
  async #digest(bytes: number): Promise<string> {
    const digest = await this.#gathering.digest();
    return digest ?? (await hashOf(this.#disk, this.#place, bytes)).digest('hex');
  }

  /**
   * Has the disk write what has arrived while more is on its way: left to the sync of the whole
   * snapshot, the gigabyte of a big file would be waited for at its end.
   */
  #flush(file: OpenFile): void {
    if (this.#flushing) return;
    const flushing = file.sync().then(() => {
      this.#flushing = undefined;
    });
    // A failure stays, and is met when the file is settled.
    flushing.catch(() => undefined);
    this.#flushing = flushing;
  }

  async #opened(): Promise<OpenFile> {
    if (!this.#file) {
      this.#file = await this.#disk.openFile(this.#place, this.#attributes.mode);
      await this.#file.truncate(0);
    }
    return this.#file;
  }
}

function isZero(chunk: Buffer): boolean {
  if (chunk[0] !== 0) return false;
  for (let start = 0; start < chunk.length; start += zeros.length) {
    const part = chunk.subarray(start, start + zeros.length);
    if (!part.equals(zeros.subarray(0, part.length))) return false;
  }
  return true;
}

/** The state of the hash after the prefix, or undefined if the file does not begin with it any more. */
async function hashPrefix(disk: Disk, place: DiskPath, prefix: Prefix): Promise<Hash | undefined> {
  const found = disk.stat(place);
  if (found?.type !== 'file' || found.size < prefix.bytes || found.links > 1) return undefined;
  const hash = await hashOf(disk, place, prefix.bytes);
  return hash.copy().digest('hex') === prefix.sha256 ? hash : undefined;
}

/** The state of the hash after the first bytes of a file. */
async function hashOf(disk: Disk, place: DiskPath, bytes: number): Promise<Hash> {
  const hash = createHash('sha256');
  let left = bytes;
  for await (const chunk of disk.readFile(place)) {
    hash.update(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
    if (left === 0) break;
  }
  return hash;
}

/** SHA-256 of a file's content in hexadecimal. */
export async function hashFile(disk: Disk, place: DiskPath): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of disk.readFile(place)) hash.update(chunk);
  return hash.digest('hex');
}
