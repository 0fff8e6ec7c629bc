import type { Schedule } from '../../../model/schedule/schedule';
import { everyHour, everyMinute, wakeTimes, type WakeTimes } from '../wakeTimes';

interface Scheduled {
  readonly name: string;
  readonly schedule: Schedule;
}

/**
 * When a scheduler that knows time zones is to start each server: never before it is due, never in another
 * hour, and not all in the same minute. Those of one schedule are spread evenly over the minutes that are left
 * of the hour, or until the next due moment. `backup --if-due` decides whether something is due, so a start
 * may come too often or some minutes late, and nothing has to agree with what was exported before.
 * @param servers all that are configured, also those that are not exported now: their places stay free
 * @param timeZone of schedules that name none
 * @returns `cron` expressions of five fields, by server
 */
export function startTimes(
  servers: readonly Scheduled[],
  timeZone: string,
): ReadonlyMap<string, string> {
  const groups = new Map<string, Scheduled[]>();
  for (const server of servers) {
    const { text } = server.schedule;
    // Whatever their hours and zones: they may meet all the same.
    const minutes = wakeTimes(server.schedule, true).minutes.join();
    const key = `${minutes} ${hasSeconds(text) ? 'later' : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), server]);
  }
  const found = [...groups.values()].flatMap((group) => spread(group, timeZone));
  return new Map(found);
}

function spread(group: readonly Scheduled[], timeZone: string): [string, string][] {
  const ordered = [...group].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ordered.map(({ name, schedule }, place) => {
    const times = wakeTimes(schedule, true);
    const least = hasSeconds(schedule.text) ? 1 : 0;
    const room = roomAfter(times.minutes);
    // There is no minute left between those in which it is due, or behind them.
    if (room < least) return [name, everyHalfHour];
    const delay = least + Math.floor((place * (room - least + 1)) / ordered.length);
    return [name, shifted(times, delay, schedule.timeZone ?? timeZone)];
  });
}

/** Half an hour is what clocks are set forward by on Lord Howe Island, which may jump over the full hour. */
const everyHalfHour = '0,30 * * * *';

function hasSeconds(text: string): boolean {
  return text.split(/\s+/).length === 6;
}

/** By how many minutes all of them can be later, before the next of them or the end of the hour. */
function roomAfter(minutes: readonly number[]): number {
  const gaps = minutes.map((minute, index) => (minutes[index + 1] ?? 60) - minute - 1);
  return Math.min(...gaps);
}

function shifted(times: WakeTimes, delay: number, timeZone: string): string {
  const minutes = times.minutes.map((minute) => minute + delay);
  return [
    minutes.length === everyMinute.length ? '*' : minutes.join(),
    hoursOf(times, timeZone),
    times.daysOfMonth?.join() ?? '*',
    times.months?.join() ?? '*',
    times.weekdays?.join() ?? '*',
  ].join(' ');
}

/** Where clocks are set forward, it is in the first hours of a day. */
const lastHourOfGaps = 3;

/**
 * An hour that the clock jumps over never comes for a Kubernetes CronJob, while what is due in it is due right
 * after: so the hour behind it is one to start in, too.
 */
function hoursOf({ hours }: WakeTimes, timeZone: string): string {
  if (hours.length === everyHour.length) return '*';
  if (!changesClocks(timeZone)) return hours.join();
  const behind = hours.filter((hour) => hour <= lastHourOfGaps).map((hour) => hour + 1);
  return [...new Set([...hours, ...behind])].sort((a, b) => a - b).join();
}

/** Whether it is summer time there for a part of the year. Any year of today's rules will do. */
function changesClocks(timeZone: string): boolean {
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offsets = Array.from({ length: 12 }, (_none, month) =>
    offset.format(Date.UTC(2026, month, 15)).replace(/^.*GMT/, ''),
  );
  return new Set(offsets).size > 1;
}
