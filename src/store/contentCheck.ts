import { abortable, throwIfAborted } from '../base/abort';
import { BackupError, messageOf, systemCode } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import { digestOfFile, wholeFileBytes } from './contentDigest';
import { DigestsByInode } from './digestsByInode';
import type { Disk, DiskLook, DiskPath, FoundFiles, Looking, WrongFile } from './disk';
import { diskError } from './diskError';
import { placeBelow } from './layout';
import { comparerOfFiles } from './lookAtFile';
import { LookBatch, type Finding } from './lookBatch';
import { RealFolders } from './realFolders';
import type { RecordedEntry } from './snapshotEntries';

/** An entry, and what stands in its place; undefined: nothing has to. */
export interface Checked extends RecordedEntry {
  readonly finding: Finding | undefined;
}

const missing: Finding = { state: 'missing', read: 0 };
const intact: Finding = { state: 'intact', read: 0 };

/** So much is read before threads are started, as starting them takes as long. */
const worthThreads = { files: 200, bytes: 8 * 1024 * 1024 };

/** After so many in a row that were not read before, files are opened without a look whether they were. */
const mostUnknown = 8;

/** Reads files of snapshots and compares them with what their manifests say; each inode once. */
export class ContentCheck implements Disposable {
  readonly #disk: Disk;
  readonly #signal: AbortSignal;
  readonly #known = new DigestsByInode();
  readonly #folders: RealFolders;
  readonly #left = { ...worthThreads };
  #looking: Looking | undefined;
  /** So many files in a row were none of those that were read before. */
  #unknown = mostUnknown;

  constructor(disk: Disk, signal: AbortSignal) {
    this.#folders = new RealFolders(disk);
    this.#disk = disk;
    this.#signal = signal;
  }

  /**
   * Looks at entries of a snapshot, given in folder order, and says in their order what was found. Of many
   * files, some hundred are looked at ahead.
   * @param tree the snapshot's folder
   * Throws `permission` if a file may not be read: then nothing is known of it.
   */
  async *check(
    tree: string,
    groups: AsyncIterable<readonly RecordedEntry[]>,
  ): AsyncGenerator<readonly Checked[], void, undefined> {
    if (this.#known.hasAny) this.#unknown = 0;
    const sent: LookBatch[] = [];
    let batch = new LookBatch();
    for await (const group of groups) {
      this.#startIfWorthIt(group);
      for (const recorded of group) {
        throwIfAborted(this.#signal);
        const finding = this.#withoutReading(tree, recorded.entry);
        if (!this.#looking) {
          const read = finding === 'unread' ? await this.#read(tree, recorded.entry) : finding;
          yield [{ ...recorded, finding: read }];
          continue;
        }
        if (finding === 'unread') batch.want(recorded, placeOf(tree, recorded.entry));
        else batch.pass(recorded, finding);
        if (!batch.isFull) continue;
        sent.push(batch.send(this.#looking));
        batch = new LookBatch();
        const next = sent.length > this.#looking.width ? sent.shift() : undefined;
        if (next) yield await this.#found(next);
      }
    }
    if (this.#looking) sent.push(batch.send(this.#looking));
    for (const next of sent) yield await this.#found(next);
  }

  /** What was read may have been replaced. */
  forget(): void {
    this.#known.forget();
    this.#folders.forget();
  }

  [Symbol.dispose](): void {
    this.#looking?.[Symbol.dispose]();
  }

  #startIfWorthIt(group: readonly RecordedEntry[]): void {
    if (this.#left.files < 0) return;
    for (const { entry } of group) {
      this.#left.files -= 1;
      this.#left.bytes -= entry.size ?? 0;
    }
    if (this.#left.files >= 0 && this.#left.bytes >= 0) return;
    this.#left.files = -1;
    this.#looking = this.#disk.startLooking();
  }

  async #found(batch: LookBatch): Promise<readonly Checked[]> {
    const found = await abortable(batch.found, this.#signal);
    return batch.entries.map(({ entry, inode }, index) => {
      const known = batch.findings[index];
      const finding = typeof known === 'number' ? this.#concluded(entry, found, known) : known;
      return { entry, inode, finding };
    });
  }

  /** What can be said without opening the file. */
  #withoutReading(tree: string, entry: ManifestEntry): Finding | 'unread' | undefined {
    const local = entry.local ?? entry.path;
    if (entry.type === 'directory') {
      // One that could not be listed may not have been made.
      if (entry.skipped) return undefined;
      return this.#folders.isReal(tree, local) ? intact : missing;
    }
    if (entry.type !== 'file' || entry.sha256 === undefined) return undefined;
    if (!this.#folders.leadsTo(tree, local)) return missing;
    // Where the last ones were known, the next one may be as well: then it need not be opened.
    if (this.#unknown >= mostUnknown) return 'unread';
    if (this.#isKnown(placeOf(tree, entry), entry)) {
      this.#unknown = 0;
      return intact;
    }
    this.#unknown += 1;
    return 'unread';
  }

  #isKnown(place: DiskPath, { size, sha256 = '' }: ManifestEntry): boolean {
    try {
      const stat = this.#disk.stat(place);
      if (stat?.type !== 'file' || stat.size !== size) return false;
      return this.#known.has(stat.inode.number, sha256) === true;
    } catch {
      // Opening it will tell what the matter is.
      return false;
    }
  }

  async #read(tree: string, entry: ManifestEntry): Promise<Finding> {
    const { size = 0, sha256 = '' } = entry;
    const place = placeOf(tree, entry);
    try {
      const look = await this.#look(place, size);
      const compare = comparerOfFiles(() => look);
      const found = compare({ places: [place], sizes: [size], digests: [sha256] });
      return this.#concluded(entry, found, 0);
    } catch (error) {
      throwIfAborted(this.#signal);
      return lost(error);
    }
  }

  async #look(place: DiskPath, size: number): Promise<DiskLook | undefined> {
    if (size <= wholeFileBytes) return this.#disk.look(place, size);
    const stat = this.#disk.stat(place);
    if (stat?.type !== 'file' || stat.size !== size) return stat && { stat, read: 0 };
    const { sha256, size: read } = await digestOfFile(this.#disk, place, size, this.#signal);
    return { stat, sha256, read };
  }

  #concluded(entry: ManifestEntry, { inodes, wrong }: FoundFiles, number: number): Finding {
    const fault = wrong.get(number);
    if (fault)
      return fault.state === 'unread' ? lost(errorOf(fault)) : { ...fault, state: fault.state };
    const { sha256 = '', size: read = 0 } = entry;
    const inode = inodes[number] ?? 0;
    if (this.#known.has(inode, sha256) === true) {
      this.#unknown = 0;
      return intact;
    }
    this.#known.add(inode, sha256);
    return { state: 'intact', read };
  }
}

function placeOf(tree: string, { local, path }: ManifestEntry): DiskPath {
  return placeBelow(tree, local ?? path);
}

/** As the system has thrown it. */
function errorOf({ message, code }: WrongFile): unknown {
  return diskError(Object.assign(new Error(message), code !== undefined && { code }));
}

function lost(error: unknown): Finding {
  if (error instanceof BackupError && error.scope === 'run') throw error;
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
  if (code === 'EMFILE' || code === 'ENFILE') throw error;
  // A disk that fails where the file stands (EIO) has lost it.
  return { state: 'changed', read: 0, message: `It cannot be read: ${messageOf(error)}` };
}
