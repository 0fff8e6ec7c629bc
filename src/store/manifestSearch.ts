import { decodeEntry, isHeader, isTotals, parseLine, type ManifestEntry } from '../model/manifest';
import { compareInFolderOrder, isWithin, type RemotePath } from '../model/remotePath';
import type { Disk } from './disk';
import { readLines } from './readLines';

/** So many bytes are read one line after the other rather than halved. */
const stretch = 64 * 1024;

/**
 * Whether a manifest has anything below a folder. It is in folder order, so halving finds the place:
 * a few blocks are read, however many entries there are.
 */
export async function hasBelow(disk: Disk, path: string, folder: RemotePath): Promise<boolean> {
  for await (const entry of entriesFrom(disk, path, folder)) {
    if (entry.path !== folder) return isWithin(entry.path, folder);
  }
  return false;
}

/**
 * An entry and all below it, in folder order; nothing where the manifest has nothing of that path. The
 * place is found by halving.
 */
export async function* subtree(
  disk: Disk,
  path: string,
  top: RemotePath,
): AsyncGenerator<ManifestEntry, void, undefined> {
  for await (const entry of entriesFrom(disk, path, top)) {
    if (!isWithin(entry.path, top)) return;
    yield entry;
  }
}

/** All entries from a path on, whether or not there is one of that path. */
async function* entriesFrom(
  disk: Disk,
  path: string,
  first: RemotePath,
): AsyncGenerator<ManifestEntry, void, undefined> {
  let low = 0;
  let high = disk.stat(path)?.size ?? 0;
  while (high - low > stretch) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstBehind(disk, path, middle);
    if (found === undefined || compareInFolderOrder(found.entry.path, first) >= 0) high = middle;
    else low = found.position;
  }
  for await (const { text } of readLines(disk, path, low)) {
    const entry = entryIn(text);
    if (entry === 'header') continue;
    if (entry === 'totals') return;
    if (compareInFolderOrder(entry.path, first) >= 0) yield entry;
  }
}

interface Found {
  readonly entry: ManifestEntry;
  readonly position: number;
}

/** The first whole line behind a byte that is in the middle of one. */
async function firstBehind(disk: Disk, path: string, byte: number): Promise<Found | undefined> {
  let isFirst = true;
  for await (const { text, position } of readLines(disk, path, byte)) {
    if (isFirst) {
      isFirst = false;
      continue;
    }
    const entry = entryIn(text);
    return typeof entry === 'string' ? undefined : { entry, position };
  }
  return undefined;
}

function entryIn(line: string): ManifestEntry | 'header' | 'totals' {
  // Header and totals are few; a line of an entry begins with its path.
  if (!line.startsWith('{"path"')) {
    const parsed = parseLine(line);
    if (isHeader(parsed)) return 'header';
    if (isTotals(parsed)) return 'totals';
  }
  return decodeEntry(line);
}
