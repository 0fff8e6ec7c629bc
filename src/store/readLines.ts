import { BackupError } from '../base/errors';
import type { Disk, DiskPath } from './disk';

/** A longer line is none of ours: paths are at most 64 KiB, in JSON at most six times that, twice. */
const longestLine = 2 * 1024 * 1024;

export interface Line {
  readonly text: string;
  /** The byte of the file where it begins. */
  readonly position: number;
}

/**
 * The whole lines of a file, from a line's beginning on, in groups as they are read: one step for each line
 * is most of what reading them costs. A last line without line feed is left out: it was cut off.
 */
export async function* lineGroups(
  disk: Disk,
  path: DiskPath,
  start = 0,
): AsyncGenerator<Line[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let position = start;
  for await (const chunk of disk.readFile(path, start)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const lines: Line[] = [];
    let begin = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
      lines.push({ text: bytes.toString('utf8', begin, end), position: position + begin });
      begin = end + 1;
    }
    yield lines;
    rest = bytes.subarray(begin);
    position += begin;
    // To end here in silence would pass for the end of the file, and what follows for deleted.
    if (rest.length > longestLine) {
      throw new BackupError('protocol', `${path.toString()} is damaged: a line has no end.`, {
        scope: 'run',
      });
    }
  }
}

/** The same, line by line. */
export async function* readLines(
  disk: Disk,
  path: DiskPath,
  start = 0,
): AsyncGenerator<Line, void, undefined> {
  for await (const lines of lineGroups(disk, path, start)) yield* lines;
}
