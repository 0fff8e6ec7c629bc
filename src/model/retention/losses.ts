import type { ManifestEntry } from '../manifest';
import { mergeInFolderOrder } from '../mergeInFolderOrder';
import { isWithin, rootPath, type RemotePath } from '../remotePath';
import type { Selection } from '../selection';

/** A path that has a file with content in one snapshot or in both. */
export interface FilePair {
  readonly before?: ManifestEntry;
  readonly after?: ManifestEntry;
}

/**
 * The files of two snapshots side by side. What the newer selection leaves out is in neither: nobody
 * misses it. A file that could not be read this time is still there.
 */
export async function* pairsOfFiles(
  before: AsyncIterable<ManifestEntry>,
  after: AsyncIterable<ManifestEntry>,
  selection: Selection,
): AsyncGenerator<FilePair, void, undefined> {
  const pathOf = (entry: ManifestEntry): string => entry.path;
  for await (const { left, right } of mergeInFolderOrder(before, after, pathOf, pathOf)) {
    const isMissed = left?.sha256 !== undefined && isSelected(left, selection);
    const isThere = right?.type === 'file';
    if (isMissed || isThere) {
      yield { ...(isMissed && { before: left }), ...(isThere && { after: right }) };
    }
  }
}

function isSelected(entry: ManifestEntry, selection: Selection): boolean {
  return selection.covers(entry.path) && !selection.excludes(entry);
}

/** How the files below an included path fared. */
export interface FolderLoss {
  readonly path: RemotePath;
  /** So many files were in it … */
  of: number;
  /** … so many of them are lost, and … */
  lost: number;
  /** … so many are in it now. */
  now: number;
}

/** Counts what is lost from one snapshot to the next. */
export class Losses {
  of = 0;
  lost = 0;
  now = 0;
  readonly #folders: readonly FolderLoss[];
  readonly #found: FoundElsewhere | undefined;

  /** @param found what may have come of a file that is not at its place any more */
  constructor(selection: Selection, found?: FoundElsewhere) {
    this.#folders = selection.include.map((path) => ({ path, of: 0, lost: 0, now: 0 }));
    this.#found = found;
  }

  add(pair: FilePair): void {
    const { before, after } = pair;
    const isLost = before !== undefined && !after && this.#found?.take(before) !== true;
    for (const tally of [this, this.#folderOf(pair)]) {
      if (tally && before) tally.of += 1;
      if (tally && isLost) tally.lost += 1;
      if (tally && after) tally.now += 1;
    }
  }

  /** Undefined for a file that was included by itself. */
  #folderOf({ before, after }: FilePair): FolderLoss | undefined {
    const path = (before ?? after)?.path ?? rootPath;
    return this.#folders.find((one) => one.path !== path && isWithin(path, one.path));
  }

  get lostMost(): boolean {
    return this.lost * 2 > this.of;
  }

  /** The included folder that had the most of those that have nothing any more. */
  get lostFolder(): FolderLoss | undefined {
    const gone = this.#folders.filter(({ of, lost, now }) => now === 0 && lost * 2 > of);
    return gone.sort((a, b) => b.of - a.of)[0];
  }
}

/**
 * The files that only the newer snapshot has: one with the content of a lost one shows where that moved;
 * one whose name differs by its numbers only (`dump-20261127.sql`, `dump-20261128.sql`) is its successor.
 */
export class FoundElsewhere {
  /** The first 48 bits of the digests. */
  readonly #contents = new Set<number>();
  readonly #successors = new Map<string, number>();

  add(file: ManifestEntry): void {
    if (file.sha256 !== undefined) this.#contents.add(shortened(file.sha256));
    const series = seriesOf(file.path);
    if (series !== undefined) {
      this.#successors.set(series, (this.#successors.get(series) ?? 0) + 1);
    }
  }

  /** Each successor stands for one lost file only. */
  take(lost: ManifestEntry): boolean {
    if (lost.sha256 !== undefined && this.#contents.has(shortened(lost.sha256))) return true;
    const series = seriesOf(lost.path);
    const left = series === undefined ? 0 : (this.#successors.get(series) ?? 0);
    if (series === undefined || left === 0) return false;
    this.#successors.set(series, left - 1);
    return true;
  }
}

function shortened(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 12), 16);
}

/** What a date, a time or a running number in a name has at least. */
const fewestDigits = 4;

function seriesOf(path: string): string | undefined {
  const digits = path.replaceAll(/\D/g, '').length;
  return digits < fewestDigits ? undefined : path.replaceAll(/\d+/g, '#');
}
