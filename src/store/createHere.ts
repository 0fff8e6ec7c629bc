import { digestOfBytes } from './contentDigest';
import type { Disk, DiskPath, DiskStat, FileAttributes } from './disk';

/** A file that was created with all of its content. */
export interface Created {
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  readonly stat: DiskStat;
}

/** Creates a file that must not exist. Throws or rejects as `Disk.createFile` throws. */
export type Create = (
  place: DiskPath,
  content: Buffer,
  attributes: FileAttributes,
) => Created | Promise<Created>;

/** Creates it at once. */
export function createHere(
  disk: Disk,
  place: DiskPath,
  content: Buffer,
  attributes: FileAttributes,
): Created {
  const stat = disk.createFile(place, content, attributes);
  return { sha256: digestOfBytes(content), stat };
}
