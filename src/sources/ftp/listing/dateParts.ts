import { recentMoment, secondsOf, type Moment } from './dates';

export type Order = 'monthFirst' | 'dayFirst';

/** The parts of a date as a line has them; what it lacks is undefined. */
export interface DateParts {
  readonly year?: string;
  readonly month?: string;
  readonly name?: string;
  readonly day?: string;
  /** Day and month where the order is open. */
  readonly first?: string;
  readonly other?: string;
  readonly separator?: string;
  readonly hour?: string;
  readonly minute?: string;
  readonly sec?: string;
  readonly fraction?: string;
  readonly half?: string;
  readonly zone?: string;
}

/**
 * The moment of a date, month from 0. Without a year it is the latest that is not in the future;
 * without a zone it is taken to be UTC, as nothing tells. Undefined if the calendar has no such day.
 */
export function momentOfDate(
  parts: DateParts,
  month: number,
  day: number,
  now: number,
): Moment | undefined {
  if (month < 0 || month > 11 || day < 1) return undefined;
  const hour = hourOf(parts);
  const minute = Number(parts.minute ?? 0);
  const year = parts.year === undefined ? undefined : fullYear(parts.year);
  const whole =
    year === undefined
      ? recentMoment(month, day, hour, minute, now)
      : secondsOf(year, month, day, hour, minute);
  if (whole === undefined) return undefined;
  if (parts.hour === undefined) return { mtime: whole, granularity: 86_400 };
  const moved = whole - offsetOf(parts.zone);
  if (parts.sec === undefined) return { mtime: moved, granularity: 60 };
  return withSeconds(moved, Number(parts.sec), parts.fraction);
}

function withSeconds(
  minute: number,
  sec: number,
  fraction: string | undefined,
): Moment | undefined {
  if (sec > 60) return undefined;
  if (fraction === undefined) return { mtime: minute + sec, granularity: 1 };
  const micros = Math.floor(Number(`0.${fraction}`) * 1e6 + 1e-6);
  return { mtime: minute + sec + micros / 1e6, granularity: 0.000001 };
}

/** `03`, `103` (servers that count from 1900) or `2003`. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 4) return year;
  if (text.length === 3) return 1900 + year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function hourOf({ hour = '0', half }: DateParts): number {
  if (half === undefined) return Number(hour);
  return (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
}

/** Seconds east of Greenwich. */
function offsetOf(zone = ''): number {
  const match = /^ ?([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (match === null) return 0;
  const seconds = (Number(match[2]) * 60 + Number(match[3])) * 60;
  return match[1] === '-' ? -seconds : seconds;
}
