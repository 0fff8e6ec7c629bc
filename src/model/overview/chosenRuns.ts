import { snapshotIdAt, type SnapshotId } from '../snapshotId';

const day = 86_400_000;

/** Days of the calendar of the overview. */
export const calendarDays = 90;

/** Somewhat more than the days of the calendar, as they begin at midnight somewhere on earth. */
const inDetail = (calendarDays + 2) * day;
const inAll = 366 * day;
/** Also where a server is backed up every minute. */
const mostRuns = 3000;

/**
 * The runs that an overview tells of: all that the calendar shows, and before them the last one of each quarter
 * of a month of a year, of which a snapshot is kept if there is one. Nothing of a run has to be read to know it.
 * @param ids newest first
 * @param kept the snapshots that are there
 * @returns newest first
 */
export function chosenRuns(
  ids: readonly SnapshotId[],
  kept: ReadonlySet<SnapshotId>,
  now: number,
): SnapshotId[] {
  // Ids are in the order of their times, so that they need not be understood to be compared.
  const latest = snapshotIdAt(now + day);
  const detailed = snapshotIdAt(now - inDetail);
  const earliest = snapshotIdAt(now - inAll);
  // One from the future is of a clock that was wrong.
  const recent = ids.filter((id) => id <= latest && id >= detailed);
  const older = new Map<string, SnapshotId>();
  for (const id of ids) {
    if (id >= detailed || id < earliest) continue;
    const quarter = quarterOf(id);
    const chosen = older.get(quarter);
    if (chosen === undefined || (!kept.has(chosen) && kept.has(id))) older.set(quarter, id);
  }
  return [...recent.slice(0, mostRuns), ...older.values()];
}

/** Days 1 to 7, 8 to 14, 15 to 21, and the rest: so the last one of each month is chosen. */
function quarterOf(id: SnapshotId): string {
  const date = Number(id.slice(8, 10));
  return `${id.slice(0, 7)} ${Math.min(3, Math.floor((date - 1) / 7))}`;
}
