import path from 'node:path';
import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';
import type { SnapshotId } from '../model/snapshotId';
import { StoreLock } from './lock';
import type { Store } from './store';

/**
 * Keeps a snapshot from being removed while it is read for an off-site copy, which may take hours: the
 * store's lock is held only to say so, and runs go on. Throws `locked` while a run is under way, and
 * `not-found` if the snapshot is gone.
 *
 * @param copy the name of the copy: several may read one snapshot
 */
export async function holdForCopying(
  store: Store,
  id: SnapshotId,
  copy: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const { disk, layout } = store;
  // Under the store's lock, as what removes snapshots looks under it too.
  await using _brief = await store.lockPatiently(clock, signal, 'brief');
  if (!disk.stat(layout.manifest(id))) {
    throw new BackupError('not-found', `The snapshot ${id} is not there any more.`, {
      scope: 'run',
    });
  }
  disk.makeFolder(layout.copying);
  return StoreLock.acquire(path.join(layout.copying, `${id}.${copy}`), clock);
}

/** Whether a snapshot is being read for a copy. */
export async function isBeingCopied(
  { disk, layout }: Store,
  id: SnapshotId,
  clock: Clock,
): Promise<boolean> {
  const names = await disk.namesIn(layout.copying);
  return names.some(
    (name) => name.startsWith(`${id}.`) && StoreLock.isHeld(path.join(layout.copying, name), clock),
  );
}
