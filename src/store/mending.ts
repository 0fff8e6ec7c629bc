import path from 'node:path';
import { BackupError } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import type { DiskAbilities } from './abilities';
import { digestOfFile } from './contentDigest';
import { diskAbilities } from './description';
import type { DiskPath } from './disk';
import { placeBelow } from './layout';
import { attributesOnDisk, shareFile } from './sharing';
import type { Store } from './store';

/** A file that has just been read and found right. */
export interface IntactFile {
  readonly place: DiskPath;
  readonly entry: ManifestEntry;
}

/**
 * Puts right content in the place of damaged content, in snapshots that are published. Everything is
 * made beside them, in a folder of its own that the next run or repair removes, and renamed into its
 * place: at any instant there is either what was there or what belongs there. Only with the store's lock.
 */
export class Mender {
  readonly #store: Store;
  readonly #abilities: DiskAbilities;
  readonly #signal: AbortSignal;
  #number = 0;

  private constructor(store: Store, abilities: DiskAbilities, signal: AbortSignal) {
    this.#store = store;
    this.#abilities = abilities;
    this.#signal = signal;
  }

  static async begin(store: Store, signal: AbortSignal): Promise<Mender> {
    const { disk, layout } = store;
    await disk.remove(layout.repair);
    const abilities = await diskAbilities(disk, layout);
    disk.makeFolder(layout.repair);
    return new Mender(store, abilities, signal);
  }

  /** A place beside the snapshots where nothing is. */
  freePlace(): string {
    this.#number += 1;
    return path.join(this.#store.layout.repair, String(this.#number));
  }

  /**
   * Puts the content of an intact file where another one should have it, with that one's time and mode.
   * False if what arrived beside is not that content: then nothing was changed.
   */
  async put(from: IntactFile, id: SnapshotId, entry: ManifestEntry): Promise<boolean> {
    const { disk } = this.#store;
    const beside = this.freePlace();
    const inode = disk.stat(from.place)?.inode;
    if (!inode) return false;
    const source = { place: from.place, attributes: attributesOnDisk(from.entry), inode };
    const target = { place: beside, attributes: attributesOnDisk(entry) };
    const made = await shareFile(disk, this.#abilities.share, source, target);
    // A copy was read from the same disk that has just lost something.
    if (made.number !== inode.number && !(await this.#isContent(beside, entry))) {
      await disk.remove(beside);
      return false;
    }
    await this.#moveIn(beside, id, entry);
    return true;
  }

  async makeFolder(id: SnapshotId, entry: ManifestEntry): Promise<void> {
    const { disk } = this.#store;
    await this.#ensureFolder(id, entry.local ?? entry.path);
    if (entry.mtime !== undefined) {
      disk.setAttributes(this.#store.place(id, entry), { mtime: entry.mtime });
    }
  }

  /** Whatever was done in a folder gave it another time than it has on the server. */
  setTime(id: SnapshotId, { type, mtime, path: name, local = name }: ManifestEntry): void {
    if (type !== 'directory' || mtime === undefined) return;
    const { disk, layout } = this.#store;
    const place = placeBelow(layout.snapshot(id), local);
    const found = disk.stat(place);
    if (found?.type !== 'directory' || found.inode.mtime === mtime * 1000) return;
    disk.setAttributes(place, { mtime });
  }

  /** Takes away what stands at a path on disk below a snapshot. It is kept in the quarantine. */
  async takeAway(id: SnapshotId, local: string): Promise<void> {
    const { disk, layout } = this.#store;
    const place = placeBelow(layout.snapshot(id), local);
    await this.#keepingTime(id, local, async () => disk.rename(place, this.#asideFor(id, local)));
  }

  /** What cannot be removed now is in nobody's way, and the next run or repair removes it. */
  async finish(): Promise<void> {
    await this.#store.disk.remove(this.#store.layout.repair).catch(() => undefined);
  }

  async #isContent(place: DiskPath, { sha256, size = 0 }: ManifestEntry): Promise<boolean> {
    return (await digestOfFile(this.#store.disk, place, size, this.#signal)).sha256 === sha256;
  }

  async #moveIn(beside: string, id: SnapshotId, entry: ManifestEntry): Promise<void> {
    const { disk, layout } = this.#store;
    const local = entry.local ?? entry.path;
    const place = placeBelow(layout.snapshot(id), local);
    await disk.syncFile(beside);
    await this.#ensureFolder(id, local.slice(0, Math.max(0, local.lastIndexOf('/'))));
    const found = disk.stat(place);
    if (found && found.type !== 'file') await this.takeAway(id, local);
    else if (found && isEdited(found.inode.mtime, entry)) await this.#keepAside(id, local);
    // Windows replaces no file that is read-only.
    if (found?.type === 'file' && process.platform === 'win32') {
      disk.setAttributes(place, { mode: 0o600 });
    }
    await this.#keepingTime(id, local, () => disk.rename(beside, place));
  }

  /** Somebody has written to it, and may miss it. */
  async #keepAside(id: SnapshotId, local: string): Promise<void> {
    const { disk, layout } = this.#store;
    const place = placeBelow(layout.snapshot(id), local);
    const aside = this.#asideFor(id, local);
    try {
      disk.link(place, aside);
    } catch {
      await disk.copy(place, aside);
    }
  }

  #asideFor(id: SnapshotId, local: string): DiskPath {
    const { disk, layout } = this.#store;
    const root = path.join(layout.quarantine, id);
    disk.makeFolder(placeBelow(root, local.slice(0, Math.max(0, local.lastIndexOf('/')))));
    for (let number = 0; ; number += 1) {
      const place = placeBelow(root, number === 0 ? local : `${local}.${number}`);
      if (!disk.stat(place)) return place;
    }
  }

  /** What stands in the way of a folder, such as a link that leads elsewhere, is taken away. */
  async #ensureFolder(id: SnapshotId, local: string): Promise<void> {
    const { disk, layout } = this.#store;
    const root = layout.snapshot(id);
    if (disk.stat(root)?.type !== 'directory') {
      if (disk.stat(root)) {
        throw new BackupError('protocol', `${root} is no folder. Remove it, then repair again.`);
      }
      disk.makeFolder(root);
    }
    if (local === '') return;
    for (let end = 0; end >= 0;) {
      end = local.indexOf('/', end + 1);
      const folder = end < 0 ? local : local.slice(0, end);
      const found = disk.stat(placeBelow(root, folder));
      if (found?.type === 'directory') continue;
      if (found) await this.takeAway(id, folder);
      await this.#keepingTime(id, folder, () => {
        disk.makeFolder(placeBelow(root, folder));
        return Promise.resolve();
      });
    }
  }

  /** The folder above has the time that it has on the server. */
  async #keepingTime(id: SnapshotId, local: string, work: () => Promise<void>): Promise<void> {
    const { disk, layout } = this.#store;
    const above = local.slice(0, Math.max(0, local.lastIndexOf('/')));
    const folder = placeBelow(layout.snapshot(id), above);
    const before = disk.stat(folder);
    await work();
    if (before) disk.setAttributes(folder, { mtime: before.inode.mtime / 1000 });
  }
}

/** Precisions of disks differ by at most so many seconds (FAT). */
const coarsest = 2;

/** Whether the file has another time than it was given: bits that turn by themselves change none. */
function isEdited(mtime: number, entry: ManifestEntry): boolean {
  return Math.abs(mtime / 1000 - attributesOnDisk(entry).mtime) > coarsest;
}
