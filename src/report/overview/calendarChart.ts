import type { Day, DayState } from '../../model/overview/calendar';
import type { ServerOverview } from '../../model/overview/overview';
import { escapedHtml } from '../outlineHtml';
import type { Frame } from './frame';
import { dayText } from './overviewWords';

/** Pixels from one day to the next, of which the day itself takes all but two. */
const step = 13;
const size = 11;
/** Room for the names of the months. */
const top = 14;
const daysInWeek = 7;

/**
 * The last days as a calendar: a column for each week, a row for each weekday from Monday on. States differ by
 * shape as well as by colour. For the eye and the mouse: the same links stand in a table.
 */
export function calendarChart({ name, days }: ServerOverview, frame: Frame): string {
  const offset = weekdayOf(frame.days[0] ?? 0);
  const weeks = Math.ceil((days.length + offset) / daysInWeek);
  const cells = days.map((day, index) => {
    const place = placeOf(index + offset);
    const title = `${frame.moments.day(frame.days[index] ?? 0)}: ${dayText(day, frame.l10n)}`;
    const shape = `${shapeOf(day.state, place)}<title>${escapedHtml(title)}</title>`;
    if (day.run === undefined) return `<g>${shape}</g>`;
    const target = escapedHtml(frame.links.report(name, day.run));
    return `<a tabindex="-1" href="${target}">${shape}</a>`;
  });
  const [width, height] = [weeks * step, top + daysInWeek * step];
  return [
    `<svg class="calendar" aria-hidden="true" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...monthNames(frame, offset),
    ...cells,
    '</svg>',
  ].join('');
}

/** What the calendar shows, for who does not see it: `the last 90 days: 85 good, 2 failed, 3 missed`. */
export function calendarText(days: readonly Day[], { l10n }: Frame): string {
  const count = (state: DayState): number => days.filter((day) => day.state === state).length;
  const words: readonly (readonly [DayState, (count: number) => string])[] = [
    ['good', (days) => l10n.t('{0} good', days)],
    ['incomplete', (days) => l10n.t('{0} incomplete', days)],
    ['failed', (days) => l10n.t('{0} failed', days)],
    ['missed', (days) => l10n.t('{0} missed', days)],
    ['none', (days) => l10n.t('{0} without a run', days)],
  ];
  const parts = words.flatMap(([state, text]) => (count(state) > 0 ? [text(count(state))] : []));
  return l10n.t('The last {0} days: {1}', days.length, parts.join(', '));
}

/** A state by itself, for the legend. */
export function legendSign(state: DayState): string {
  const shape = shapeOf(state, { x: 0, y: 0 });
  return `<svg aria-hidden="true" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">${shape}</svg>`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placeOf(index: number): Place {
  return { x: Math.floor(index / daysInWeek) * step, y: top + (index % daysInWeek) * step };
}

/** From 0 for Monday to 6. */
export function weekdayOf(moment: number): number {
  return (new Date(moment).getDay() + 6) % daysInWeek;
}

function shapeOf(state: DayState, { x, y }: Place): string {
  const square = `M${x} ${y}h${size}v${size}h-${size}z`;
  switch (state) {
    case 'good':
      return `<path class="good" d="${square}"/>`;
    case 'incomplete':
      return `<path class="back" d="${square}"/><path class="incomplete" d="M${x} ${y}h${size}l-${size} ${size}z"/>`;
    case 'failed':
      return `<path class="back" d="${square}"/><path class="failed" d="M${x + 2} ${y + 2}l7 7m0-7l-7 7"/>`;
    case 'missed':
      return `<path class="missed" d="M${x + 1} ${y + 1}h9v9h-9z"/>`;
    case 'none':
      return `<path class="back" d="${square}"/>`;
  }
}

/** Above the first whole week of each month. */
function monthNames({ days, moments }: Frame, offset: number): string[] {
  const names: string[] = [];
  for (let index = (daysInWeek - offset) % daysInWeek; index < days.length - 1; index += 7) {
    const moment = days[index] ?? 0;
    const isFirst = new Date(moment).getDate() <= daysInWeek;
    if (!isFirst) continue;
    const { x } = placeOf(index + offset);
    names.push(`<text x="${x}" y="10">${escapedHtml(moments.month(moment))}</text>`);
  }
  return names;
}
