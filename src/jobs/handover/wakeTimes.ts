import type { Schedule } from '../../model/schedule/schedule';

/**
 * When another scheduler has to wake us so that no due moment is missed. It may wake us more often:
 * `backup --if-due` decides whether something is due. So what the other scheduler's grammar cannot say
 * (the last day of a month, seconds, another time zone) is left out of it.
 */
export interface WakeTimes {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Undefined: any. If both kinds of days are restricted, cron means either. */
  readonly daysOfMonth: readonly number[] | undefined;
  readonly months: readonly number[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | undefined;
}

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export const everyMinute = range(0, 59);
export const everyHour = range(0, 23);

/** @param knowsTimeZones whether the other scheduler reads the times in the schedule's time zone */
export function wakeTimes(schedule: Schedule, knowsTimeZones: boolean): WakeTimes {
  const local = localTimes(schedule.text);
  if (schedule.timeZone === undefined || knowsTimeZones) return local;
  // Zones differ by whole quarters of an hour. So the end of a gap that the clock jumped over, where
  // what fell into it is due, is never more than a quarter before the next of these.
  const quarters = [0, 15, 30, 45].flatMap((by) => local.minutes.map((at) => (at + by) % 60));
  const any = { daysOfMonth: undefined, months: undefined, weekdays: undefined };
  return { minutes: sorted(quarters), hours: everyHour, ...any };
}

function localTimes(text: string): WakeTimes {
  const fields = (nicknames[text.toLowerCase()] ?? text).split(/\s+/).slice(-5);
  const [minute = '*', hour = '*', dayOfMonth = '*', month = '*', weekday = '*'] = fields;
  // One day that cannot be said makes the other one no restriction either.
  const isUnsayable = [dayOfMonth, weekday].some((field) => /[LW#?+]/i.test(withoutNames(field)));
  return {
    minutes: numbersOf(minute, { first: 0, last: 59 }) ?? everyMinute,
    hours: numbersOf(hour, { first: 0, last: 23 }) ?? everyHour,
    daysOfMonth: isUnsayable ? undefined : numbersOf(dayOfMonth, { first: 1, last: 31 }),
    months: numbersOf(month, { first: 1, last: 12, names: months }),
    weekdays: isUnsayable
      ? undefined
      : numbersOf(weekday, { first: 0, last: 7, names: weekdays })?.map((day) => day % 7),
  };
}

interface Field {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

/** Undefined: any, or nothing that could be said by numbers. */
function numbersOf(text: string, field: Field): number[] | undefined {
  const parts = text.split(',').map((part) => rangeOf(part, field));
  const known = parts.flatMap((numbers) => numbers ?? []);
  return parts.includes(undefined) ? undefined : sorted(known);
}

function rangeOf(part: string, field: Field): number[] | undefined {
  const [, from = '', to = from, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(part) ?? [];
  if (from === '*') {
    return step === undefined ? undefined : range(field.first, field.last, Number(step));
  }
  const lowest = numberOf(from, field);
  const highest = numberOf(to, field);
  if (lowest === undefined || highest === undefined) return undefined;
  // `SAT-SUN`: Sunday is 7 at the end of a range.
  const end = highest < lowest && field.last === 7 ? highest + 7 : highest;
  return range(lowest, end, Number(step ?? 1));
}

function numberOf(text: string, { first, names = [] }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : index + first;
}

/** `WED` has a W, and means none. */
function withoutNames(field: string): string {
  return field.replaceAll(/sun|mon|tue|wed|thu|fri|sat/gi, '0');
}

function range(first: number, last: number, step = 1): number[] {
  const count = Math.floor((last - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);
}

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
