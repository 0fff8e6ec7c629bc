import type { SnapshotId } from '../../model/snapshotId';
import type { SnapshotSummary, Store } from '../../store/store';

/**
 * Which snapshots that are to go hold something that another one carried over from them and has no file
 * of any more. Our own runs give every snapshot a file, or a link, of its own; but somebody may have
 * removed it. Only snapshots with something skipped have carried entries.
 *
 * @returns for each that is needed, by which ones
 */
export async function carriedOnlyBy(
  store: Store,
  kept: readonly SnapshotSummary[],
  going: ReadonlySet<SnapshotId>,
): Promise<ReadonlyMap<SnapshotId, readonly SnapshotId[]>> {
  const needed = new Map<SnapshotId, SnapshotId[]>();
  for (const { id, status } of kept) {
    if (status !== 'incomplete') continue;
    for await (const entry of store.entries(id)) {
      const { carried, sha256 } = entry;
      if (carried === undefined || sha256 === undefined || !going.has(carried)) continue;
      const by = needed.get(carried) ?? [];
      if (by.includes(id) || store.disk.stat(store.place(id, entry))) continue;
      needed.set(carried, [...by, id]);
    }
  }
  return needed;
}
