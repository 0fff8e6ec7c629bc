import { throwIfAborted } from '../base/abort';
import { BackupError, messageOf, systemCode } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import { digestOfFile } from './contentDigest';
import { DigestsByInode } from './digestsByInode';
import type { Disk, DiskPath, DiskStat } from './disk';
import { placeBelow } from './layout';
import { RealFolders } from './realFolders';

/** What a look at a file of a snapshot found. */
export interface Finding {
  readonly state: 'intact' | 'missing' | 'changed';
  /** Bytes that were read for it: none where another name of the same file was read before. */
  readonly read: number;
  /** Why, where that is not plain. */
  readonly message?: string;
}

const missing: Finding = { state: 'missing', read: 0 };

/** Reads files of snapshots and compares them with what their manifests say; each inode once. */
export class ContentCheck {
  readonly #disk: Disk;
  readonly #signal: AbortSignal;
  readonly #known = new DigestsByInode();
  readonly #folders: RealFolders;

  constructor(disk: Disk, signal: AbortSignal) {
    this.#folders = new RealFolders(disk);
    this.#disk = disk;
    this.#signal = signal;
  }

  /**
   * @param tree the snapshot's folder
   * Throws `permission` if the file may not be read: then nothing is known of it.
   */
  async look(tree: string, entry: ManifestEntry): Promise<Finding> {
    const local = entry.local ?? entry.path;
    if (!this.#folders.leadsTo(tree, local)) return missing;
    const place = placeBelow(tree, local);
    const found = this.#stat(place);
    // A link or folder in its place is not the file, wherever the link leads.
    if (found?.type !== 'file') return missing;
    if (found.size !== entry.size) return { state: 'changed', read: 0 };
    const known = this.#known.has(found, entry.sha256 ?? '');
    if (known === true) return { state: 'intact', read: 0 };
    return this.#read(place, entry, found);
  }

  isFolder(tree: string, entry: ManifestEntry): boolean {
    return this.#folders.isReal(tree, entry.local ?? entry.path);
  }

  /** What was read may have been replaced. */
  forget(): void {
    this.#known.forget();
    this.#folders.forget();
  }

  async #read(place: DiskPath, entry: ManifestEntry, found: DiskStat): Promise<Finding> {
    try {
      const { sha256, size } = await digestOfFile(this.#disk, place, found.size, this.#signal);
      this.#known.add(found, sha256);
      const isIntact = sha256 === entry.sha256 && size === entry.size;
      return { state: isIntact ? 'intact' : 'changed', read: size };
    } catch (error) {
      throwIfAborted(this.#signal);
      if (error instanceof BackupError && error.scope === 'run') throw error;
      if (systemCode(error) === 'ENOENT') return missing;
      if (systemCode(error) === 'EMFILE' || systemCode(error) === 'ENFILE') throw error;
      // A disk that fails where the file stands (EIO) has lost it.
      return { state: 'changed', read: 0, message: `It cannot be read: ${messageOf(error)}` };
    }
  }

  #stat(place: DiskPath): DiskStat | undefined {
    try {
      return this.#disk.stat(place);
    } catch (error) {
      if (error instanceof BackupError && error.scope === 'run') throw error;
      return undefined;
    }
  }
}
