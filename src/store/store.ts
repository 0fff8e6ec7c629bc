/**
 * Where data go: the store holds the snapshots of one server. Whatever happens at any instant, it
 * shows only whole snapshots.
 */
import path from 'node:path';
import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';
import type { Log } from '../base/log';
import type { ManifestEntry, ManifestHeader, ManifestTotals } from '../model/manifest';
import { isSnapshotId, snapshotIdAt, type SnapshotId } from '../model/snapshotId';
import { DamageMarks } from './damageMarks';
import { writeWhole } from './description';
import type { Disk, DiskPath } from './disk';
import { FormerSnapshot } from './formerSnapshot';
import { GuardFile } from './guardFile';
import { Layout, placeBelow, type UnfinishedPlace } from './layout';
import { StoreLock, type LockPurpose } from './lock';
import { isManifestWhole, readHeader, readManifest, readTotals } from './manifestFile';
import { nodeDisk } from './nodeDisk';
import { Notes } from './notes';
import { Pins } from './pins';

/** One snapshot as a list shows it. */
export interface SnapshotSummary {
  readonly id: SnapshotId;
  /** `damaged`: the manifest cannot be read, or the files are gone. */
  readonly status: ManifestTotals['status'] | 'damaged';
  readonly totals: ManifestTotals | undefined;
  readonly pinned: boolean;
  /** Whether it holds only what a restore was about to overwrite: none of the server's backups. */
  readonly safety: boolean;
  /** What a person said of it. */
  readonly note: string | undefined;
  /** How many files and folders of it are known to be damaged, whatever its status: verifications marked them. */
  readonly damaged: number;
}

export class Store {
  readonly layout: Layout;
  readonly disk: Disk;
  readonly pins: Pins;
  readonly notes: Notes;
  readonly damage: DamageMarks;
  readonly guard: GuardFile;

  constructor(
    destination: string,
    server: string,
    disk: Disk = nodeDisk,
    layout = new Layout(path.join(destination, server)),
  ) {
    this.layout = layout;
    this.disk = disk;
    this.pins = new Pins(disk, this.layout);
    this.notes = new Notes(disk, this.layout);
    this.damage = new DamageMarks(disk, this.layout);
    this.guard = new GuardFile(disk, this.layout);
  }

  /**
   * The same store, where an unfinished snapshot stands apart from that of a backup: what an interrupted
   * backup has fetched is not touched.
   */
  apart(place: UnfinishedPlace = 'safety'): Store {
    const { root } = this.layout;
    const layout = new Layout(root, place);
    return new Store(path.dirname(root), path.basename(root), this.disk, layout);
  }

  /** The backups of the server, newest first: all snapshots but those that a restore made for safety. */
  async backupIds(): Promise<SnapshotId[]> {
    return (await this.ids()).filter((id) => this.pins.of(id) !== 'before-restore');
  }

  /** All snapshots, newest first. Empty if nothing was ever backed up. */
  async ids(): Promise<SnapshotId[]> {
    const names = await this.disk.namesIn(this.layout.manifests);
    const ids = names
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => name.slice(0, -'.ndjson'.length))
      .filter(isSnapshotId);
    return ids.sort().reverse();
  }

  /** Newest first. */
  async snapshots(): Promise<SnapshotSummary[]> {
    const summaries = [];
    for (const id of await this.ids()) summaries.push(await this.summary(id));
    return summaries;
  }

  header(id: SnapshotId): Promise<ManifestHeader> {
    return readHeader(this.disk, this.layout.manifest(id));
  }

  /** In folder order. */
  entries(id: SnapshotId): AsyncIterable<ManifestEntry> {
    return readManifest(this.disk, this.layout.manifest(id));
  }

  /** Where a file of a snapshot stands on disk. */
  place(id: SnapshotId, entry: ManifestEntry): DiskPath {
    return placeBelow(this.layout.snapshot(id), entry.local ?? entry.path);
  }

  /** Makes the store's folders where they are missing, and the `.gitignore` above them. */
  async prepare(): Promise<void> {
    const { disk, layout } = this;
    const { manifests, runs, inodes, parity, trash } = layout;
    const missing = this.#missingFolders(manifests);
    for (const folder of [manifests, runs, inodes, parity, trash]) {
      disk.makeFolder(folder);
    }
    // A snapshot is there for good only if the folders above it are.
    for (const folder of missing) await disk.syncFolder(path.dirname(folder));
    await this.#hideFromGit();
  }

  /** The folder, if it is not there, and those above it that are not. */
  #missingFolders(folder: string): string[] {
    const above = path.dirname(folder);
    if (above === folder || this.disk.stat(folder)) return [];
    return [folder, ...this.#missingFolders(above)];
  }

  async #hideFromGit(): Promise<void> {
    const { disk, layout } = this;
    const ignore = path.join(path.dirname(layout.root), '.gitignore');
    if (disk.stat(ignore)) return;
    try {
      // Renamed into its place: an empty one would never be written again, and git would take the backups.
      await writeWhole(disk, ignore, '*\n', path.join(layout.runs, 'gitignore.new'));
    } catch (error) {
      // Another window may have been quicker.
      if (!disk.stat(ignore)) throw error;
    }
  }

  /** Throws `locked` if another run is under way. */
  lock(clock: Clock): StoreLock {
    return StoreLock.acquire(this.layout.lock, clock);
  }

  /**
   * Throws `locked` if a run is under way; waits for whoever holds the lock only for a moment.
   *
   * @param purpose `brief`: it is let go again within a second, and a run may wait for that
   */
  lockPatiently(clock: Clock, signal: AbortSignal, purpose?: LockPurpose): Promise<StoreLock> {
    return StoreLock.acquirePatiently(this.layout.lock, clock, signal, purpose);
  }

  /** An id that no snapshot and no run has yet: two runs in one second must not meet. */
  freeId(clock: Clock): SnapshotId {
    const { disk, layout } = this;
    for (let moment = clock.now(); ; moment += 1000) {
      const id = snapshotIdAt(moment);
      const places = [
        layout.manifest(id),
        layout.snapshot(id),
        layout.runReport(id),
        layout.runLog(id),
        // A removal of one with this id may still be under way.
        layout.inTrash(`${id}.ndjson`),
        layout.restoreReport(id),
        layout.restoreLog(id),
      ];
      if (!places.some((place) => disk.stat(place))) return id;
    }
  }

  /** The newest snapshot that is whole, to compare with and share files with. */
  async newest(log: Log): Promise<FormerSnapshot | undefined> {
    for (const id of await this.backupIds()) {
      const header = await this.#usableHeader(id);
      if (header) return new FormerSnapshot(this.disk, this.layout, header, this.damage);
      log.warn(`Snapshot ${id} is damaged. It is not compared with; the one before it is.`);
    }
    return undefined;
  }

  async #usableHeader(id: SnapshotId): Promise<ManifestHeader | undefined> {
    const { disk, layout } = this;
    if (disk.stat(layout.snapshot(id))?.type !== 'directory') return undefined;
    try {
      if (!(await isManifestWhole(disk, layout.manifest(id)))) return undefined;
      const header = await this.header(id);
      // A manifest under another's name would lend that one's files to this snapshot.
      return header.snapshot === id ? header : undefined;
    } catch (error) {
      if (error instanceof BackupError && error.kind === 'protocol') return undefined;
      throw error;
    }
  }

  async summary(id: SnapshotId): Promise<SnapshotSummary> {
    const pin = this.pins.of(id);
    const damaged = (await this.damage.of(id)).count;
    const isSafety = pin === 'before-restore';
    const note = this.notes.of(id);
    const marks = { pinned: pin !== undefined, safety: isSafety, note, damaged };
    try {
      const totals = readTotals(this.disk, this.layout.manifest(id));
      const there = this.disk.stat(this.layout.snapshot(id))?.type === 'directory';
      return { id, status: there ? totals.status : 'damaged', totals, ...marks };
    } catch (error) {
      if (!(error instanceof BackupError) || error.kind !== 'protocol') throw error;
      return { id, status: 'damaged', totals: undefined, ...marks };
    }
  }
}
