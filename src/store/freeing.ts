import { throwIfAborted } from '../base/abort';
import { changesBetween } from '../model/changes';
import type { ManifestEntry } from '../model/manifest';
import { mergeInFolderOrder } from '../model/mergeInFolderOrder';
import type { SnapshotId } from '../model/snapshotId';
import { diskAbilities } from './description';
import type { Disk } from './disk';
import { placeBelow } from './layout';
import { LinkCounts } from './linkCounts';
import type { Store } from './store';

/** What the removal of some snapshots gives back. */
export interface Freeing {
  /** Of each: the bytes that no other snapshot shares. */
  readonly each: ReadonlyMap<SnapshotId, number>;
  /** Of all together: what only they share with each other counts once. */
  readonly total: number;
}

/**
 * Counts the bytes that the removal of the given snapshots gives back. On disks that link, by the number
 * of names that each file has; on disks that clone, where that says nothing, by the contents that the
 * nearest snapshots before and after have as well. Reads no file.
 */
export async function freeingOf(
  store: Store,
  ids: readonly SnapshotId[],
  signal: AbortSignal,
): Promise<Freeing> {
  if (ids.length === 0) return { each: new Map(), total: 0 };
  const { share } = await diskAbilities(store.disk, store.layout);
  return share === 'clone' ? byContents(store, ids, signal) : byNames(store, ids, signal);
}

async function byNames(
  store: Store,
  ids: readonly SnapshotId[],
  signal: AbortSignal,
): Promise<Freeing> {
  const each = new Map<SnapshotId, number>();
  const shared = new LinkCounts();
  let total = 0;
  for (const id of ids) {
    const bytes = await countTree(store, id, shared, signal);
    each.set(id, bytes);
    total += bytes;
  }
  for (const { seen, links, size } of shared) if (seen === links) total += size;
  return { each, total };
}

/** @returns the bytes of the files that have no other name than those in this snapshot */
async function countTree(
  { disk, layout }: Store,
  id: SnapshotId,
  shared: LinkCounts,
  signal: AbortSignal,
): Promise<number> {
  const own = new LinkCounts();
  let freed = 0;
  await visitFiles(disk, layout.snapshot(id), '', signal, ({ size, links, inode }) => {
    if (links === 1) freed += size;
    else own.add({ inode: inode.number, links, size, seen: 1 });
  });
  for (const found of own) {
    if (found.seen === found.links) freed += found.size;
    else shared.add(found);
  }
  return freed;
}

async function visitFiles(
  disk: Disk,
  tree: string,
  folder: string,
  signal: AbortSignal,
  visit: (found: { size: number; links: number; inode: { number: number } }) => void,
): Promise<void> {
  throwIfAborted(signal);
  for (const name of await disk.namesIn(placeBelow(tree, folder))) {
    const local = folder === '' ? name : `${folder}/${name}`;
    const found = disk.stat(placeBelow(tree, local));
    if (found?.type === 'directory') await visitFiles(disk, tree, local, signal, visit);
    else if (found) visit(found);
  }
}

async function byContents(
  store: Store,
  ids: readonly SnapshotId[],
  signal: AbortSignal,
): Promise<Freeing> {
  const oldestFirst = (await store.ids()).reverse();
  const going = new Set(ids);
  const each = new Map<SnapshotId, number>();
  let total = 0;
  for (const id of ids) {
    throwIfAborted(signal);
    const at = oldestFirst.indexOf(id);
    const before = oldestFirst[at - 1];
    const after = oldestFirst[at + 1];
    const staysAfter = oldestFirst.slice(at + 1).find((other) => !going.has(other));
    each.set(id, await bytesOnlyIn(store, id, [before, after]));
    // What goes on into the next one that goes is counted there.
    total += await bytesOnlyIn(store, id, [before, staysAfter]);
  }
  return { each, total };
}

/** The bytes of the files whose contents none of the neighbours has at the same path. */
async function bytesOnlyIn(
  store: Store,
  id: SnapshotId,
  neighbours: readonly (SnapshotId | undefined)[],
): Promise<number> {
  const [first, second] = neighbours.map((other) => filesNotIn(store, other, id));
  let bytes = 0;
  if (!first || !second) return bytes;
  const pathOf = ({ path }: ManifestEntry): string => path;
  for await (const { left, right } of mergeInFolderOrder(first, second, pathOf, pathOf)) {
    if (left && right) bytes += right.size ?? 0;
  }
  return bytes;
}

async function* filesNotIn(
  store: Store,
  other: SnapshotId | undefined,
  id: SnapshotId,
): AsyncGenerator<ManifestEntry, void, undefined> {
  const before = other === undefined ? noEntries() : store.entries(other);
  for await (const { after } of changesBetween(before, store.entries(id))) {
    if (after?.sha256 !== undefined) yield after;
  }
}

async function* noEntries(): AsyncGenerator<ManifestEntry, void, undefined> {
  // There is no snapshot on this side.
}
