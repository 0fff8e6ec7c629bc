/** The periods of a calendar in which retention counts, as a time zone has them. */
export type Period = 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

export const periods: readonly Period[] = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];

const hour = 3_600_000;
const day = 24 * hour;

/** Says in which hour, day, week, month and year of a time zone a moment lies. */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;

  /** @param timeZone such as `Europe/Paris`; absent: that of this computer */
  constructor(timeZone?: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...(timeZone !== undefined && { timeZone }),
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The names of all periods that a moment (milliseconds since 1970) lies in. */
  periodsOf(moment: number): CalendarPeriods {
    const wall = this.#wallTime(moment);
    const text = new Date(wall).toISOString();
    const date = text.slice(0, 10);
    // Where clocks are set back, an hour comes twice: the two have one name and different keys.
    const offset = wall - moment;
    const label = text.slice(0, 13);
    return {
      hourly: { label, key: `${label}${offset}` },
      daily: { label: date, key: date },
      weekly: named(weekOf(wall)),
      monthly: named(date.slice(0, 7)),
      yearly: named(date.slice(0, 4)),
    };
  }

  /** What the clock on the wall shows, as if it were UTC, in milliseconds. */
  #wallTime(moment: number): number {
    const whole = Math.floor(moment / 1000) * 1000;
    const found: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.#format.formatToParts(whole)) found[type] = Number(value);
    const { year = 1970, month = 1, day: dayOfMonth = 1 } = found;
    return Date.UTC(year, month - 1, dayOfMonth, found.hour, found.minute, found.second);
  }
}

/** A period has a name for people and a key that no other period has. */
export interface CalendarPeriod {
  /** `2026-11-28T04`, `2026-11-28`, `2026-W48`, `2026-11`, `2026`. */
  readonly label: string;
  readonly key: string;
}

export type CalendarPeriods = Readonly<Record<Period, CalendarPeriod>>;

function named(label: string): CalendarPeriod {
  return { label, key: label };
}

/** ISO 8601: weeks begin on Monday, and belong to the year that has their Thursday. */
function weekOf(wall: number): string {
  const weekday = (new Date(wall).getUTCDay() + 6) % 7;
  const thursday = new Date(wall + (3 - weekday) * day);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * day)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}
