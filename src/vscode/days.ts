import { env, l10n } from 'vscode';
import { dayOf } from '../model/snapshotDays';

/** English as it is written in this extension; any other language as VS Code has it. */
function locale(): string {
  return env.language === 'en' ? 'en-GB' : env.language;
}

/**
 * A day as people say it: `Today 07:00`, `Yesterday`, `Mon 23 Nov`, and with the year only where that
 * is another.
 * @param isOnlyOne whether nothing else is of that day: then its time of day does not matter, but today
 */
export function dayText(moment: number, now: number, isOnlyOne: boolean): string {
  const time = formatted(moment, { timeStyle: 'short' });
  const day = dayOf(moment);
  if (day === dayOf(now)) return l10n.t('Today {0}', time);
  const words = day === dayOf(dayBefore(now)) ? l10n.t('Yesterday') : dateWords(moment, now);
  return isOnlyOne ? words : `${words} ${time}`;
}

/** `November`, or `November 2025` in another year. @param key `2026-11` */
export function monthText(key: string, now: number): string {
  const [year = 0, month = 1] = key.split('-').map(Number);
  const isThisYear = year === new Date(now).getFullYear();
  const words = formatted(new Date(year, month - 1, 1).getTime(), {
    month: 'long',
    ...(!isThisYear && { year: 'numeric' }),
  });
  return `${words.charAt(0).toLocaleUpperCase(locale())}${words.slice(1)}`;
}

function dateWords(moment: number, now: number): string {
  const isThisYear = new Date(moment).getFullYear() === new Date(now).getFullYear();
  return isThisYear
    ? formatted(moment, { weekday: 'short', day: 'numeric', month: 'short' })
    : formatted(moment, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** By the calendar: a day has 23 or 25 hours when the clocks are changed. */
function dayBefore(moment: number): number {
  const date = new Date(moment);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - 1, 12).getTime();
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A moment in local time, as the person's language writes it. A format takes longer to make than a hundred dates. */
export function formatted(moment: number, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale()} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(key, format);
  return format.format(moment).replaceAll(/[\u00a0\u202f]/g, ' ');
}
