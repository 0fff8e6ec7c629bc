import type { Disk, DiskPath } from './disk';
import { readLines, type Line } from './readLines';

/** The lines of a manifest that are entries: neither its first, the header, nor its last, the totals. */
export async function* entryLines(
  disk: Disk,
  manifest: DiskPath,
): AsyncGenerator<Line, void, undefined> {
  let ahead: Line | undefined;
  let isHeader = true;
  for await (const line of readLines(disk, manifest)) {
    // Only what another line follows is an entry.
    if (ahead) yield ahead;
    if (isHeader) isHeader = false;
    else ahead = line;
  }
}
