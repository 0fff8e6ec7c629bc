import type { ServerOverview } from '../../model/overview/overview';
import { bytesText, grouped } from '../figures';
import { escapedHtml } from '../outlineHtml';
import { calendarChart, calendarText } from './calendarChart';
import { changesChart } from './changesChart';
import type { Frame } from './frame';
import { copyText, standingReason, standingWord } from './overviewWords';
import { sizeChart } from './sizeChart';
import { changesTable, daysTable, foldersTable, linkTo, sizesTable } from './tables';

/**
 * One server: how it stands, its figures and its calendar; what else there is to see is folded.
 * @param number of the server on the page, for what refers to it
 */
export function serverSection(server: ServerOverview, number: number, frame: Frame): string {
  const { l10n, moments } = frame;
  const { name, standing, days } = server;
  const reason = standingReason(server, moments, l10n);
  const word = escapedHtml(standingWord(standing.state, l10n));
  return [
    `<section id="s${number}" aria-labelledby="n${number}">`,
    `<div class="head"><h2 id="n${number}">${escapedHtml(name)}</h2>`,
    `<p class="state ${standing.state}">${word}</p>`,
    reason === '' ? '' : `<p class="reason">${escapedHtml(reason)}</p>`,
    '</div>',
    factsOf(server, frame),
    `<div class="days"><p class="unseen">${escapedHtml(calendarText(days, frame))}</p>`,
    calendarChart(server, frame),
    '</div>',
    detailsOf(server, frame),
    '</section>',
  ].join('');
}

function factsOf(server: ServerOverview, { l10n, moments, links }: Frame): string {
  const { name, lastGood, nextDue, proven, newest, kept, copies = [] } = server;
  const facts: (readonly [string, string])[] = [
    [
      l10n.t('Last good'),
      lastGood === undefined
        ? escapedHtml(l10n.t('none yet'))
        : escapedHtml(moments.moment(lastGood)),
    ],
    [
      l10n.t('Next due'),
      escapedHtml(nextDue === undefined ? l10n.t('by hand only') : moments.moment(nextDue)),
    ],
    [
      l10n.t('Proven'),
      proven
        ? linkTo(links.snapshot(name, proven.snapshot), moments.moment(proven.since))
        : escapedHtml(l10n.t('not yet')),
    ],
  ];
  if (newest) {
    const size = `${bytesText(newest.bytes)}, ${filesText(newest.files, l10n)}`;
    facts.push([l10n.t('Size'), escapedHtml(size)]);
    facts.push([
      l10n.t('Newest'),
      kept.has(newest.id) ? linkTo(links.snapshot(name, newest.id), newest.id) : newest.id,
    ]);
  }
  for (const copy of copies) {
    facts.push([l10n.t('Copy {0}', copy.name), escapedHtml(copyText(copy, { l10n, moments }))]);
  }
  const rows = facts.map(([term, value]) => `<dt>${escapedHtml(term)}</dt><dd>${value}</dd>`);
  return `<dl>${rows.join('')}</dl>`;
}

function filesText(count: number, l10n: Frame['l10n']): string {
  return count === 1 ? l10n.t('1 file') : l10n.t('{0} files', grouped(count));
}

function detailsOf(server: ServerOverview, frame: Frame): string {
  const { l10n } = frame;
  const { name, sizes, changes, days } = server;
  const parts = [
    sizes.length === 0
      ? ''
      : withTable(l10n.t('Size'), sizeChart(sizes, frame), sizesTable(sizes, frame), frame),
    changes.length === 0
      ? ''
      : withTable(
          l10n.t('What changed in the last runs'),
          `${legendOfChanges(frame)}${changesChart(name, changes, frame)}`,
          changesTable(server, frame),
          frame,
        ),
    foldersOf(server, frame),
    days.every(({ state }) => state === 'none')
      ? ''
      : folded(l10n.t('The days as a table'), daysTable(server, frame)),
  ];
  if (parts.every((part) => part === '')) return '';
  const title = l10n.t('Size, changes and folders of {0}', name);
  return folded(title, parts.join(''));
}

function withTable(title: string, chart: string, table: string, { l10n }: Frame): string {
  const shown = folded(l10n.t('{0}: as a table', title), table);
  return `<h3>${escapedHtml(title)}</h3>${chart}${shown}`;
}

function folded(title: string, content: string): string {
  return `<details><summary>${escapedHtml(title)}</summary>${content}</details>`;
}

function legendOfChanges({ l10n }: Frame): string {
  const kinds = [
    ['added', l10n.t('added')],
    ['changed', l10n.t('changed')],
    ['removed', l10n.t('removed')],
  ] as const;
  const signs = kinds.map(
    ([kind, word]) =>
      `<li><svg aria-hidden="true" width="11" height="11"><path class="${kind}" d="M0 0h11v11h-11z"/></svg> ${escapedHtml(word)}</li>`,
  );
  return `<ul class="legend">${signs.join('')}</ul>`;
}

function foldersOf({ name, newest, folders }: ServerOverview, frame: Frame): string {
  const { l10n, links } = frame;
  if (!folders || !newest) return '';
  const target = ({ path }: { readonly path: Parameters<typeof links.folder>[2] }): string =>
    links.folder(name, newest.id, path);
  const sizes = { text: bytesText, target };
  const changes = { text: grouped, target };
  const biggest = { caption: l10n.t('The biggest folders'), weight: l10n.t('Size') };
  const changed = { caption: l10n.t('Where most has changed'), weight: l10n.t('Changes') };
  const tables = [
    folders.biggest.length > 0 ? foldersTable(folders.biggest, biggest, sizes, frame) : '',
    folders.mostChanged.length > 0
      ? foldersTable(folders.mostChanged, changed, changes, frame)
      : '',
  ];
  if (tables.every((one) => one === '')) return '';
  const title = escapedHtml(l10n.t('Folders of the newest snapshot'));
  return `<h3>${title}</h3><div class="folders">${tables.join('')}</div>`;
}
