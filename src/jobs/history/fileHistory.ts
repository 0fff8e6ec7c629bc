import type { ManifestEntry } from '../../model/manifest';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { SnapshotFolders } from '../../store/snapshotFolders';
import type { Store } from '../../store/store';

/** A content that a file had, and the snapshots that hold it. */
export interface FileVersion {
  /** Newest first; never empty. */
  readonly snapshots: readonly SnapshotId[];
  readonly entry: ManifestEntry;
}

/** The versions of one file over all snapshots, newest first. Snapshots without it are left out. */
export async function fileHistory(
  store: Store,
  path: RemotePath,
  open: (id: SnapshotId) => Promise<SnapshotFolders> = (id) =>
    SnapshotFolders.open(store.disk, store.layout.manifest(id)),
): Promise<FileVersion[]> {
  const versions: { snapshots: SnapshotId[]; entry: ManifestEntry }[] = [];
  for (const id of await store.ids()) {
    const entry = await (await open(id)).find(path);
    if (entry?.type !== 'file' || entry.sha256 === undefined) continue;
    const last = versions.at(-1);
    if (last?.entry.sha256 === entry.sha256) last.snapshots.push(id);
    else versions.push({ snapshots: [id], entry });
  }
  return versions;
}
