import type { Localization } from '../base/localization';
import { copiesSection } from './copiesSection';
import { bytesText, durationText, grouped } from './figures';
import { lossText } from './lossText';
import type { Figure, Outline, Section } from './outline';
import type { RunReport } from './runReport';
import { mostListed, sectionOf } from './section';

/** What the report of a run says to people. */
export function reportOutline(report: RunReport, l10n: Localization): Outline {
  const verdicts = {
    complete:
      report.files === 0
        ? l10n.t(
            'Complete, but there is not a single file in it: look at what is included and excluded.',
          )
        : l10n.t('Complete: everything that was chosen is in the snapshot.'),
    incomplete:
      report.skipped.length === 1
        ? l10n.t('Incomplete: one entry could not be read.')
        : report.skipped.length === 1
          ? l10n.t('Incomplete: 1 entry could not be read.')
          : l10n.t('Incomplete: {0} entries could not be read.', grouped(report.skipped.length)),
    failed: l10n.t('Failed: there is no new snapshot. What was fetched is kept for the next run.'),
  };
  return {
    title: l10n.t('Backup of {0}', report.server),
    verdict: [verdicts[report.status], ...suspicion(report, l10n)].join(' '),
    ...(report.error && { error: report.error }),
    figures: figures(report, l10n),
    sections: [
      ...skipped(report, l10n),
      ...warnings(report, l10n),
      ...copiesSection(report.copies ?? [], l10n),
      ...silentChanges(report, l10n),
      ...changes(report, l10n),
    ],
  };
}

function suspicion({ server, suspicious }: RunReport, l10n: Localization): string[] {
  if (!suspicious) return [];
  return [
    l10n.t(
      'But it is suspicious: {0}. No older snapshot is removed until somebody has looked and said that this is right: in VS Code “It Is All Right…” on the server, in a terminal: sauvegarde accept {1}',
      lossText(suspicious, l10n),
      server,
    ),
  ];
}

function figures(report: RunReport, l10n: Localization): Figure[] {
  const fetched = `${report.fetchedFiles} (${bytesText(report.fetchedBytes)})`;
  const rows: Row[] = [
    [l10n.t('Server'), report.endpoint, 'code'],
    [l10n.t('Run'), report.snapshot, 'code'],
    ...when(report.note, (note) => [l10n.t('Note'), note, 'code']),
    [l10n.t('Started'), report.started, 'time'],
    [l10n.t('Finished'), report.finished, 'time'],
    [l10n.t('Duration'), durationText(report.seconds)],
    [l10n.t('Files'), `${report.files} (${bytesText(report.bytes)})`],
    [l10n.t('Fetched'), fetched],
    ...when(report.linkedFiles, (linked) => [l10n.t('Unchanged'), String(linked)]),
    ...when(report.keptFiles, (kept) => [l10n.t('Kept from an interrupted run'), String(kept)]),
    ...when(received(report), (text) => [l10n.t('Received'), text]),
    ...when(report.skipped.length, (count) => [l10n.t('Skipped'), String(count)]),
  ];
  return rows.map(([name, value, form = 'text']) => ({ name, value, form }));
}

type Row = [string, string, Figure['form']?];

/** A figure that says nothing is left out. */
function when<T>(value: T | undefined, row: (value: T) => Row): Row[] {
  return value ? [row(value)] : [];
}

/** With the rate, where anything came at all. */
function received({ receivedBytes, seconds }: RunReport): string | undefined {
  if (receivedBytes === 0) return undefined;
  const rate = seconds > 0 ? `, ${bytesText(receivedBytes / seconds)}/s` : '';
  return `${bytesText(receivedBytes)}${rate}`;
}

function skipped(report: RunReport, l10n: Localization): Section[] {
  if (report.skipped.length === 0) return [];
  const lines = report.skipped
    .slice(0, mostListed)
    .map(({ path, kind, message }) => ({ path, text: message, kind }));
  return [sectionOf(l10n.t('Skipped'), lines, report.skipped.length, l10n)];
}

function warnings(report: RunReport, l10n: Localization): Section[] {
  if (report.warnings.length === 0) return [];
  const lines = report.warnings
    .slice(0, mostListed)
    .map(({ path, message }) => ({ path, text: message }));
  return [sectionOf(l10n.t('Notes'), lines, report.warnings.length, l10n)];
}

/** What a container or database does by itself, and an intruder to be overlooked. */
function silentChanges({ changes: found }: RunReport, l10n: Localization): Section[] {
  if (!found?.withoutNewTime) return [];
  const { count, paths } = found.withoutNewTime;
  const lines = paths.slice(0, mostListed).map((path) => ({ mark: '~', path }));
  const introduction = l10n.t(
    'These have the size and time that they had, but another content. No usual run would have noticed.',
  );
  const title = l10n.t('Changed without a new time');
  return [{ ...sectionOf(title, lines, count, l10n), introduction }];
}

function changes(report: RunReport, l10n: Localization): Section[] {
  if (!report.changes) return [];
  const { added, changed, removed, comparedWith, paths } = report.changes;
  const marks = { added: '+', changed: '~', removed: '−' };
  const lines = paths.slice(0, mostListed).map(({ kind, path }) => ({ mark: marks[kind], path }));
  const introduction = l10n.t('{0} added, {1} changed, {2} removed', added, changed, removed);
  const title = l10n.t('Changes since {0}', comparedWith);
  return [{ ...sectionOf(title, lines, added + changed + removed, l10n), introduction }];
}
