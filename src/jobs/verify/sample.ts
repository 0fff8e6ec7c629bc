import { throwIfAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import type { Amount } from '../../model/amount';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Marks } from '../../store/damageMarks';
import { contentKey } from '../../store/proofTable';
import type { Proofs } from '../../store/proofs';
import { recordedEntries, type RecordedEntry } from '../../store/snapshotEntries';
import { checkEntry, type CheckContext } from './snapshotCheck';
import { surveyContents, type Survey } from './survey';
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
      await new Pass(context, survey, snapshot, { ...round, flag, isFirst: index === 0 }).run(
        isOver,
      );
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
    const { store, progress, signal } = this.#context;
    const { id } = this.#snapshot;
    progress.snapshot = id;
    const before = { files: progress.files, bytes: progress.bytes };
    for await (const recorded of recordedEntries(store, id)) {
      throwIfAborted(signal);
      if (isOver()) break;
      await this.#meet(recorded);
    }
    this.#snapshot.files += progress.files - before.files;
    this.#snapshot.bytes += progress.bytes - before.bytes;
  }

  async #meet(recorded: RecordedEntry): Promise<void> {
    const { entry, inode } = recorded;
    const { marks, healed, damages, id } = this.#snapshot;
    const isMarked = marks.names(entry.path);
    const place = entry.sha256 === undefined ? undefined : this.#place(entry.sha256, inode);
    const isForced = isMarked && this.#round.isFirst;
    const isTaken = place === undefined ? isForced : this.#takes(place, isForced);
    if (!isTaken) return;
    const isRight = await checkEntry(this.#context, id, recorded, damages);
    if (isRight && isMarked) healed.add(entry.path);
    if (!isRight || place === undefined) return;
    // Since it was taken, this is when it was read before.
    const before = this.#context.proofs.table.sizeAt(place);
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
