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
  let low = 0;
  let high = disk.stat(path)?.size ?? 0;
  while (high - low > stretch) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstBehind(disk, path, middle);
    if (found === undefined || compareInFolderOrder(found.entry.path, folder) > 0) high = middle;
    else low = found.position;
  }
  for await (const { text } of readLines(disk, path, low)) {
    const entry = entryIn(text);
    if (entry === 'header') continue;
    if (entry === 'totals') return false;
    if (compareInFolderOrder(entry.path, folder) > 0) return isWithin(entry.path, folder);
  }
  return false;
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
