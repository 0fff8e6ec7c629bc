import type { RankedFolder } from '../../model/overview/folderRanking';
import type { ServerOverview } from '../../model/overview/overview';
import type { RunFigures } from '../../model/overview/runFigures';
import { monthly } from '../../model/overview/series';
import { absolute } from '../../model/remotePath';
import { bytesText, grouped } from '../figures';
import { escapedHtml } from '../outlineHtml';
import { weekdayOf } from './calendarChart';
import type { Frame } from './frame';
import { dayText, runWord } from './overviewWords';

interface Table {
  readonly caption: string;
  /** Of the columns; those behind the first that hold numbers are set to the right. */
  readonly heads: readonly string[];
  /** Cells as HTML; the first one is the head of its row. */
  readonly rows: readonly (readonly string[])[];
  readonly numbers?: boolean;
}

export function table({ caption, heads, rows, numbers = true }: Table): string {
  const head = heads.map((text) => `<th scope="col">${escapedHtml(text)}</th>`).join('');
  const lines = rows.map(([first = '', ...cells]) => {
    const rest = cells.map((cell) => `<td>${cell}</td>`).join('');
    return `<tr><th scope="row">${first}</th>${rest}</tr>`;
  });
  const kind = numbers ? ' class="numbers"' : '';
  return `<table${kind}><caption>${escapedHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

export function linkTo(target: string, text: string): string {
  return `<a href="${escapedHtml(target)}">${escapedHtml(text)}</a>`;
}

/** Behind the calendar: a row for each week. */
export function daysTable({ name, days }: ServerOverview, frame: Frame): string {
  const { l10n, moments, links } = frame;
  const offset = weekdayOf(frame.days[0] ?? 0);
  const rows: string[][] = [];
  for (let begin = -offset; begin < days.length; begin += 7) {
    const first = frame.days[Math.max(begin, 0)] ?? 0;
    const cells = Array.from({ length: 7 }, (_none, weekday) => {
      const day = days[begin + weekday];
      if (!day) return '';
      const text = dayText(day, l10n);
      return day.run === undefined ? escapedHtml(text) : linkTo(links.report(name, day.run), text);
    });
    rows.push([escapedHtml(moments.date(first)), ...cells]);
  }
  // Any Monday and the days after it: their names are wanted.
  const weekdays = Array.from({ length: 7 }, (_none, day) =>
    moments.weekday(new Date(2024, 0, 1 + day, 12).getTime()),
  );
  const heads = [l10n.t('Week from'), ...weekdays];
  return table({ caption: l10n.t('The days'), heads, rows, numbers: false });
}

/** Behind the line of the sizes: the last snapshot of each month. */
export function sizesTable(sizes: readonly RunFigures[], { l10n, moments }: Frame): string {
  const rows = monthly(sizes).map(({ started, bytes, files }) => [
    escapedHtml(moments.moment(started)),
    escapedHtml(bytesText(bytes)),
    grouped(files),
  ]);
  const heads = [l10n.t('Run'), l10n.t('Size'), l10n.t('Files')];
  const caption = l10n.t('The size, by the last snapshot of each month');
  return table({ caption, heads, rows: rows.reverse() });
}

/** Behind the bars of the changes: a row for each run, newest first. */
export function changesTable(server: ServerOverview, { l10n, moments, links }: Frame): string {
  const rows = server.changes.toReversed().map((run) => {
    const { added = 0, changed = 0, removed = 0 } = run.changes ?? {};
    const snapshot = server.kept.has(run.id)
      ? linkTo(links.snapshot(server.name, run.id), run.id)
      : escapedHtml(l10n.t('thinned out'));
    return [
      linkTo(links.report(server.name, run.id), moments.moment(run.started)),
      escapedHtml(runWord(run, l10n)),
      ...[added, changed, removed].map(grouped),
      snapshot,
    ];
  });
  const heads = [
    ...[l10n.t('Run'), l10n.t('State'), l10n.t('Added'), l10n.t('Changed')],
    ...[l10n.t('Removed'), l10n.t('Snapshot')],
  ];
  return table({ caption: l10n.t('What changed in each run'), heads, rows });
}

/** @param text of the weight */
export function foldersTable(
  folders: readonly RankedFolder[],
  heads: { readonly caption: string; readonly weight: string },
  cells: { text(weight: number): string; target(folder: RankedFolder): string },
  { l10n }: Frame,
): string {
  const rows = folders.map((folder) => [
    linkTo(cells.target(folder), absolute(folder.path)),
    escapedHtml(cells.text(folder.weight)),
  ]);
  return table({ caption: heads.caption, heads: [l10n.t('Folder'), heads.weight], rows });
}
