import path from 'node:path';
import type { Clock } from '../base/clock';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import type { Store } from './store';

/**
 * Takes a snapshot out of the store: from the first rename on it does not exist any more. What it
 * held waits in the trash (`emptyTrash`). Throws `locked` while a run is under way, as it may be
 * sharing files with this snapshot.
 */
export async function discardSnapshot(store: Store, id: SnapshotId, clock: Clock): Promise<void> {
  const { disk, layout } = store;
  await using _lock = store.lock(clock);
  disk.makeFolder(layout.trash);
  const manifest = layout.manifest(id);
  if (disk.stat(manifest)) await disk.rename(manifest, inTrash(store, `${id}.ndjson`));
  await discardTree(store, id);
  await disk.remove(layout.inodesOf(id));
  await disk.remove(layout.pin(id));
}

/** Removes what waits in the trash. Ended at any instant, the next call goes on. */
export async function emptyTrash(store: Store): Promise<void> {
  const { disk, layout } = store;
  for (const name of await disk.namesIn(layout.trash)) {
    const id = name.replace(/\.ndjson$/, '');
    // Its manifest was moved away, and the process ended before the tree was.
    const isOrphan = name !== id && isSnapshotId(id) && !disk.stat(layout.manifest(id));
    if (isOrphan) await discardTree(store, id);
    await disk.remove(inTrash(store, name));
    if (isOrphan) await disk.remove(inTrash(store, id));
  }
}

async function discardTree(store: Store, id: SnapshotId): Promise<void> {
  const { disk, layout } = store;
  if (disk.stat(layout.snapshot(id))) await disk.rename(layout.snapshot(id), inTrash(store, id));
}

function inTrash(store: Store, name: string): string {
  return path.join(store.layout.trash, name);
}
