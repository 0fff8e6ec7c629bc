import type { SnapshotId } from '../../model/snapshotId';
import type { Marks } from '../../store/damageMarks';
import { placesOfContents } from '../../store/sameContent';
import { recordedEntries } from '../../store/snapshotEntries';
import type { SnapshotSummary, Store } from '../../store/store';

/** For each snapshot that is needed, by which ones. */
export type Needs = ReadonlyMap<SnapshotId, readonly SnapshotId[]>;

/**
 * Which snapshots that are to go hold something that one that stays would lose with them: what it carried
 * over and has no file of any more, and what a repair of its known damage would take from them. Of a
 * damaged manifest what can be read of it counts: a repair of it may need years, and nothing must stop meanwhile.
 */
export async function neededSnapshots(
  store: Store,
  kept: readonly SnapshotSummary[],
  going: ReadonlySet<SnapshotId>,
  signal: AbortSignal,
): Promise<Needs> {
  const needs = new Map<SnapshotId, SnapshotId[]>();
  const add = (needed: SnapshotId, by: SnapshotId): void => {
    const known = needs.get(needed) ?? [];
    if (!known.includes(by)) needs.set(needed, [...known, by]);
  };
  for (const { id, status } of kept) {
    if (status === 'incomplete') await findCarried(store, id, going, add);
    if (store.damage.has(id)) await findForRepair(store, id, going, add, signal);
  }
  return needs;
}

type Add = (needed: SnapshotId, by: SnapshotId) => void;

/**
 * Our own runs give every snapshot a file, or a link, of its own; but somebody may have removed it. Only
 * snapshots with something skipped have carried entries.
 */
async function findCarried(
  store: Store,
  id: SnapshotId,
  going: ReadonlySet<SnapshotId>,
  add: Add,
): Promise<void> {
  for await (const { entry } of recordedEntries(store, id)) {
    const { carried, sha256 } = entry;
    if (carried === undefined || sha256 === undefined || !going.has(carried)) continue;
    if (!store.disk.stat(store.place(id, entry))) add(carried, id);
  }
}

/** Where the content of damaged files should still stand, if only snapshots that are to go have it. */
async function findForRepair(
  store: Store,
  id: SnapshotId,
  going: ReadonlySet<SnapshotId>,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  const lost = await lostContents(store, id);
  const marks = new Map<SnapshotId, Marks>();
  /** The newest that has each content among those that go. */
  const sources = new Map<string, SnapshotId>();
  for await (const { snapshot, entry, place } of placesOfContents(store, lost, signal)) {
    const damaged = marks.get(snapshot) ?? (await store.damage.of(snapshot));
    marks.set(snapshot, damaged);
    const { sha256 } = entry;
    if (sha256 === undefined || damaged.has(entry.path) || !store.disk.stat(place)) continue;
    if (!going.has(snapshot)) lost.delete(sha256);
    else if (!sources.has(sha256)) sources.set(sha256, snapshot);
  }
  for (const [sha256, source] of sources) if (lost.has(sha256)) add(source, id);
}

async function lostContents(store: Store, id: SnapshotId): Promise<Set<string>> {
  const marks = await store.damage.of(id);
  const lost = new Set<string>();
  for await (const { entry } of recordedEntries(store, id)) {
    const { sha256, path } = entry;
    if (sha256 !== undefined && marks.has(path)) lost.add(sha256);
  }
  return lost;
}
