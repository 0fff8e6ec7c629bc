/** Which snapshots stay, and why: the rule itself, without a disk. */
import { snapshotTime, type SnapshotId } from '../snapshotId';
import { Calendar, periods, type CalendarPeriods, type Period } from './calendar';
import { before } from './span';

/** The rule as configured: how many of each are kept. What is absent keeps nothing. */
export interface Keep extends Partial<Readonly<Record<Period, number | undefined>>> {
  /** The newest ones, however close. */
  readonly last?: number | undefined;
  /** All that are so old at most, counted from the newest: `30d`. */
  readonly within?: string | undefined;
}

/** What the rule must know of a snapshot. */
export interface Candidate {
  readonly id: SnapshotId;
  readonly status: 'complete' | 'incomplete' | 'damaged';
  readonly pin?: 'by-hand' | 'before-restore';
  /** Whether some of its files are known to be damaged. */
  readonly isHurt?: boolean;
  /** Snapshots that would lose something they carried over if this one went. */
  readonly neededBy?: readonly SnapshotId[];
}

export interface Decision {
  readonly id: SnapshotId;
  readonly keep: boolean;
  /** `last 1`, `daily 2026-11-26`, `pinned`, `newest complete` …; empty if it goes. */
  readonly reasons: readonly string[];
}

/**
 * Decides of each snapshot whether it stays. Only complete ones that are not of the future count for
 * `last`, for `within` and for the periods; the newest of a period stands for it; a period counts only
 * if it has a snapshot; the rules add up. Where nothing can be known, a snapshot stays: one whose
 * manifest cannot be read, and all if no rule keeps anything.
 *
 * @param candidates in any order
 * @param now milliseconds since 1970
 * @returns newest first
 */
export function decideRetention(
  candidates: readonly Candidate[],
  keep: Keep | undefined,
  now: number,
  timeZone?: string,
): Decision[] {
  const newestFirst = [...candidates].sort((a, b) => (a.id < b.id ? 1 : -1));
  const reasons = new Map<SnapshotId, string[]>(newestFirst.map(({ id }) => [id, []]));
  const give = (id: SnapshotId, reason: string): void => void reasons.get(id)?.push(reason);
  const counting = newestFirst.filter((one) => counts(one, now));
  if (isRule(keep)) {
    const calendar = new Calendar(timeZone);
    const dated = counting.map(({ id }) => ({ id, in: calendar.periodsOf(snapshotTime(id)) }));
    countLast(counting, keep.last ?? 0, give);
    countWithin(counting, keep.within, give);
    for (const period of periods) countPeriod(dated, period, keep[period] ?? 0, give);
  } else for (const { id } of newestFirst) give(id, 'no rule');
  const safe = [counting[0]?.id, newestWhole(counting, now)].filter((id) => id !== undefined);
  protect(newestFirst, safe, now, give);
  keepNeeded(newestFirst, reasons);
  return newestFirst.map(({ id }) => {
    const found = reasons.get(id) ?? [];
    return { id, keep: found.length > 0, reasons: found };
  });
}

/** The snapshot without which none of the others may go: complete, and without known damage. */
export function newestWhole(candidates: readonly Candidate[], now: number): SnapshotId | undefined {
  const whole = candidates.filter((one) => one.isHurt !== true && counts(one, now));
  return whole
    .map(({ id }) => id)
    .sort()
    .at(-1);
}

/** What is not complete, of the future or made by a restore stands for no period. */
function counts({ id, status, pin }: Candidate, now: number): boolean {
  return status === 'complete' && pin !== 'before-restore' && !isOfFuture(id, now);
}

/** Milliseconds: of several runs in one second, the later ones are dated some seconds ahead. */
const aheadAtMost = 10_000;

function isOfFuture(id: SnapshotId, now: number): boolean {
  return snapshotTime(id) > now + aheadAtMost;
}

type Give = (id: SnapshotId, reason: string) => void;

/** A rule that would keep nothing is taken for none: an empty object is no order to remove everything. */
function isRule(keep: Keep | undefined): keep is Keep {
  if (!keep) return false;
  const { within, ...counts } = keep;
  return within !== undefined || Object.values(counts).some((count) => (count ?? 0) > 0);
}

function countLast(counting: readonly Candidate[], count: number, give: Give): void {
  counting.slice(0, count).forEach(({ id }, index) => give(id, `last ${index + 1}`));
}

/**
 * From the newest snapshot back, not from now: whoever was away for a month does not come back to a
 * single snapshot.
 */
function countWithin(counting: readonly Candidate[], within: string | undefined, give: Give): void {
  const newest = counting[0];
  if (within === undefined || !newest) return;
  const oldest = before(snapshotTime(newest.id), within);
  for (const { id } of counting) if (snapshotTime(id) >= oldest) give(id, `within ${within}`);
}

interface Dated {
  readonly id: SnapshotId;
  readonly in: CalendarPeriods;
}

function countPeriod(dated: readonly Dated[], period: Period, count: number, give: Give): void {
  const seen = new Set<string>();
  for (const { id, in: found } of dated) {
    const { key, label } = found[period];
    if (seen.has(key)) continue;
    if (seen.size === count) return;
    seen.add(key);
    give(id, `${period} ${label}`);
  }
}

/** What no rule may remove. */
function protect(
  newestFirst: readonly Candidate[],
  safe: readonly SnapshotId[],
  now: number,
  give: Give,
): void {
  let completeSeen = false;
  for (const { id, status, pin } of newestFirst) {
    const isFuture = isOfFuture(id, now);
    if (id === safe[0]) give(id, 'newest complete');
    else if (safe.includes(id)) give(id, 'newest without damage');
    if (pin === 'by-hand') give(id, 'pinned');
    if (pin === 'before-restore') give(id, 'pinned: before a restore');
    if (isFuture) give(id, 'dated in the future');
    if (status === 'damaged') give(id, 'damaged: to be looked at');
    if (status === 'incomplete' && !completeSeen) give(id, 'no newer complete one');
    completeSeen ||= id === safe[0];
  }
}

/** What a snapshot that stays has carried over, and has no whole copy of, stays with it. */
function keepNeeded(newestFirst: readonly Candidate[], reasons: Map<SnapshotId, string[]>): void {
  let found = true;
  while (found) {
    found = false;
    for (const { id, neededBy = [] } of newestFirst) {
      const own = reasons.get(id);
      const by = neededBy.find((other) => (reasons.get(other)?.length ?? 0) > 0);
      if (!own || own.length > 0 || by === undefined) continue;
      own.push(`needed by ${by}`);
      found = true;
    }
  }
}
