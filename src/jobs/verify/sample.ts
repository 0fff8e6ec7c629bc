import { throwIfAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import type { Amount } from '../../model/amount';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Marks } from '../../store/damageMarks';
import type { Checked } from '../../store/contentCheck';
import { contentKey } from '../../store/proofTable';
import type { Proofs } from '../../store/proofs';
import { recordedEntries, type RecordedEntry } from '../../store/snapshotEntries';
import { concludeCheck, type CheckContext } from './snapshotCheck';
import { surveyContents, type Survey } from './survey';
import { unlessRemoved } from './unlessRemoved';
import type { DamageList } from './verified';

/** One of the snapshots that a sample is taken from. */
export interface SampledSnapshot {
  readonly id: SnapshotId;
  readonly damages: DamageList;
  /** What is known to be damaged: it is looked at every time. */
  readonly marks: Marks;
  /** What of that was found intact. */
  readonly healed: Set<RemotePath>;
  files: number;
  bytes: number;
  milliseconds: number;
}

/** The flag of a content that no round has taken. */
const untaken = 1;
const mostRounds = 250;

type SampleContext = CheckContext & { readonly proofs: Proofs };

/**
 * Reads those contents again that were read longest ago, never read ones first, until the amount is
 * reached; of each all names in the snapshots are looked at. What is known to be damaged is looked at
 * every time. So repeated samples cover everything, and no damage is forgotten.
 */
export async function sampleContents(
  context: SampleContext,
  snapshots: readonly SampledSnapshot[],
  amount: Amount,
  clock: Clock,
): Promise<void> {
  const end = 'milliseconds' in amount ? clock.monotonic() + amount.milliseconds : Infinity;
  const survey = await surveyContents(context, snapshots);
  const rounds = 'share' in amount ? [roundOfShare(survey, amount.share)] : roundsOf(survey);
  for (const [index, round] of rounds.entries()) {
    const flag = untaken + 1 + index;
    const isOver = (): boolean => clock.monotonic() >= end;
    for (const snapshot of snapshots) {
      const started = clock.monotonic();
      const pass = new Pass(context, survey, snapshot, { ...round, flag, isFirst: index === 0 });
      await unlessRemoved(context.store, snapshot.id, () => pass.run(isOver));
      snapshot.milliseconds += clock.monotonic() - started;
      if (isOver()) break;
    }
    if (isOver()) break;
  }
  for (const { id } of snapshots) context.proofs.setSince(id, survey.since(id));
}

interface Round {
  /** Contents that were last read before this are taken. */
  readonly before: number;
  /** Of those that were read just then, so much. */
  readonly rest: { files: number; bytes: number };
}

/** Whole groups that were read at one time, oldest first, and a part of the last one. */
function roundOfShare(survey: Survey, share: number): Round {
  const rest = { files: Math.ceil(share * survey.files), bytes: share * survey.bytes };
  for (const [time, { files, bytes }] of survey.groups) {
    if (rest.files <= files && rest.bytes <= bytes) return { before: time, rest };
    rest.files -= files;
    rest.bytes -= bytes;
  }
  return { before: Infinity, rest };
}

/** Group by group: one that waits longest must not wait for the end of a pass over newer ones. */
function roundsOf(survey: Survey): Round[] {
  const nothing = (): Round['rest'] => ({ files: 0, bytes: 0 });
  const single = survey.groups.slice(0, mostRounds).map(([time]) => time + 1);
  return [...single, Infinity].map((before) => ({ before, rest: nothing() }));
}

/** One round's way through one snapshot. */
class Pass {
  readonly #context: SampleContext;
  readonly #survey: Survey;
  readonly #snapshot: SampledSnapshot;
  readonly #round: Round & { readonly flag: number; readonly isFirst: boolean };

  constructor(
    context: SampleContext,
    survey: Survey,
    snapshot: SampledSnapshot,
    round: Round & { readonly flag: number; readonly isFirst: boolean },
  ) {
    this.#context = context;
    this.#survey = survey;
    this.#snapshot = snapshot;
    this.#round = round;
  }

  async run(isOver: () => boolean): Promise<void> {
    const { store, contents, proofs, progress } = this.#context;
    const { id } = this.#snapshot;
    progress.snapshot = id;
    const before = { files: progress.files, bytes: progress.bytes };
    const checks = contents.check(store.layout.snapshot(id), this.#taken(isOver));
    for await (const group of checks) {
      for (const checked of group) this.#conclude(checked);
      await proofs.settled();
    }
    this.#snapshot.files += progress.files - before.files;
    this.#snapshot.bytes += progress.bytes - before.bytes;
  }

  /** The entries that are looked at, until the time is over. */
  async *#taken(isOver: () => boolean): AsyncGenerator<[RecordedEntry], void, undefined> {
    const { marks, id } = this.#snapshot;
    for await (const recorded of recordedEntries(this.#context.store, id)) {
      throwIfAborted(this.#context.signal);
      if (isOver()) return;
      const { entry, inode } = recorded;
      const isForced = this.#round.isFirst && marks.names(entry.path);
      const isTaken =
        entry.sha256 === undefined
          ? isForced
          : this.#takes(this.#place(entry.sha256, inode), isForced);
      if (isTaken) yield [recorded];
    }
  }

  #conclude(checked: Checked): void {
    const { entry, inode } = checked;
    const { marks, healed, damages, id } = this.#snapshot;
    const isRight = concludeCheck(this.#context, checked, damages);
    if (!isRight) return;
    if (marks.names(entry.path)) healed.add(entry.path);
    if (entry.sha256 === undefined) return;
    // Since it was taken, this is when it was read before.
    const before = this.#context.proofs.table.sizeAt(this.#place(entry.sha256, inode));
    this.#survey.proven(id, before, this.#context.at);
  }

  #place(sha256: string, inode: number): number {
    return this.#context.proofs.table.place(contentKey(sha256, inode));
  }

  /** Whether the content is one of this round. */
  #takes(place: number, isForced: boolean): boolean {
    const { table } = this.#context.proofs;
    const { flag, before, rest } = this.#round;
    if (table.flagAt(place) === flag) return true;
    if (table.flagAt(place) !== untaken) return false;
    const time = table.timeAt(place);
    const isOfRest = time === before && (rest.files > 0 || rest.bytes > 0);
    if (time >= before && !isOfRest && !isForced) return false;
    if (isOfRest) {
      rest.files -= 1;
      rest.bytes -= table.sizeAt(place);
    }
    table.setFlag(place, flag);
    // Its size was counted already; what is needed from here on is when it was read before.
    table.setSize(place, time);
    return true;
  }
}
