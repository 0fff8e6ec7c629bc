import type { Entry } from '../model/entry';
import type { ManifestEntry, ManifestHeader } from '../model/manifest';
import type { RemotePath } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import type { DamageMarks } from './damageMarks';
import type { Disk, DiskPath } from './disk';
import { readInodes, type SealedInode } from './inodeFile';
import { placeBelow, type Layout } from './layout';
import { readManifest } from './manifestFile';
import { hasBelow } from './manifestSearch';
import { Twins } from './twins';

/** An entry of the last snapshot, with what its inode looked like when it was written. */
export interface FormerEntry {
  readonly entry: ManifestEntry;
  readonly inode?: SealedInode;
}

/** The snapshot that a run compares with and shares unchanged files with. */
export class FormerSnapshot {
  readonly id: SnapshotId;
  readonly header: ManifestHeader;
  readonly #disk: Disk;
  readonly #layout: Layout;
  readonly #tree: string;
  readonly #damage: DamageMarks;
  #twins: Promise<Twins> | undefined;

  constructor(disk: Disk, layout: Layout, header: ManifestHeader, damage: DamageMarks) {
    this.id = header.snapshot;
    this.header = header;
    this.#disk = disk;
    this.#layout = layout;
    this.#damage = damage;
    this.#tree = layout.snapshot(header.snapshot);
  }

  /** Where a file of it stands on disk. */
  place(entry: ManifestEntry): DiskPath {
    return placeBelow(this.#tree, entry.local ?? entry.path);
  }

  /**
   * A file that looks like this one, at whatever path: perhaps it was renamed or moved. The manifest is
   * read for the first who asks.
   */
  async twinOf(entry: Entry): Promise<ManifestEntry | undefined> {
    this.#twins ??= Twins.of(this.#disk, this.#layout.manifest(this.id));
    return (await this.#twins).find(entry);
  }

  /** Whether it has anything in a folder. */
  hadContent(folder: RemotePath): Promise<boolean> {
    return hasBelow(this.#disk, this.#layout.manifest(this.id), folder);
  }

  /**
   * In folder order. What is known to be damaged comes without its inode: bits that turn by themselves
   * leave all that is, so that only reading the file again keeps it from a new snapshot.
   */
  async *entries(): AsyncGenerator<FormerEntry, void, undefined> {
    const marks = await this.#damage.of(this.id);
    const inodes = readInodes(this.#disk, this.#layout.inodesOf(this.id));
    try {
      for await (const entry of readManifest(this.#disk, this.#layout.manifest(this.id))) {
        const next = await inodes.next();
        const inode = next.done ? undefined : next.value;
        yield inode && !marks.has(entry.path) ? { entry, inode } : { entry };
      }
    } finally {
      await inodes.return();
    }
  }
}
