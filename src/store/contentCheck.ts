import { throwIfAborted } from '../base/abort';
import { BackupError, messageOf, systemCode } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import { digestOfBytes, digestOfFile, wholeFileBytes } from './contentDigest';
import { DigestsByInode } from './digestsByInode';
import type { Disk, DiskPath } from './disk';
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
  #wasKnown = false;

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
    try {
      return await this.#lookAt(place, entry);
    } catch (error) {
      return this.#lost(error);
    }
  }

  isFolder(tree: string, entry: ManifestEntry): boolean {
    return this.#folders.isReal(tree, entry.local ?? entry.path);
  }

  /** What was read may have been replaced. */
  forget(): void {
    this.#known.forget();
    this.#folders.forget();
  }

  async #lookAt(place: DiskPath, entry: ManifestEntry): Promise<Finding> {
    // Where the last one was known, the next one may be as well: then it need not be opened.
    const opened = this.#wasKnown ? undefined : this.#disk.look(place, wholeFileBytes);
    const found = this.#wasKnown ? this.#disk.stat(place) : opened?.stat;
    // A link or folder in its place is not the file, wherever the link leads.
    if (found?.type !== 'file') return missing;
    if (found.size !== entry.size) return { state: 'changed', read: 0 };
    this.#wasKnown = this.#known.has(found, entry.sha256 ?? '') === true;
    if (this.#wasKnown) return { state: 'intact', read: 0 };
    const content = opened?.content;
    const { sha256, size } = content
      ? { sha256: digestOfBytes(content), size: content.length }
      : await digestOfFile(this.#disk, place, found.size, this.#signal);
    this.#known.add(found, sha256);
    return { state: stateOf(entry, sha256, size), read: size };
  }

  #lost(error: unknown): Finding {
    throwIfAborted(this.#signal);
    if (error instanceof BackupError && error.scope === 'run') throw error;
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
    if (code === 'EMFILE' || code === 'ENFILE') throw error;
    // A disk that fails where the file stands (EIO) has lost it.
    return { state: 'changed', read: 0, message: `It cannot be read: ${messageOf(error)}` };
  }
}

function stateOf(entry: ManifestEntry, sha256: string, size: number): Finding['state'] {
  return sha256 === entry.sha256 && size === entry.size ? 'intact' : 'changed';
}
