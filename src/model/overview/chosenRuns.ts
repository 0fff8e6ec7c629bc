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
 * The runs that an overview tells of: all that the calendar shows, and before them the last one of each day
 * (in UTC) of a year. Nothing of a run has to be read to know it.
 * @param ids newest first
 * @returns newest first
 */
export function chosenRuns(ids: readonly SnapshotId[], now: number): SnapshotId[] {
  // Ids are in the order of their times, so that they need not be understood to be compared.
  const [latest, detailed, earliest] = [now + day, now - inDetail, now - inAll].map(snapshotIdAt);
  const chosen: SnapshotId[] = [];
  let last = '';
  for (const id of ids) {
    // Of a clock that was wrong.
    if (id > (latest ?? '')) continue;
    if (id < (earliest ?? '') || chosen.length === mostRuns) break;
    const date = id.slice(0, 10);
    if (id >= (detailed ?? '') || date !== last) chosen.push(id);
    last = date;
  }
  return chosen;
}
