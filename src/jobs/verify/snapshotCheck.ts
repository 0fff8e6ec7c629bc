import { throwIfAborted } from '../../base/abort';
import type { SnapshotId } from '../../model/snapshotId';
import type { ContentCheck } from '../../store/contentCheck';
import { contentKey } from '../../store/proofTable';
import type { Proofs } from '../../store/proofs';
import { recordedEntries, type RecordedEntry } from '../../store/snapshotEntries';
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
  const { store, signal } = context;
  const known = new KnownPlaces();
  for await (const recorded of recordedEntries(store, id)) {
    throwIfAborted(signal);
    known.add(recorded.entry);
    await checkEntry(context, id, recorded, damages);
  }
  // What a damaged manifest does not name may be what it cannot name any more.
  if (!isManifestIntact) return;
  for await (const local of extrasIn(store, id, known, signal)) {
    damages.add(FoundDamage.extra(local));
  }
}

/** Whether it is as it should be; else it is added to the damages. */
export async function checkEntry(
  context: CheckContext,
  id: SnapshotId,
  { entry, inode }: RecordedEntry,
  damages: DamageList,
): Promise<boolean> {
  const { store, contents, proofs, progress, at } = context;
  const tree = store.layout.snapshot(id);
  if (entry.type === 'directory') {
    // One that could not be listed may not have been made.
    if (entry.skipped || contents.isFolder(tree, entry)) return true;
    damages.add(FoundDamage.ofEntry('missing', entry));
    return false;
  }
  if (entry.type !== 'file' || entry.sha256 === undefined) return true;
  const { state, read, message } = await contents.look(tree, entry);
  progress.files += 1;
  progress.bytes += read;
  if (state !== 'intact') {
    damages.add(FoundDamage.ofEntry(state, entry, message));
    return false;
  }
  if (!proofs) return true;
  const place = proofs.table.place(contentKey(entry.sha256, inode));
  if (proofs.table.timeAt(place) !== at) proofs.prove(place, at);
  await proofs.settled();
  return true;
}
