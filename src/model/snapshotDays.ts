import { snapshotTime, type SnapshotId } from './snapshotId';

/** So many snapshots are shown one by one; more are folded by month. */
export const mostUnfolded = 30;

/** The snapshots of one calendar month of local time. */
export interface SnapshotMonth {
  /** `2026-11` */
  readonly key: string;
  /** Newest first; never empty. */
  readonly ids: readonly SnapshotId[];
}

/**
 * @param ids newest first
 * @returns the newest month first; undefined: they are few enough to be shown one by one
 */
export function foldedByMonth(ids: readonly SnapshotId[]): SnapshotMonth[] | undefined {
  if (ids.length <= mostUnfolded) return undefined;
  const months = new Map<string, SnapshotId[]>();
  for (const id of ids) {
    const key = dayOf(snapshotTime(id)).slice(0, 7);
    const known = months.get(key);
    if (known) known.push(id);
    else months.set(key, [id]);
  }
  return [...months].map(([key, ofMonth]) => ({ key, ids: ofMonth }));
}

/** The days that have several snapshots, as `dayOf` writes them: there the time of day matters. */
export function daysWithSeveral(ids: readonly SnapshotId[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const several = new Set<string>();
  for (const id of ids) {
    const day = dayOf(snapshotTime(id));
    if (seen.has(day)) several.add(day);
    seen.add(day);
  }
  return several;
}

/** `2026-11-23` in local time. */
export function dayOf(moment: number): string {
  const date = new Date(moment);
  const two = (number: number): string => String(number).padStart(2, '0');
  const year = String(date.getFullYear()).padStart(4, '0');
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
