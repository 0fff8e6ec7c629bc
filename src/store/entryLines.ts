import type { Disk, DiskPath } from './disk';
import { lineGroups, type Line } from './readLines';

/**
 * The lines of a manifest that are entries: neither its first, the header, nor its last, the totals. In
 * groups as they are read.
 */
export async function* entryLineGroups(
  disk: Disk,
  manifest: DiskPath,
): AsyncGenerator<Line[], void, undefined> {
  let ahead: Line[] = [];
  let isHeader = true;
  for await (const read of lineGroups(disk, manifest)) {
    const lines = [...ahead, ...read];
    if (isHeader && lines.length > 0) {
      isHeader = false;
      lines.shift();
    }
    // Only what another line follows is an entry.
    ahead = lines.splice(-1);
    yield lines;
  }
}

/** The same, line by line. */
export async function* entryLines(
  disk: Disk,
  manifest: DiskPath,
): AsyncGenerator<Line, void, undefined> {
  for await (const lines of entryLineGroups(disk, manifest)) yield* lines;
}
