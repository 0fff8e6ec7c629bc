import type { Stats } from 'node:fs';
import type { DiskStat } from './disk';

/** What the system says of a path. Its text is also a part of the programs of threads: it uses nothing else. */
export function diskStatOf(found: Stats): DiskStat {
  return {
    type: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other',
    size: found.size,
    mode: found.mode & 0o7777,
    links: found.nlink,
    inode: { number: found.ino, mtime: found.mtimeMs, ctime: found.ctimeMs },
  };
}
