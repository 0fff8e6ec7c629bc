import type { Log } from '../base/log';
import type { SnapshotId } from '../model/snapshotId';
import type { Disk } from './disk';
import type { Layout } from './layout';
import { readHeader } from './manifestFile';
import type { Store } from './store';

/**
 * Makes a finished snapshot visible: its tree is moved to its dated place, and the manifest, by which a
 * snapshot exists, renamed last. All that it holds is synced already. Only with the store's lock.
 */
export async function publishAt(disk: Disk, layout: Layout, id: SnapshotId): Promise<void> {
  await disk.rename(layout.inPartial('inodes'), layout.inodesOf(id));
  await disk.rename(layout.inPartial('parity'), layout.parityOf(id));
  // By the manifest the next run finds out whose a tree at a dated place is.
  for (const folder of [layout.partial, layout.own]) await disk.syncFolder(folder);
  await disk.rename(layout.partialTree, layout.snapshot(id));
  await disk.syncFolder(layout.root);
  await disk.rename(layout.inPartial('manifest'), layout.manifest(id));
  await disk.syncFolder(layout.manifests);
}

/**
 * A run that died between moving the tree to its dated place and renaming the manifest left a folder
 * that is no snapshot yet: its tree goes back, to be continued. Other folders without a manifest are
 * left alone: nothing is known of them.
 */
export async function withdrawUnpublished({ disk, layout }: Store, log: Log): Promise<void> {
  const manifest = layout.inPartial('manifest');
  if (!disk.stat(manifest) || disk.stat(layout.partialTree)) return;
  const id = await readHeader(disk, manifest).then(
    (header) => header.snapshot,
    () => undefined,
  );
  if (id === undefined || disk.stat(layout.manifest(id)) || !disk.stat(layout.snapshot(id))) return;
  log.warn(`The run of ${id} was interrupted just before its end. It is continued.`);
  await disk.rename(layout.snapshot(id), layout.partialTree);
}
