/** Which snapshots are to be copied off-site, and which copies stay: the rules themselves, without a disk. */
import { Calendar } from './retention/calendar';
import { decideRetention, type Candidate, type Keep } from './retention/retention';
import { snapshotTime, type SnapshotId } from './snapshotId';

export interface CopyRule {
  /** `daily`: at most one of each day. */
  readonly pace: 'each' | 'daily';
  /** Which copies stay; undefined: all. */
  readonly keep: Keep | undefined;
  readonly timeZone: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The snapshots to be copied, oldest first: all that came since the newest copy, so that what failed is
 * caught up; of a repository without copies the newest one only. What `keep` would remove at once is not
 * sent.
 *
 * @param complete snapshots that may be copied, in any order
 * @param copied those that are in the repository
 */
export function snapshotsToCopy(
  complete: readonly SnapshotId[],
  copied: readonly SnapshotId[],
  rule: CopyRule,
): SnapshotId[] {
  const last = [...copied].sort().at(-1);
  const sorted = [...complete].sort();
  const since = last === undefined ? sorted.slice(-1) : sorted.filter((id) => id > last);
  const paced = rule.pace === 'daily' ? newestOfEachNewDay(since, copied, rule.timeZone) : since;
  const staying = new Set(
    copiesToKeep(
      [...copied, ...paced].map((id) => ({ id, status: 'complete' })),
      rule,
    ),
  );
  return paced.filter((id) => staying.has(id));
}

/** The copies that stay: by the same calendar as snapshots. */
export function copiesToKeep(
  copies: readonly Candidate[],
  { keep, now, timeZone }: Omit<CopyRule, 'pace'>,
): SnapshotId[] {
  return decideRetention(copies, keep, now, timeZone)
    .filter((decision) => decision.keep)
    .map(({ id }) => id);
}

function newestOfEachNewDay(
  ids: readonly SnapshotId[],
  copied: readonly SnapshotId[],
  timeZone: string | undefined,
): SnapshotId[] {
  const calendar = new Calendar(timeZone);
  const dayOf = (id: SnapshotId): string => calendar.periodsOf(snapshotTime(id)).daily.key;
  const days = new Set(copied.map(dayOf));
  const newest = new Map(ids.filter((id) => !days.has(dayOf(id))).map((id) => [dayOf(id), id]));
  return [...newest.values()];
}
