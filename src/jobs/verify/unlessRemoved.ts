import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';

/** Undefined if retention removed the snapshot meanwhile: what is missing then is no damage. */
export async function unlessRemoved<T>(
  { disk, layout }: Store,
  id: SnapshotId,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const done = await work();
    return disk.stat(layout.manifest(id)) ? done : undefined;
  } catch (error) {
    if (disk.stat(layout.manifest(id))) throw error;
    return undefined;
  }
}
