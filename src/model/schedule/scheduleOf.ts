import type { Server } from '../configuration/server';
import { Schedule } from './schedule';

const known = new Map<string, Schedule | undefined>();

/** The schedule of a server, or undefined if it is backed up by hand only. */
export function scheduleOf({ unattended }: Server): Schedule | undefined {
  const { schedule, timeZone } = unattended ?? {};
  if (schedule === undefined) return undefined;
  const key = `${timeZone ?? ''}\0${schedule}`;
  // Two hundred servers mostly share a handful of schedules, and are asked for them all the time.
  if (!known.has(key)) known.set(key, Schedule.parse(schedule, timeZone));
  return known.get(key);
}
