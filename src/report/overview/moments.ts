/** Moments in the local time of this computer, in the language and the order of the person. */
export class Moments {
  readonly #moment: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #shortDate: Intl.DateTimeFormat;
  readonly #month: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #days = new Map<number, string>();

  /** @param language a BCP 47 tag such as `fr` */
  constructor(language: string) {
    const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(language, options);
    this.#moment = format({ dateStyle: 'medium', timeStyle: 'short' });
    this.#day = format({ weekday: 'short', day: 'numeric', month: 'short' });
    this.#date = format({ dateStyle: 'medium' });
    this.#shortDate = format({ day: 'numeric', month: 'short' });
    this.#month = format({ month: 'short' });
    this.#weekday = format({ weekday: 'short' });
  }

  /** `30 Nov 2026, 07:00` */
  moment(milliseconds: number): string {
    return this.#moment.format(milliseconds);
  }

  /** `Mon, 30 Nov`. Asked for the same days for every server, so they are kept. */
  day(milliseconds: number): string {
    let text = this.#days.get(milliseconds);
    if (text === undefined) {
      text = this.#day.format(milliseconds);
      this.#days.set(milliseconds, text);
    }
    return text;
  }

  /** `30 Nov 2026` */
  date(milliseconds: number): string {
    return this.#date.format(milliseconds);
  }

  /** `30 Nov` */
  shortDate(milliseconds: number): string {
    return this.#shortDate.format(milliseconds);
  }

  /** `Nov` */
  month(milliseconds: number): string {
    return this.#month.format(milliseconds);
  }

  /** `Mon` */
  weekday(milliseconds: number): string {
    return this.#weekday.format(milliseconds);
  }

  /** `Europe/Paris` */
  get timeZone(): string {
    return this.#moment.resolvedOptions().timeZone;
  }
}
