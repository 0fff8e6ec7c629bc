import { BackupError } from '../base/errors';
import { resolveSnapshot, type SnapshotId } from '../model/snapshotId';
import type { Store } from '../store/store';

/** The snapshot that a person means. Throws `configuration` if there is none, or several. */
export async function selectSnapshot(
  store: Store,
  server: string,
  wanted: string,
): Promise<SnapshotId> {
  const found = resolveSnapshot(wanted, await store.ids(), await store.backupIds());
  if ('id' in found) return found.id;
  throw new BackupError(
    'configuration',
    `${server}: ${found.fault}. See: sauvegarde list ${server}`,
  );
}
