import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { RunFigures } from '../../model/overview/runFigures';
import { thinned } from '../../model/overview/series';
import { bytesText } from '../figures';
import { axis, chartHeight, chartWidth, margin } from './axis';
import type { Frame } from './frame';

const day = 86_400_000;
/** A step every five pixels. */
const mostPoints = 116;

/** The size of the snapshots over time, as a line that keeps its height until the next snapshot. */
export function sizeChart(sizes: readonly RunFigures[], { moments }: Frame): string {
  const first = sizes[0]?.started ?? 0;
  const end = Math.max(sizes.at(-1)?.started ?? 0, first + day);
  const x = scaleLinear([first, end], [margin.left, chartWidth]);
  const most = Math.max(1, ...sizes.map(({ bytes }) => bytes));
  const y = scaleLinear([0, most], [chartHeight - margin.bottom, margin.top]).nice(3);
  const drawn = line<RunFigures>(
    (run) => x(run.started),
    (run) => y(run.bytes),
  )
    .curve(curveStepAfter)
    .digits(1);
  const lines = y.ticks(3).map((value) => ({ at: y(value), text: bytesText(value) }));
  const isShort = end - first < shortTime;
  const names = (isShort ? daysBetween(first, end) : monthsBetween(first, end)).map((moment) => ({
    at: x(moment),
    text: isShort ? moments.shortDate(moment) : moments.month(moment),
  }));
  return [
    `<svg class="chart" aria-hidden="true" viewBox="0 0 ${chartWidth} ${chartHeight}">`,
    axis(lines, names),
    `<path class="line" d="${drawn(thinned(sizes, mostPoints)) ?? ''}H${chartWidth}"/>`,
    '</svg>',
  ].join('');
}

/** Where there are only two or three months, their names would leave most of the line without any. */
const shortTime = 100 * day;
const namedDays = 6;
const mostMonths = 13;

function daysBetween(first: number, last: number): number[] {
  return Array.from(
    { length: namedDays },
    (_none, index) => first + (index * (last - first)) / namedDays,
  );
}

/** The beginnings of the months in local time. */
function monthsBetween(first: number, last: number): number[] {
  const from = new Date(first);
  const months: number[] = [];
  for (let month = 1; month <= mostMonths; month += 1) {
    const moment = new Date(from.getFullYear(), from.getMonth() + month, 1).getTime();
    if (moment > last) break;
    months.push(moment);
  }
  return months;
}
