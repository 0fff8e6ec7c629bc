import { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import type { ManifestEntry } from '../model/manifest';
import { isProven } from '../model/racyClean';
import type { DiskAbilities } from './abilities';
import type { Disk, DiskPath, DiskStat, FileAttributes, InodeRecord } from './disk';
import type { SealedInode } from './inodeFile';
import { hashFile } from './stagedFile';

/** Read-only on disk, so that nobody edits a snapshot by accident; the true mode is in the manifest. */
export function modeOnDisk(entry: Pick<ManifestEntry, 'mode'>): number {
  return entry.mode === undefined ? 0o444 : (entry.mode & 0o555) | 0o400;
}

/** What a file of the snapshot looks like on disk. A file whose server tells no time gets 1970. */
export function attributesOnDisk(entry: Pick<ManifestEntry, 'mode' | 'mtime'>): FileAttributes {
  return { mode: modeOnDisk(entry), mtime: entry.mtime ?? 0 };
}

/** Whether the file on the server had come to rest when what stands on disk of it was read. */
export function wasSettled(entry: Pick<Entry, 'mtime' | 'granularity'>, found: DiskStat): boolean {
  if (entry.mtime === undefined) return false;
  return isProven(entry.mtime, entry.granularity, found.inode.ctime / 1000);
}

/**
 * The inode of a file of an earlier snapshot, if it still is what its manifest says; else undefined.
 * Where it was touched since, its content is read again: a file that somebody edited must not spread
 * into new snapshots.
 */
export async function intactInode(
  disk: Disk,
  place: DiskPath,
  entry: ManifestEntry,
  inode: SealedInode | undefined,
): Promise<InodeRecord | undefined> {
  const found = disk.stat(place);
  if (found?.type !== 'file' || found.size !== entry.size) return undefined;
  const untouched =
    inode !== undefined &&
    found.inode.number === inode.number &&
    found.inode.mtime === inode.mtime &&
    found.inode.ctime <= inode.seal;
  const intact = untouched || (await hashFile(disk, place)) === entry.sha256;
  return intact ? found.inode : undefined;
}

interface Standing {
  readonly place: DiskPath;
  readonly attributes: FileAttributes;
}

/** Whether sharing costs less of the disk than a file by itself. */
export function savesSpace(share: DiskAbilities['share'], from: Standing, to: Standing): boolean {
  return share === 'clone' || (share === 'link' && isAlike(from.attributes, to.attributes));
}

/** Names of one inode have these in common. */
function isAlike(one: FileAttributes, other: FileAttributes): boolean {
  return one.mode === other.mode && one.mtime === other.mtime;
}

/**
 * Puts an unchanged file into the unfinished snapshot: cloned or linked where the disk can and where
 * all that lives in the inode is equal, else copied.
 */
export async function shareFile(
  disk: Disk,
  share: DiskAbilities['share'],
  from: Standing & { readonly inode: InodeRecord },
  to: Standing,
): Promise<InodeRecord> {
  const isLinkable = share === 'link' && isAlike(from.attributes, to.attributes);
  const linked = isLinkable && linkIfPossible(disk, from.place, to.place);
  if (linked) return from.inode;
  await copyFile(disk, share, from.place, to.place);
  disk.setAttributes(to.place, to.attributes);
  const stat = disk.stat(to.place);
  if (!stat) throw new BackupError('protocol', 'A file vanished from the unfinished snapshot.');
  return stat.inode;
}

/** A disk may refuse one more link to a file (65,000 on ext4, 1,023 on NTFS): then it is copied. */
function linkIfPossible(disk: Disk, from: DiskPath, to: DiskPath): boolean {
  try {
    disk.link(from, to);
    return true;
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'disk-full') throw error;
    return false;
  }
}

async function copyFile(
  disk: Disk,
  share: DiskAbilities['share'],
  from: DiskPath,
  to: DiskPath,
): Promise<void> {
  if (share === 'clone') {
    try {
      await disk.clone(from, to);
      return;
    } catch (error) {
      if (error instanceof BackupError && error.kind === 'disk-full') throw error;
    }
  }
  await disk.copy(from, to);
}
