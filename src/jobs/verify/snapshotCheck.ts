import type { SnapshotId } from '../../model/snapshotId';
import type { Checked, ContentCheck } from '../../store/contentCheck';
import { contentKey } from '../../store/proofTable';
import type { Proofs } from '../../store/proofs';
import { recordedGroups } from '../../store/snapshotEntries';
import type { Store } from '../../store/store';
import { extrasIn, KnownPlaces } from './extras';
import { FoundDamage, type DamageList } from './verified';

/** How much was looked at. Whoever shows it looks now and then. */
export class VerifyProgress {
  snapshot: SnapshotId | undefined;
  files = 0;
  /** Bytes that were read. */
  bytes = 0;
}

export interface CheckContext {
  readonly store: Store;
  readonly contents: ContentCheck;
  readonly proofs: Proofs | undefined;
  /** When the verification began, in seconds since 1970: as of then all that it finds right is proven. */
  readonly at: number;
  readonly progress: VerifyProgress;
  readonly signal: AbortSignal;
}

/** Looks at every file and folder of a snapshot, and for what does not belong there. */
export async function checkTree(
  context: CheckContext,
  id: SnapshotId,
  isManifestIntact: boolean,
  damages: DamageList,
): Promise<void> {
  const { store, contents, proofs, signal } = context;
  const known = new KnownPlaces();
  const checks = contents.check(store.layout.snapshot(id), recordedGroups(store, id));
  for await (const group of checks) {
    for (const checked of group) {
      known.add(checked.entry);
      concludeCheck(context, checked, damages);
    }
    await proofs?.settled();
  }
  // What a damaged manifest does not name may be what it cannot name any more.
  if (!isManifestIntact) return;
  for await (const local of extrasIn(store, id, known, signal)) {
    damages.add(FoundDamage.extra(local));
  }
}

/** Whether it is as it should be; else it is added to the damages. */
export function concludeCheck(
  { proofs, progress, at }: CheckContext,
  { entry, inode, finding }: Checked,
  damages: DamageList,
): boolean {
  if (!finding) return true;
  const { state, read, message } = finding;
  if (state !== 'intact') damages.add(FoundDamage.ofEntry(state, entry, message));
  if (entry.sha256 === undefined) return state === 'intact';
  progress.files += 1;
  progress.bytes += read;
  if (state !== 'intact') return false;
  if (!proofs) return true;
  const place = proofs.table.place(contentKey(entry.sha256, inode));
  if (proofs.table.timeAt(place) !== at) proofs.prove(place, at);
  return true;
}
