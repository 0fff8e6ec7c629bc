import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { countOf, type ChangeCounts, type RunFigures } from '../../model/overview/runFigures';
import { grouped } from '../figures';
import { escapedHtml } from '../outlineHtml';
import { axis, chartHeight, chartWidth, margin, rounded } from './axis';
import type { Frame } from './frame';
import { changesText } from './overviewWords';

const kinds = ['added', 'changed', 'removed'] as const;
/** Names below would run into each other if there were more. */
const mostNames = 8;

/** What changed in each of the runs, as bars. For the eye and the mouse: the same links stand in a table. */
export function changesChart(
  server: string,
  runs: readonly RunFigures[],
  { links, moments, l10n }: Frame,
): string {
  const counts = runs.map(({ changes }) => changes ?? { added: 0, changed: 0, removed: 0 });
  const x = scaleBand(
    runs.map(({ id }) => id),
    [margin.left, chartWidth],
  ).paddingInner(0.3);
  const most = Math.max(1, ...counts.map(countOf));
  const y = scaleLinear([0, most], [chartHeight - margin.bottom, margin.top]).nice(3);
  const series = stack<ChangeCounts>().keys(kinds)(counts);
  const bars = runs.map((run, index) => {
    const left = rounded(x(run.id) ?? 0);
    const wide = rounded(x.bandwidth());
    const parts = series.map((one) => {
      const [from = 0, to = 0] = one[index] ?? [];
      const height = rounded(y(from) - y(to));
      if (to === from) return '';
      // What is there must be seen, however little it is beside the others.
      const shown = Math.max(height, 1);
      return `<path class="${one.key}" d="M${left} ${rounded(y(to))}h${wide}v${shown}h-${wide}z"/>`;
    });
    const title = escapedHtml(`${moments.moment(run.started)}: ${changesText(run, l10n)}`);
    const whole = `<path class="touch" d="M${left} ${margin.top}h${wide}V${chartHeight - margin.bottom}h-${wide}z"/>`;
    const target = escapedHtml(links.report(server, run.id));
    return `<a tabindex="-1" href="${target}">${parts.join('')}${whole}<title>${title}</title></a>`;
  });
  const lines = y
    .ticks(3)
    .filter(Number.isInteger)
    .map((value) => ({ at: y(value), text: grouped(value) }));
  const every = Math.ceil(runs.length / mostNames);
  const names = runs
    .filter((_run, index) => index % every === 0)
    .map((run) => ({ at: x(run.id) ?? 0, text: moments.shortDate(run.started) }));
  return [
    `<svg class="chart" aria-hidden="true" viewBox="0 0 ${chartWidth} ${chartHeight}">`,
    axis(lines, names),
    ...bars,
    '</svg>',
  ].join('');
}
