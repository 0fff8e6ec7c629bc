import type { Schedule } from './schedule';

const hour = 3_600_000;
/** A run may take so long, in milliseconds, before its absence means something. */
const longestGrace = 6 * hour;

/** A server whose last good backup is older than its schedule allows. */
export interface Overdue {
  /** The moment that was missed, in milliseconds since 1970. */
  readonly due: number;
  /** When the last good backup was finished. */
  readonly lastGood: number;
}

/**
 * How long after a due moment its backup may still be missing, in milliseconds: half the time since the
 * due moment before, six hours at most.
 */
export function graceOf(schedule: Schedule, due: number): number {
  const before = schedule.lastUntil(due - 1);
  return before === undefined ? longestGrace : Math.min((due - before) / 2, longestGrace);
}

/**
 * Whether a server is overdue at `now`. One that was never backed up is not: it is due at once.
 * @param lastGood when the last good backup was finished
 */
export function overdueAt(
  schedule: Schedule,
  lastGood: number | undefined,
  now: number,
): Overdue | undefined {
  if (lastGood === undefined) return undefined;
  let due = schedule.lastUntil(now);
  // The last moment may still be within its grace, and the one before it missed all the same.
  if (due !== undefined && now < due + graceOf(schedule, due)) due = schedule.lastUntil(due - 1);
  return due !== undefined && lastGood < due ? { due, lastGood } : undefined;
}
