import type { ManifestEntry } from '../model/manifest';
import type { DiskPath, FoundFiles, Looking, WantedFiles } from './disk';
import type { RecordedEntry } from './snapshotEntries';

/** What goes to a thread at once: a message costs as much as several small files. */
const full = { files: 128, bytes: 4 * 1024 * 1024, entries: 1024 };

const nothing: FoundFiles = { inodes: [], wrong: new Map() };

/** What a look at a file or folder of a snapshot found. */
export interface Finding {
  readonly state: 'intact' | 'missing' | 'changed';
  /** Bytes that were read for it: none where another name of the same file was read before. */
  readonly read: number;
  /** Why, where that is not plain. */
  readonly message?: string;
}

/** Entries of a snapshot in their order, some of which are to be looked at together. */
export class LookBatch {
  readonly entries: RecordedEntry[] = [];
  /** Of each entry what is known without reading it; a number: which of the wanted files it is. */
  readonly findings: (Finding | number | undefined)[] = [];
  found: Promise<FoundFiles> = Promise.resolve(nothing);
  readonly #wanted: WantedFiles = { places: [], sizes: [], digests: [] };
  #bytes = 0;

  get isFull(): boolean {
    const { files, bytes, entries } = full;
    if (this.#wanted.places.length >= files || this.#bytes >= bytes) return true;
    return this.entries.length >= entries;
  }

  /** An entry of which everything is known. */
  pass(recorded: RecordedEntry, finding: Finding | undefined): void {
    this.entries.push(recorded);
    this.findings.push(finding);
  }

  /** A file that is to be read. */
  want(recorded: RecordedEntry, place: DiskPath): void {
    const { size = 0, sha256 = '' }: ManifestEntry = recorded.entry;
    const { places, sizes, digests } = this.#wanted;
    this.entries.push(recorded);
    this.findings.push(places.length);
    places.push(place);
    sizes.push(size);
    digests.push(sha256);
    this.#bytes += size;
  }

  send(looking: Looking): this {
    if (this.#wanted.places.length > 0) this.found = looking.look(this.#wanted);
    return this;
  }
}
