import type { Entry } from '../model/entry';
import { decodeEntry, type ManifestEntry } from '../model/manifest';
import { hasSizeOf } from '../model/fileSize';
import { hasSameTime } from '../model/racyClean';
import { nameOf } from '../model/remotePath';
import type { Disk } from './disk';
import { entryLines } from './entryLines';
import { LineAt } from './lineAt';
import { TwinIndex, type Likeness } from './twinIndex';

/** A smaller file costs about as much to ask for with a twin as without one, in bytes. */
const smallestTwin = 256;

/**
 * Finds files of a manifest by size and time: what was renamed or moved on the server since. That they
 * look alike proves nothing; the transfer does.
 */
export class Twins {
  readonly #index: TwinIndex;
  readonly #lines: LineAt;

  private constructor(index: TwinIndex, lines: LineAt) {
    this.#index = index;
    this.#lines = lines;
  }

  /** Reads the manifest once. */
  static async of(disk: Disk, manifest: string): Promise<Twins> {
    const index = new TwinIndex();
    for await (const { text, position } of entryLines(disk, manifest)) {
      add(index, decodeEntry(text), position);
    }
    return new Twins(index, new LineAt(disk, manifest));
  }

  /** A file that looks like this one, if possible with the same name. */
  async find(entry: Entry): Promise<ManifestEntry | undefined> {
    const likeness = likenessOf(entry);
    if (!likeness) return undefined;
    for (const position of this.#index.find(likeness)) {
      const found = decodeEntry(await this.#lines.read(position));
      if (isWhole(found) && hasSizeOf(entry, found) && hasSameTime(found, entry)) return found;
    }
    return undefined;
  }
}

function add(index: TwinIndex, entry: ManifestEntry, position: number): void {
  const likeness = isWhole(entry) ? likenessOf(asListed(entry)) : undefined;
  if (likeness) index.add(likeness, position);
}

function isWhole({ type, sha256, carried }: ManifestEntry): boolean {
  return type === 'file' && sha256 !== undefined && carried === undefined;
}

/** As the server shows it. */
function asListed(entry: ManifestEntry): ManifestEntry {
  return entry.listed === undefined ? entry : { ...entry, size: entry.listed };
}

function likenessOf({ path, size = 0, mtime }: Entry | ManifestEntry): Likeness | undefined {
  if (size < smallestTwin || mtime === undefined) return undefined;
  return { size, mtime, name: nameOf(path) };
}
