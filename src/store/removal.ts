import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import { isBeingCopied } from './copying';
import type { Store } from './store';

/** The lock is let go after so many milliseconds, so that a run that waits for it can begin. */
const longestHold = 200;
/** And stays let go for so long, more than a run that waits takes to look again. */
const pause = 150;

/**
 * Takes snapshots out of the store: from the first rename on, one does not exist any more. What they
 * held waits in the trash (`emptyTrash`). Throws `locked` while a run is under way, as it may be
 * sharing files with them. One that is being copied off-site stays for now.
 *
 * @param isStillRight asked under the lock: in the meantime a person may have pinned one
 * @returns those that were taken out
 */
export async function discardSnapshots(
  store: Store,
  ids: readonly SnapshotId[],
  clock: Clock,
  signal: AbortSignal,
  isStillRight: (id: SnapshotId) => boolean = () => true,
): Promise<SnapshotId[]> {
  const discarded: SnapshotId[] = [];
  for (let next = 0; next < ids.length;) {
    if (next > 0) await clock.sleep(pause, signal);
    await using lock = await store.lockPatiently(clock, signal, 'brief');
    store.disk.makeFolder(store.layout.trash);
    const until = clock.monotonic() + longestHold;
    do {
      lock.check();
      const id = ids[next];
      next += 1;
      if (id === undefined || !isStillRight(id)) continue;
      if (await isBeingCopied(store, id, clock)) continue;
      await discard(store, id);
      discarded.push(id);
    } while (next < ids.length && clock.monotonic() < until);
  }
  return discarded;
}

/** One snapshot, as a person asked for it. Throws `locked` while it is being copied off-site. */
export async function discardSnapshot(
  store: Store,
  id: SnapshotId,
  clock: Clock,
  signal = new AbortController().signal,
): Promise<void> {
  const discarded = await discardSnapshots(store, [id], clock, signal);
  if (discarded.length === 0) throw beingCopied(id);
}

/** Why a snapshot that a person wants removed is still there. */
export function beingCopied(id: SnapshotId): BackupError {
  return new BackupError('locked', `${id} is being copied off-site. Delete it when that is done.`);
}

/** The manifest goes first: without it there is no snapshot, however far the rest gets. */
async function discard(store: Store, id: SnapshotId): Promise<void> {
  const { disk, layout } = store;
  const manifest = layout.manifest(id);
  if (disk.stat(manifest)) await disk.rename(manifest, layout.inTrash(`${id}.ndjson`));
  // For good: a power cut must not bring it back without its pin or some of its files.
  await disk.syncFolder(layout.manifests);
  await discardTree(store, id);
  const records = [layout.inodesOf(id), layout.parityOf(id), layout.damageOf(id)];
  const marks = [layout.pin(id), layout.acceptedOf(id), layout.noteOf(id)];
  for (const place of [...records, ...marks]) await disk.remove(place);
}

/**
 * Removes what waits in the trash. Needs no lock: nothing in the trash belongs to a snapshot. Ended at
 * any instant, the next call goes on.
 */
export async function emptyTrash(store: Store): Promise<void> {
  const { disk, layout } = store;
  const names = await disk.namesIn(layout.trash);
  if (names.length === 0) return;
  const orphans = new Set<SnapshotId>();
  for (const name of names) {
    const id = name.replace(/\.ndjson$/, '');
    // Its manifest was moved away, and the process ended before the tree was.
    if (name !== id && isSnapshotId(id) && !disk.stat(layout.manifest(id))) orphans.add(id);
  }
  for (const id of orphans) await discardTree(store, id);
  // What is removed must not come back at its dated place, where nobody would know of it.
  for (const folder of [layout.manifests, layout.root]) await disk.syncFolder(folder);
  // The tree before the manifest: as long as that is there, the tree is known to be on its way out.
  for (const id of orphans) await disk.remove(layout.inTrash(id));
  for (const name of names) await disk.remove(layout.inTrash(name));
}

async function discardTree(store: Store, id: SnapshotId): Promise<void> {
  const { disk, layout } = store;
  if (!disk.stat(layout.snapshot(id))) return;
  try {
    await disk.rename(layout.snapshot(id), layout.inTrash(id));
  } catch (error) {
    // Another process that empties the trash may have been quicker.
    if (disk.stat(layout.snapshot(id))) throw error;
  }
}
