import { BackupError } from '../base/errors';
import { decodeEntry, type ManifestEntry } from '../model/manifest';
import { snapshotTime, type SnapshotId } from '../model/snapshotId';
import { entryLineGroups } from './entryLines';
import { GroupCursor } from './groupCursor';
import { inodeGroups } from './inodeFile';
import type { Store } from './store';

export interface RecordedEntry {
  readonly entry: ManifestEntry;
  /** The number of the file's inode when the snapshot was made; where that is not recorded, one that only this snapshot has. */
  readonly inode: number;
}

/**
 * What can be read of a snapshot's manifest, in its order and in groups as it is read: a line that is
 * damaged is passed over, so that the others are looked at all the same; behind one without an end there
 * is nothing.
 */
export async function* recordedGroups(
  { disk, layout }: Store,
  id: SnapshotId,
): AsyncGenerator<RecordedEntry[], void, undefined> {
  const unknown = snapshotTime(id) / 1000;
  const inodes = new GroupCursor(inodeGroups(disk, layout.inodesOf(id)));
  try {
    for await (const lines of entryLineGroups(disk, layout.manifest(id))) {
      await inodes.ahead(lines.length);
      const group: RecordedEntry[] = [];
      for (const { text } of lines) {
        const inode = inodes.take()?.number ?? unknown;
        const entry = readable(text);
        if (entry) group.push({ entry, inode });
      }
      yield group;
    }
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind !== 'protocol') throw error;
  } finally {
    await inodes.close();
  }
}

/** The same, entry by entry. */
export async function* recordedEntries(
  store: Store,
  id: SnapshotId,
): AsyncGenerator<RecordedEntry, void, undefined> {
  for await (const group of recordedGroups(store, id)) yield* group;
}

/** Undefined if the line is damaged. */
export function readable(line: string): ManifestEntry | undefined {
  try {
    return decodeEntry(line);
  } catch {
    return undefined;
  }
}
