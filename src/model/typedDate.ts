import { dayOf } from './snapshotDays';

const yearFirst = /^(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})$/;
const dayFirst = /^(?<day>\d{1,2})[-/.](?<month>\d{1,2})[-/.]?(?<year>\d{4})?$/;

/**
 * The day that a person typed: `2026-11-23`, `23.11.2026`, `23/11`. Without a year it is the last such day.
 *
 * @param now milliseconds since 1970
 * @returns `2026-11-23`, or undefined if it is no date
 */
export function typedDay(text: string, now: number): string | undefined {
  const found = (yearFirst.exec(text.trim()) ?? dayFirst.exec(text.trim()))?.groups;
  if (!found) return undefined;
  const month = Number(found['month']);
  const day = Number(found['day']);
  if (found['year'] !== undefined) return existing(Number(found['year']), month, day);
  const thisYear = new Date(now).getFullYear();
  const here = existing(thisYear, month, day);
  return here !== undefined && here <= dayOf(now) ? here : existing(thisYear - 1, month, day);
}

function existing(year: number, month: number, day: number): string | undefined {
  const date = new Date(year, month - 1, day, 12);
  const isReal =
    date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  return isReal ? dayOf(date.getTime()) : undefined;
}
