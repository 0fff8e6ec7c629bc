/** A moment of UTC. */
export interface Moment {
  /** Seconds since 1970. */
  readonly mtime: number;
  /** In seconds. */
  readonly granularity: number;
}

/** A time of RFC 3659, section 2.3, in UTC: `YYYYMMDDHHMMSS` and a fraction. Undefined if it is none. */
export function momentOf(text: string): Moment | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  const whole = secondsOf(year, month - 1, day, hour, minute);
  if (whole === undefined || second > 60) return undefined;
  const fraction = match[7];
  if (fraction === undefined) return { mtime: whole + second, granularity: 1 };
  const micros = Math.floor(Number(`0.${fraction}`) * 1e6 + 1e-6);
  return { mtime: whole + second + micros / 1e6, granularity: 0.000001 };
}

/** Seconds since 1970 of a date in UTC, or undefined if the calendar has no such day. */
export function secondsOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute);
  const exists =
    date.getUTCMonth() === month && date.getUTCDate() === day && hour < 25 && minute < 60;
  return exists || hour === 24 ? date.getTime() / 1000 : undefined;
}

const day = 86_400;

/**
 * The moment of `Nov 23 07:24`, the form that `ls` uses for the last six months: the latest such
 * moment that is not later than a day from now, as clocks and zones differ. `now` is in seconds.
 */
export function recentMoment(
  month: number,
  dayOfMonth: number,
  hour: number,
  minute: number,
  now: number,
): number | undefined {
  const thisYear = new Date((now + day) * 1000).getUTCFullYear();
  // Eight years back there is a 29 February for certain.
  for (let year = thisYear; year >= thisYear - 8; year -= 1) {
    const moment = secondsOf(year, month, dayOfMonth, hour, minute);
    if (moment !== undefined && moment <= now + day) return moment;
  }
  return undefined;
}
