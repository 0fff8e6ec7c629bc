/**
 * A span of time as people write it: `30d`, `12h`, `2w`, `6m`, `1y`, or several in a row: `1y6m`.
 * Months and years are those of the calendar; a day has 24 hours.
 */
export const spanForm = /^(?:[1-9]\d{0,4}[hdwmy])+$/;

const milliseconds = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * The moment that lies a span before another one, both in milliseconds since 1970. A day that the
 * month does not have becomes its last: a month before the 31st of March is the end of February.
 */
export function before(moment: number, span: string): number {
  let months = 0;
  let exact = 0;
  for (const [, count = '', unit = ''] of span.matchAll(/(\d+)([hdwmy])/g)) {
    if (unit === 'm') months += Number(count);
    else if (unit === 'y') months += 12 * Number(count);
    else exact += Number(count) * milliseconds[unit as keyof typeof milliseconds];
  }
  return monthsBefore(moment, months) - exact;
}

function monthsBefore(moment: number, months: number): number {
  const date = new Date(moment);
  const dayOfMonth = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(dayOfMonth, lastDay));
  return date.getTime();
}
