import { graceOf } from '../schedule/overdue';
import type { Schedule } from '../schedule/schedule';
import type { SnapshotId } from '../snapshotId';
import type { RunFigures } from './runFigures';

/** How a day came out: `missed`: the schedule said so and no run came; `none`: nothing was to be done. */
export type DayState = 'good' | 'incomplete' | 'failed' | 'missed' | 'none';

export interface Day {
  readonly state: DayState;
  readonly runs: number;
  /** How many of them failed. */
  readonly failed: number;
  /** The last run that came out as the day did. */
  readonly run?: SnapshotId;
}

/**
 * The days that end with that of `now`, by the calendar of this computer: the moment at which each begins,
 * oldest first, and the one at which the last ends. Milliseconds since 1970.
 */
export function lastDays(now: number, count: number): number[] {
  const today = new Date(now);
  const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()];
  return Array.from({ length: count + 1 }, (_none, index) =>
    new Date(year, month, date + 1 + index - count).getTime(),
  );
}

export interface CalendarQuestion {
  /** Of the days, and perhaps others, oldest first. */
  readonly runs: readonly RunFigures[];
  /** When the first run ever was: before, nothing can have been missed. */
  readonly first: number | undefined;
  /** As it is today: what it was before, nobody has written down. */
  readonly schedule: Schedule | undefined;
  /** As `lastDays` gives them. */
  readonly days: readonly number[];
  readonly now: number;
}

/**
 * How each day came out. The best run of a day counts: one that failed and was tried again with success
 * leaves a good backup of that day. Cancelled runs count for nothing.
 */
export function calendarOf(question: CalendarQuestion): Day[] {
  const { days, runs } = question;
  const ofDays: RunFigures[][] = days.slice(1).map(() => []);
  let day = 0;
  for (const run of runs) {
    if (run.status === 'cancelled' || run.started < (days[0] ?? 0)) continue;
    while (day < ofDays.length && run.started >= (days[day + 1] ?? Infinity)) day += 1;
    ofDays[day]?.push(run);
  }
  return ofDays.map((found, index) =>
    found.length > 0 ? dayWith(found) : dayWithout(question, index, ofDays[index + 1]?.[0]),
  );
}

const fromBest = [
  ['good', 'complete'],
  ['incomplete', 'incomplete'],
  ['failed', 'failed'],
] as const;

function dayWith(runs: readonly RunFigures[]): Day {
  const failed = runs.filter(({ status }) => status === 'failed').length;
  for (const [state, status] of fromBest) {
    const run = runs.findLast((one) => one.status === status);
    if (run) return { state, runs: runs.length, failed, run: run.id };
  }
  return { state: 'none', runs: 0, failed: 0 };
}

/** @param next the first run of the day after */
function dayWithout(question: CalendarQuestion, index: number, next: RunFigures | undefined): Day {
  const none: Day = { state: 'none', runs: 0, failed: 0 };
  const { schedule, first, days, now } = question;
  const begin = days[index] ?? 0;
  const end = Math.min(days[index + 1] ?? 0, now + 1);
  if (!schedule || first === undefined || end <= first) return none;
  let due = schedule.lastUntil(end - 1);
  // What is due today may still come; what was due before it has been missed all the same.
  if (due !== undefined && now < due + graceOf(schedule, due)) due = schedule.lastUntil(due - 1);
  if (due === undefined || due < Math.max(begin, first)) return none;
  // What was due shortly before midnight may have begun shortly after it.
  const isLate = next !== undefined && next.started < due + graceOf(schedule, due);
  return isLate ? dayWith([next]) : { ...none, state: 'missed' };
}
