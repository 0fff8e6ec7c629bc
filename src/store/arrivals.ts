import type { BackupError } from '../base/errors';
import { BugError } from '../base/errors';
import type { Entry } from '../model/entry';
import type { ManifestEntry } from '../model/manifest';
import { hasSameTime } from '../model/racyClean';
import type { RemotePath } from '../model/remotePath';
import type { Basis, Incoming, Sink, Wanted } from '../model/transfer';
import { Creations } from './creations';
import type { DiskPath, DiskStat, InodeRecord } from './disk';
import { Halves } from './halves';
import { OpenEnd } from './openEnd';
import { placeBelow } from './layout';
import { LargeFiles } from './largeFiles';
import { Noting } from './noting';
import { attributesOnDisk, intactInode, savesSpace, shareFile, wasSettled } from './sharing';
import { StagedFile, type Prefix } from './stagedFile';
import type { JournalRecord } from './record';
import type { PlannedFile, Unfinished } from './staging';

/** What has arrived of a file, and of which state of it. */
interface Part {
  readonly prefix: Prefix;
  /** The size as listed; undefined if the server tells none. */
  readonly whole: number | undefined;
  readonly mtime: number | undefined;
}

/** The arriving side of an unfinished snapshot: the sink that sources deliver to. */
export class Arrivals implements Sink, AsyncDisposable {
  readonly #unfinished: Unfinished;
  readonly #onWarning: (path: RemotePath, message: string) => void;
  /** Files that have been begun in this run, with what an attempt left. */
  readonly #begun = new Map<number, Part | undefined>();
  readonly #underWay = new Set<StagedFile>();
  readonly #noting = new Noting(() => this.#noteAll());
  readonly #halves: Halves;
  readonly #creations: Creations;
  readonly #largeFiles = new LargeFiles();

  constructor(unfinished: Unfinished, onWarning: (path: RemotePath, message: string) => void) {
    this.#unfinished = unfinished;
    this.#onWarning = onWarning;
    this.#halves = new Halves(unfinished.disk, unfinished.layout);
    this.#creations = new Creations(unfinished.disk, () => unfinished.clock.monotonic());
  }

  async receive(wanted: Wanted, entry: Entry, anew?: 'anew'): Promise<Incoming> {
    const { record } = planned(wanted);
    const { disk, continued } = this.#unfinished;
    const place = this.#place(record.entry);
    const again = this.#begun.has(wanted.number);
    const part = anew ? undefined : await this.#partOf(wanted, entry);
    const usable = part && isPartOf(part, entry) ? part : undefined;
    // What stands in the way may be a link that other snapshots share: it is never written to.
    if (!usable && (continued || again)) await this.#clear(wanted, place, anew);
    this.#begun.set(wanted.number, usable);
    const described = describedAgain(record.entry, entry);
    const begun = await this.#begin(wanted, place, entry, described, usable?.prefix);
    if (usable && begun.offset === 0) await disk.remove(place);
    return begun;
  }

  async left(wanted: Wanted): Promise<Basis | undefined> {
    const { record } = planned(wanted);
    const { path } = record.entry;
    const begun = this.#begun.get(wanted.number);
    if (begun) return this.#partAsBasis(path, record.entry);
    if (this.#halves.hasSetAside(wanted.number)) return this.#partAsBasis(path, record.entry);
    const earlier = await this.#leftByThisServer(path);
    return earlier && this.#partAsBasis(path, earlier.entry);
  }

  async skip(wanted: Wanted, error: BackupError): Promise<void> {
    const { record } = planned(wanted);
    const skipped = { kind: error.kind, message: error.message };
    const { progress, disk, journal, room } = this.#unfinished;
    progress.skipped += 1;
    room.forgo(wanted.entry.size ?? 0);
    if (this.#begun.has(wanted.number)) await disk.remove(this.#place(record.entry));
    this.#begun.delete(wanted.number);
    await this.#halves.forget(wanted.number, record.entry.path);
    const carried = await this.#carry(record.entry, record.former);
    const entry = { ...(carried?.entry ?? record.entry), skipped };
    const inode = carried && { inode: carried.inode };
    await journal.append({ state: 'settled', number: wanted.number, entry, ...inode });
  }

  warn(wanted: Wanted, message: string): void {
    this.#onWarning(wanted.entry.path, message);
  }

  /** Nothing is noted or created any more once it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#noting[Symbol.asyncDispose]();
    await this.#creations[Symbol.asyncDispose]();
    await this.#largeFiles[Symbol.asyncDispose]();
  }

  /** A failure of the disk is met by whoever writes to the file or the journal next. */
  async #noteAll(): Promise<void> {
    await Promise.allSettled([...this.#underWay].map((file) => file.note()));
    await this.#unfinished.journal.flush();
  }

  async #clear(wanted: Wanted, place: DiskPath, anew: 'anew' | undefined): Promise<void> {
    const { number } = wanted;
    const { path } = wanted.entry;
    const isKept =
      anew !== undefined &&
      (this.#begun.get(number) !== undefined ||
        this.#halves.hasSetAside(number) ||
        (await this.#leftByThisServer(path)) !== undefined);
    if (isKept) return this.#halves.setAside(number, path, place);
    await this.#halves.remove(path);
    await this.#unfinished.disk.remove(place);
  }

  /** What a server can learn of a half is none of another server's business. */
  async #leftByThisServer(
    path: RemotePath,
  ): Promise<Extract<JournalRecord, { state: 'partly' }> | undefined> {
    const { journal, endpoint } = this.#unfinished;
    const earlier = await journal.earlier(path);
    return earlier?.state === 'partly' && earlier.endpoint === endpoint ? earlier : undefined;
  }

  #partAsBasis(path: RemotePath, entry: ManifestEntry): Basis {
    return this.#halves.best(path, this.#place(entry));
  }

  async #begin(
    wanted: Wanted,
    place: DiskPath,
    entry: Entry,
    described: ManifestEntry,
    prefix: Prefix | undefined,
  ): Promise<StagedFile> {
    const { disk, layout, progress, journal, room, endpoint } = this.#unfinished;
    const { number } = wanted;
    const { record } = planned(wanted);
    const { twin } = record;
    const openEnd = entry.size === undefined ? new OpenEnd(disk, layout.partial) : undefined;
    const events = {
      received: (bytes: number) => {
        progress.fetchedBytes += bytes;
        room.arrived(bytes);
        this.#noting.arrived();
        if (openEnd) progress.wantedBytes += bytes;
        openEnd?.received(bytes);
      },
      reached: async (reached: Prefix) => {
        this.#begun.set(number, { prefix: reached, whole: entry.size, mtime: entry.mtime });
        const part = { ...described, size: reached.bytes, sha256: reached.sha256 };
        const whole = entry.size;
        await journal.append({ state: 'partly', number, entry: part, whole, endpoint });
        await this.#halves.overtaken(number, described.path, reached.bytes);
      },
      ended: () => void this.#underWay.delete(begun),
      arrived: async (sha256: string, stat: DiskStat) => {
        this.#begun.delete(number);
        progress.fetchedFiles += 1;
        const { size: listed = 0 } = record.entry;
        progress.wantedBytes -= listed - (openEnd ? 0 : stat.size);
        room.forgo(listed - stat.size);
        const settled = { ...described, ...sizesOf(entry, record.entry, stat.size), sha256 };
        const shared = twin?.sha256 === sha256 && (await this.#shareTwin(twin, settled, place));
        const inode = shared || stat.inode;
        await journal.append({ state: 'settled', number, entry: settled, inode });
        await this.#halves.forget(number, described.path);
        this.#noting.arrived();
      },
    };
    const attributes = attributesOnDisk(described);
    const { create } = this.#creations;
    const where = { disk, place, create, largeFiles: this.#largeFiles };
    const begun = await StagedFile.begin(where, entry, attributes, events, prefix);
    this.#underWay.add(begun);
    return begun;
  }

  /** A file that was only renamed takes no space again. Undefined if what has arrived stays. */
  async #shareTwin(
    twin: ManifestEntry,
    entry: ManifestEntry,
    place: DiskPath,
  ): Promise<InodeRecord | undefined> {
    const { disk, abilities, former: snapshot } = this.#unfinished;
    const from = { place: snapshot?.place(twin) ?? '', attributes: attributesOnDisk(twin) };
    const to = { place, attributes: attributesOnDisk(entry) };
    if (!savesSpace(abilities.share, from, to)) return undefined;
    const inode = await intactInode(disk, from.place, twin, undefined);
    if (!inode) return undefined;
    await disk.remove(place);
    return shareFile(disk, abilities.share, { ...from, inode }, to);
  }

  #partOf({ number }: Wanted, entry: Entry): Promise<Part | undefined> {
    if (!this.#begun.has(number)) return this.#earlierPart(entry);
    return Promise.resolve(this.#begun.get(number));
  }

  /** What an interrupted run left of the file. */
  async #earlierPart(entry: Entry): Promise<Part | undefined> {
    const earlier = await this.#unfinished.journal.earlier(entry.path);
    if (earlier?.state !== 'partly' || earlier.entry.sha256 === undefined) return undefined;
    const found = this.#unfinished.disk.stat(this.#place(earlier.entry));
    if (!found || !wasSettled(entry, found)) return undefined;
    const prefix = { bytes: earlier.entry.size ?? 0, sha256: earlier.entry.sha256 };
    return { prefix, whole: earlier.whole, mtime: earlier.entry.mtime };
  }

  /** The last snapshot's content of a file that cannot be read now, if that content is still right. */
  async #carry(
    entry: ManifestEntry,
    former: ManifestEntry | undefined,
  ): Promise<{ entry: ManifestEntry; inode: InodeRecord } | undefined> {
    const { disk, abilities, former: snapshot } = this.#unfinished;
    if (!snapshot || former?.sha256 === undefined) return undefined;
    const from = snapshot.place(former);
    const found = await intactInode(disk, from, former, undefined);
    if (!found) return undefined;
    const attributes = attributesOnDisk(former);
    const to = { place: this.#place(entry), attributes };
    await disk.remove(to.place);
    const inode = await shareFile(
      disk,
      abilities.share,
      { place: from, attributes, inode: found },
      to,
    );
    const { local: formerLocal, ...content } = former;
    const local = entry.local === undefined ? {} : { local: entry.local };
    return { entry: { ...content, ...local, carried: former.carried ?? snapshot.id }, inode };
  }

  #place(entry: ManifestEntry): DiskPath {
    return placeBelow(this.#unfinished.layout.partialTree, entry.local ?? entry.path);
  }
}

/** Whether what has arrived is of the same state of the file. What has neither a size nor a time is in no known state. */
function isPartOf(part: Part, entry: Entry): boolean {
  if (part.mtime !== entry.mtime) return false;
  return entry.size === undefined ? entry.mtime !== undefined : part.whole === entry.size;
}

/**
 * The true size, and the one that was planned for if the listing is to be expected to tell it again: it
 * is wrong, or says other things than what the server tells of the file alone.
 * @param entry the file as it was read
 */
function sizesOf(
  entry: Entry,
  plan: ManifestEntry,
  size: number,
): Pick<ManifestEntry, 'size' | 'listed'> {
  const { size: listed = size } = plan;
  const isWrong = entry.size !== size || hasSameTime(entry, plan);
  return { size, ...(listed !== size && isWrong && { listed }) };
}

/** The planned entry with what is known of the file now. */
function describedAgain(known: ManifestEntry, entry: Entry): ManifestEntry {
  return {
    ...known,
    ...(entry.size !== undefined && { size: entry.size }),
    ...(entry.mtime !== undefined && { mtime: entry.mtime, granularity: entry.granularity }),
    ...(entry.mode !== undefined && { mode: entry.mode }),
  };
}

function planned(wanted: Wanted): PlannedFile {
  if ('record' in wanted) return wanted as PlannedFile;
  throw new BugError('a file was delivered that was not wanted');
}
