import { graceOf } from '../../../model/schedule/overdue';
import type { Schedule } from '../../../model/schedule/schedule';
import type { FleetServer } from './fleet';

const minute = 60;
const hour = 3600;

/** A job may be started so long after its time, in seconds: a shorter one might be missed by the controller. */
const shortestStarting = 30;

/**
 * How late a start may come, in seconds: what the scheduler of the cluster missed is made up for in half the
 * time until the next one, as its absence counts as overdue from then on. So no more than one start can have
 * been missed, which is what a CronJob bears.
 */
export function startingDeadline(schedule: Schedule, now: number): number {
  const due = schedule.lastUntil(now) ?? now;
  return Math.max(shortestStarting, Math.floor(graceOf(schedule, due) / 1000));
}

/** Waits of 2, 10 and 30 minutes before further attempts, and some for a slow start. */
const attempts = hour;
const longestUnknown = 24 * hour;

/** How long a job may take, in seconds, further attempts included; the next one continues where it was ended. */
export function activeDeadline({ need }: FleetServer): number {
  if (!need) return longestUnknown;
  const usual = Math.ceil((4 * need.seconds) / minute) * minute;
  return Math.min(longestUnknown, Math.max(6 * hour, usual + attempts));
}
