import type { Handover } from '../../copies/copyRepository';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import type { ManifestEntry } from '../../model/manifest';
import type { SnapshotId } from '../../model/snapshotId';
import { diskAbilities } from '../../store/description';
import { readCopyState } from '../../store/copyStates';
import type { Store } from '../../store/store';

/**
 * How the files of a snapshot are known to be those of the copy that was made before it. Where snapshots
 * share files by links, an equal inode says so. Where they are clones, each has an inode of its own, and
 * size and time must do: unless the manifests know of a file that has another content under the same.
 *
 * @param parent the snapshot of the copy; undefined: there is none
 */
export async function howToCompare(
  store: Store,
  copy: string,
  id: SnapshotId,
  parent: SnapshotId | undefined,
): Promise<Handover['compare']> {
  const { disk, layout } = store;
  if (parent === undefined || readCopyState(disk, layout, copy).doubtful) return 'content';
  const { share } = await diskAbilities(disk, layout);
  if (share === 'link') return 'inode';
  if (!disk.stat(layout.manifest(parent))) return 'content';
  return (await hasSilentChange(store, parent, id)) ? 'content' : 'time';
}

async function hasSilentChange(store: Store, from: SnapshotId, to: SnapshotId): Promise<boolean> {
  const pathOf = ({ path }: ManifestEntry): string => path;
  const pairs = mergeInFolderOrder(store.entries(from), store.entries(to), pathOf, pathOf);
  for await (const { left, right } of pairs) {
    if (left?.sha256 === undefined || right?.sha256 === undefined) continue;
    const looksSame = left.size === right.size && left.mtime === right.mtime;
    if (looksSame && left.sha256 !== right.sha256) return true;
  }
  return false;
}
