import { throwIfAborted } from '../../base/abort';
import type { SnapshotId } from '../../model/snapshotId';
import { contentKey } from '../../store/proofTable';
import type { Proofs } from '../../store/proofs';
import { recordedEntries } from '../../store/snapshotEntries';
import type { CheckContext } from './snapshotCheck';
import { unlessRemoved } from './unlessRemoved';

/** Files and bytes that were last read at one time. */
interface Group {
  files: number;
  bytes: number;
}

/** What contents there are, and when they were read. */
export class Survey {
  files = 0;
  bytes = 0;
  readonly #groups = new Map<number, Group>();
  /** Of each snapshot so many files of each time. */
  readonly #times = new Map<SnapshotId, Map<number, number>>();

  /** By time in seconds since 1970, oldest first; 0 for those that were never read. */
  get groups(): [number, Group][] {
    return [...this.#groups].sort(([one], [other]) => one - other);
  }

  addContent(time: number, size: number): void {
    this.files += 1;
    this.bytes += size;
    const group = this.#groups.get(time) ?? { files: 0, bytes: 0 };
    group.files += 1;
    group.bytes += size;
    this.#groups.set(time, group);
  }

  addFile(id: SnapshotId, time: number): void {
    this.#add(id, time, 1);
  }

  proven(id: SnapshotId, before: number, at: number): void {
    this.#add(id, before, -1);
    this.#add(id, at, 1);
  }

  /** Since when all of the snapshot is proven; undefined if not all of it is. */
  since(id: SnapshotId): number | undefined {
    const there = [...(this.#times.get(id) ?? [])].filter(([, count]) => count > 0);
    const oldest = Math.min(...there.map(([time]) => time));
    return Number.isFinite(oldest) && oldest > 0 ? oldest : undefined;
  }

  #add(id: SnapshotId, time: number, more: number): void {
    const times = this.#times.get(id) ?? new Map<number, number>();
    this.#times.set(id, times);
    times.set(time, (times.get(time) ?? 0) + more);
  }
}

/** One pass over the manifests. Contents of no snapshot keep the flag 0. */
export async function surveyContents(
  context: CheckContext & { readonly proofs: Proofs },
  snapshots: readonly { readonly id: SnapshotId }[],
): Promise<Survey> {
  const survey = new Survey();
  for (const { id } of snapshots) {
    await unlessRemoved(context.store, id, () => surveySnapshot(context, id, survey));
  }
  return survey;
}

async function surveySnapshot(
  { store, proofs: { table }, at, signal }: CheckContext & { readonly proofs: Proofs },
  id: SnapshotId,
  survey: Survey,
): Promise<void> {
  for await (const { entry, inode } of recordedEntries(store, id)) {
    throwIfAborted(signal);
    if (entry.type !== 'file' || entry.sha256 === undefined) continue;
    const place = table.place(contentKey(entry.sha256, inode));
    // A time that is still to come is of a clock that was wrong.
    if (table.timeAt(place) > at) table.setTime(place, 0);
    if (table.flagAt(place) === 0) {
      table.setFlag(place, 1);
      table.setSize(place, entry.size ?? 0);
      survey.addContent(table.timeAt(place), entry.size ?? 0);
    }
    survey.addFile(id, table.timeAt(place));
  }
}
