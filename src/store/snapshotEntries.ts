import { BackupError } from '../base/errors';
import { decodeEntry, type ManifestEntry } from '../model/manifest';
import { snapshotTime, type SnapshotId } from '../model/snapshotId';
import { readInodes } from './inodeFile';
import { entryLines } from './entryLines';
import type { Store } from './store';

export interface RecordedEntry {
  readonly entry: ManifestEntry;
  /** The number of the file's inode when the snapshot was made; where that is not recorded, one that only this snapshot has. */
  readonly inode: number;
}

/**
 * What can be read of a snapshot's manifest, in its order: a line that is damaged is passed over, so that
 * the others are looked at all the same; behind one without an end there is nothing.
 */
export async function* recordedEntries(
  { disk, layout }: Store,
  id: SnapshotId,
): AsyncGenerator<RecordedEntry, void, undefined> {
  const unknown = snapshotTime(id) / 1000;
  const inodes = readInodes(disk, layout.inodesOf(id));
  try {
    for await (const { text } of entryLines(disk, layout.manifest(id))) {
      const next = await inodes.next();
      const entry = readable(text);
      if (entry) yield { entry, inode: (next.done ? undefined : next.value?.number) ?? unknown };
    }
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind !== 'protocol') throw error;
  } finally {
    await inodes.return();
  }
}

/** Undefined if the line is damaged. */
export function readable(line: string): ManifestEntry | undefined {
  try {
    return decodeEntry(line);
  } catch {
    return undefined;
  }
}
