import { Cron } from 'croner';

/**
 * When a server is due: a cron expression of five fields, six with seconds, or a nickname such as
 * `@daily`. Fields are read in the time zone; daylight saving neither doubles nor swallows a fixed
 * time: what falls into the gap is due right after it, what occurs twice is due the first time.
 */
export class Schedule {
  readonly text: string;
  readonly timeZone: string | undefined;
  readonly #cron: Cron;

  private constructor(text: string, timeZone: string | undefined) {
    this.text = text;
    this.timeZone = timeZone;
    this.#cron = new Cron(text, {
      paused: true,
      mode: '5-or-6-parts',
      fixedTimeRule: 'no-wildcard',
      ...(timeZone !== undefined && { timezone: timeZone }),
    });
  }

  /**
   * Undefined if the text is no cron expression, or one that never comes (`0 7 31 11 *`).
   * @param timeZone an IANA name such as `Europe/Paris`; default: that of this computer
   */
  static parse(text: string, timeZone?: string): Schedule | undefined {
    // The library would take a date for an expression, too.
    if (!/^(?:@[a-z]+|\S+(?:\s+\S+){4,5})$/i.test(text.trim())) return undefined;
    try {
      const schedule = new Schedule(text.trim(), timeZone);
      return schedule.nextAfter(anyMoment) === undefined ? undefined : schedule;
    } catch {
      return undefined;
    }
  }

  /** The last due moment that is not after `moment`. Both in milliseconds since 1970. */
  lastUntil(moment: number): number | undefined {
    // The library looks at whole seconds, and only before the one it is given.
    const [last] = this.#cron.previousRuns(1, new Date(moment - (moment % 1000) + 1000));
    return last?.getTime();
  }

  /** The first due moment after `moment`. */
  nextAfter(moment: number): number | undefined {
    return this.#cron.nextRun(new Date(moment))?.getTime();
  }
}

/** Every schedule that comes at all comes within the years after it. */
const anyMoment = Date.UTC(2026, 0, 1);

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
