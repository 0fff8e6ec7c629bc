import type { Clock } from '../base/clock';
import type { Entry } from '../model/entry';
import { hasSizeOf } from '../model/fileSize';
import type { ManifestEntry, SkipReason } from '../model/manifest';
import type { RunProgress } from '../model/progress';
import { absolute, type RemotePath } from '../model/remotePath';
import type { Wanted } from '../model/transfer';
import type { DiskAbilities } from './abilities';
import type { Disk, DiskPath, InodeRecord } from './disk';
import type { FormerEntry, FormerSnapshot } from './formerSnapshot';
import type { Journal } from './journal';
import { placeBelow, type Layout } from './layout';
import { LocalNames } from './localNames';
import type { PlanFile } from './planFile';
import type { Room } from './room';
import { decodePlan, isWanted, type PlanRecord } from './record';
import { attributesOnDisk, intactInode, shareFile, wasSettled } from './sharing';
import { hashFile } from './stagedFile';

/** The parts that planning, arriving and assembling share. */
export interface Unfinished {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly abilities: DiskAbilities;
  readonly plan: PlanFile;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly former: FormerSnapshot | undefined;
  readonly progress: RunProgress;
  readonly room: Room;
  /** Whether an interrupted run left files that may be in the way or of use. */
  readonly continued: boolean;
  /** Why the root, which is no entry itself, is not known as a whole. */
  rootFault?: SkipReason;
  /** Which server it is of: files of another one are never shown to it as a basis. */
  readonly endpoint: string;
}

/** A wanted file with its record of the plan. */
export interface PlannedFile extends Wanted {
  readonly record: Extract<PlanRecord, { state: 'wanted' }>;
}

/**
 * The planning side of an unfinished snapshot: each entry of the new snapshot is put in here once, in
 * folder order, and is either settled at once (folder, link, unchanged file) or wanted.
 */
export class Staging {
  readonly #unfinished: Unfinished;
  readonly #names: LocalNames;
  #lastParent: string | undefined;

  constructor(unfinished: Unfinished) {
    this.#unfinished = unfinished;
    this.#names = new LocalNames(unfinished.abilities);
  }

  async addFolder(entry: Entry, skipped?: SkipReason): Promise<void> {
    const planned = this.#describe(entry);
    this.#makeFolder(planned);
    await this.#settle(skipped ? { ...planned, skipped } : planned);
  }

  /** A symlink or special file: it stands in the manifest only. */
  async addRecorded(entry: Entry): Promise<void> {
    await this.#settle(this.#describe(entry));
  }

  /** Something that could not be looked at, and of which the last snapshot has nothing. */
  async addSkipped(path: RemotePath, type: Entry['type'], skipped: SkipReason): Promise<void> {
    await this.#settle({ path, type, skipped });
  }

  /** The root is no entry of the snapshot; that it is not known as a whole is reported all the same. */
  reportRoot(skipped: SkipReason): void {
    this.#unfinished.progress.skipped += 1;
    this.#unfinished.rootFault = skipped;
  }

  async addWanted(
    entry: Entry,
    former: ManifestEntry | undefined,
    notBefore: number,
    twin?: ManifestEntry,
  ): Promise<void> {
    const planned = this.#describe(entry);
    this.#makeParent(planned);
    this.#unfinished.progress.wantedFiles += 1;
    this.#unfinished.progress.wantedBytes += entry.size ?? 0;
    // What was only moved takes no space again.
    if (!twin) this.#unfinished.room.want(absolute(entry.path), await this.#bytesToCome(entry));
    await this.#unfinished.plan.append({
      state: 'wanted',
      entry: planned,
      notBefore,
      ...(former && { former }),
      ...(twin && { twin }),
      ...(entry.readFrom !== undefined && { readFrom: entry.readFrom }),
    });
  }

  /** Of a big file an interrupted run may have left the most. */
  async #bytesToCome({ path, size = 0 }: Entry): Promise<number> {
    if (!this.#unfinished.continued) return size;
    const earlier = await this.#unfinished.journal.earlier(path);
    const there = earlier?.state === 'partly' ? (earlier.entry.size ?? 0) : 0;
    return Math.max(0, size - there);
  }

  /**
   * Takes an unchanged file from the last snapshot. False if it is not what its manifest says any
   * more, so that it must be fetched again.
   */
  async addUnchanged(entry: Entry, former: FormerEntry): Promise<boolean> {
    const planned = { ...this.#describe(entry), ...contentOf(former.entry, entry) };
    return this.#share(planned, former);
  }

  /**
   * Takes an entry over from the last snapshot, because it is unknown this time. False if its content
   * is not what the manifest says any more.
   */
  async addCarried(former: FormerEntry, skipped?: SkipReason): Promise<boolean> {
    const { path, skipped: skippedBefore, local: formerLocal, ...rest } = former.entry;
    const local = this.#names.place(path);
    const carried = former.entry.carried ?? this.#unfinished.former?.id;
    const reason = skipped ?? (rest.sha256 === undefined ? skippedBefore : undefined);
    const planned: ManifestEntry = {
      path,
      ...rest,
      ...(local !== path && { local }),
      ...(carried !== undefined && { carried }),
      ...(reason && { skipped: reason }),
    };
    if (planned.type === 'directory') this.#makeFolder(planned);
    if (planned.sha256 !== undefined) return this.#share(planned, former);
    await this.#settle(planned);
    return true;
  }

  /** Keeps a file that an interrupted run has fetched, if it is whole and was not changed since. */
  async addFetchedBefore(entry: Entry): Promise<boolean> {
    if (!this.#unfinished.continued) return false;
    const earlier = await this.#unfinished.journal.earlier(entry.path);
    if (earlier?.state !== 'settled' || !isSameFile(earlier.entry, entry)) return false;
    const planned = { ...this.#describe(entry), ...contentOf(earlier.entry, entry) };
    const place = this.#place(planned);
    this.#makeParent(planned);
    const found = this.#unfinished.disk.stat(place);
    if (found?.type !== 'file' || found.size !== planned.size || found.links > 1) return false;
    if (!wasSettled(entry, found)) return false;
    if ((await hashFile(this.#unfinished.disk, place)) !== planned.sha256) return false;
    this.#unfinished.disk.setAttributes(place, attributesOnDisk(planned));
    const stat = this.#unfinished.disk.stat(place);
    this.#unfinished.progress.keptFiles += 1;
    await this.#settle(planned, stat?.inode);
    return true;
  }

  /** The wanted files in the order of the plan, while it is being written. */
  async *wanted(
    wait: (notBefore: number) => Promise<void>,
    signal: AbortSignal,
  ): AsyncGenerator<PlannedFile, void, undefined> {
    for await (const { number, line } of this.#unfinished.plan.follow(signal)) {
      if (!isWanted(line)) continue;
      const record = decodePlan(line);
      if (record.state !== 'wanted') continue;
      await wait(record.notBefore);
      yield { number, record, entry: entryOf(record), ...this.#basisOf(record) };
    }
  }

  /** What a server can learn of a basis is none of another server's business. */
  #basisOf({ former, twin }: PlannedFile['record']): Pick<Wanted, 'basis'> {
    const { former: snapshot, endpoint } = this.#unfinished;
    if (snapshot?.header.endpoint !== endpoint) return {};
    const from = twin ?? former;
    if (from?.sha256 === undefined) return {};
    const basis = { place: snapshot.place(from), size: from.size ?? 0, isTwin: twin !== undefined };
    return { basis };
  }

  async #share(planned: ManifestEntry, former: FormerEntry): Promise<boolean> {
    const { disk, abilities, former: snapshot, progress } = this.#unfinished;
    if (!snapshot) return false;
    const from = snapshot.place(former.entry);
    const found = await intactInode(disk, from, former.entry, former.inode);
    if (!found) return false;
    const place = this.#place(planned);
    this.#makeParent(planned);
    if (this.#unfinished.continued) await disk.remove(place);
    const inode = await shareFile(
      disk,
      abilities.share,
      { place: from, attributes: attributesOnDisk(former.entry), inode: found },
      { place, attributes: attributesOnDisk(planned) },
    );
    progress.linkedFiles += 1;
    await this.#settle(planned, inode);
    return true;
  }

  async #settle(entry: ManifestEntry, inode?: InodeRecord): Promise<void> {
    const { plan, progress } = this.#unfinished;
    if (entry.skipped) progress.skipped += 1;
    await plan.append({ state: 'settled', entry, ...(inode && { inode }) });
  }

  #describe(entry: Entry): ManifestEntry {
    const { path, type, mtime, mode, target } = entry;
    const local = this.#names.place(path);
    // Field by field: this runs for every entry, and spreading costs several objects each time.
    const planned: { -readonly [K in keyof ManifestEntry]: ManifestEntry[K] } = { path, type };
    if (type === 'file' && entry.size !== undefined) planned.size = entry.size;
    if (mtime !== undefined) {
      planned.mtime = mtime;
      planned.granularity = entry.granularity;
    }
    if (mode !== undefined) planned.mode = mode;
    if (target !== undefined) planned.target = target;
    if (local !== path) planned.local = local;
    return planned;
  }

  #place(entry: ManifestEntry): DiskPath {
    return placeBelow(this.#unfinished.layout.partialTree, entry.local ?? entry.path);
  }

  #makeFolder(folder: ManifestEntry): void {
    this.#makeFolderAt(folder.local ?? folder.path);
  }

  /** The folders above an included file are no entries of the snapshot, but it needs them. */
  #makeParent(file: ManifestEntry): void {
    const local = file.local ?? file.path;
    const parent = local.slice(0, Math.max(0, local.lastIndexOf('/')));
    if (parent === this.#lastParent) return;
    this.#makeFolderAt(parent);
  }

  #makeFolderAt(local: string): void {
    const { disk, layout, continued } = this.#unfinished;
    if (continued) this.#clearWay(local);
    disk.makeFolder(placeBelow(layout.partialTree, local));
    this.#lastParent = local;
  }

  /** What an earlier attempt left may be a file by now, or in a stranger's workspace a link that leads elsewhere. */
  #clearWay(local: string): void {
    const { disk, layout } = this.#unfinished;
    for (let end = local.indexOf('/'); ; end = local.indexOf('/', end + 1)) {
      const place = placeBelow(layout.partialTree, end < 0 ? local : local.slice(0, end));
      const found = disk.stat(place);
      if (found && found.type !== 'directory') disk.removeFile(place);
      if (end < 0) return;
    }
  }
}

/** The entry that a plan record describes, for the source to read. */
function entryOf(record: PlannedFile['record']): Entry {
  const { path, size, mtime, granularity = 1, mode } = record.entry;
  return {
    path,
    type: 'file',
    granularity,
    ...(size !== undefined && { size }),
    ...(mtime !== undefined && { mtime }),
    ...(mode !== undefined && { mode }),
    ...(record.readFrom !== undefined && { readFrom: record.readFrom }),
  };
}

function isSameFile(earlier: ManifestEntry, entry: Entry): boolean {
  const unread = earlier.sha256 === undefined || earlier.skipped || earlier.carried !== undefined;
  return (
    !unread &&
    hasSizeOf(entry, earlier) &&
    earlier.mtime !== undefined &&
    earlier.mtime === entry.mtime
  );
}

/** What is known of the content of a file that was read before, and is listed now. */
function contentOf(
  { size, listed, sha256 }: ManifestEntry,
  now: Entry,
): Pick<ManifestEntry, 'size' | 'listed' | 'sha256'> {
  return {
    ...(size !== undefined && { size }),
    ...(listed !== undefined && now.size !== size && { listed }),
    ...(sha256 !== undefined && { sha256 }),
  };
}
