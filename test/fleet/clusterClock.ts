const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether a CronJob starts in a minute, as the controller of Kubernetes decides it (robfig/cron): an hour that the
 * clock jumps over never comes, and of two restricted kinds of days either will do.
 * @param expression lists of numbers and `*`, in five fields
 * @param moment the beginning of a minute, in milliseconds since 1970
 */
export function startsAt(expression: string, timeZone: string, moment: number): boolean {
  const [minutes, hours, days, months, weekdays] = expression.split(' ');
  const { minute, hour, day, month, weekday } = localTime(timeZone, moment);
  if (!has(minutes, minute) || !has(hours, hour) || !has(months, month)) return false;
  const either = days !== '*' && weekdays !== '*';
  if (either) return has(days, day) || has(weekdays, weekday);
  return has(days, day) && has(weekdays, weekday);
}

function has(field: string | undefined, value: number): boolean {
  return field === '*' || field?.split(',').map(Number).includes(value) === true;
}

function localTime(
  timeZone: string,
  moment: number,
): Record<string, number> & {
  minute: number;
  hour: number;
  day: number;
  month: number;
  weekday: number;
} {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      ...{ timeZone, hourCycle: 'h23', weekday: 'short', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric' },
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const number = (type: string): number => Number(parts.get(type as 'hour'));
  return {
    ...{ minute: number('minute'), hour: number('hour') },
    ...{ day: number('day'), month: number('month') },
    weekday: names.indexOf(String(parts.get('weekday')).toLowerCase()),
  };
}
