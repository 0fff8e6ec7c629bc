import type { Localization } from '../base/localization';
import { bytesText, durationText } from './figures';
import type { RunReport } from './runReport';

/** So many lines of each kind are written out; the counts are whole. */
const mostListed = 500;

/** The report of a run as a Markdown document for people. Names from the server are never markup. */
export function reportDocument(report: RunReport, l10n: Localization): string {
  return [
    ...heading(report, l10n),
    ...figures(report, l10n),
    ...skipped(report, l10n),
    ...warnings(report, l10n),
    ...changes(report, l10n),
  ].join('\n');
}

function heading(report: RunReport, l10n: Localization): string[] {
  const verdicts = {
    complete: l10n.t('Complete: everything that was chosen is in the snapshot.'),
    incomplete: l10n.t('Incomplete: {0} entries could not be read.', report.skipped.length),
    failed: l10n.t('Failed: there is no new snapshot. What was fetched is kept for the next run.'),
  };
  const error = report.error
    ? ['', `> **${escaped(report.error.kind)}**: ${escaped(report.error.message)}`]
    : [];
  return [
    `# ${l10n.t('Backup of {0}', escaped(report.server))}`,
    '',
    `**${verdicts[report.status]}**`,
    ...error,
    '',
  ];
}

function figures(report: RunReport, l10n: Localization): string[] {
  const rate = report.seconds > 0 ? report.receivedBytes / report.seconds : 0;
  const fetched = `${report.fetchedFiles} (${bytesText(report.fetchedBytes)})`;
  const rows: [string, string][] = [
    [l10n.t('Server'), code(report.endpoint)],
    [l10n.t('Run'), code(report.snapshot)],
    [l10n.t('Started'), localTime(report.started)],
    [l10n.t('Finished'), localTime(report.finished)],
    [l10n.t('Duration'), durationText(report.seconds)],
    [l10n.t('Files'), `${report.files} (${bytesText(report.bytes)})`],
    [l10n.t('Fetched'), fetched],
    [l10n.t('Unchanged'), String(report.linkedFiles)],
    [l10n.t('Kept from an interrupted run'), String(report.keptFiles)],
    [l10n.t('Received'), `${bytesText(report.receivedBytes)}, ${bytesText(rate)}/s`],
    [l10n.t('Skipped'), String(report.skipped.length)],
  ];
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`), ''];
}

function skipped(report: RunReport, l10n: Localization): string[] {
  if (report.skipped.length === 0) return [];
  const lines = report.skipped.map(
    ({ path, kind, message }) => `- ${code(path)}: ${escaped(message)} (${escaped(kind)})`,
  );
  return section(l10n.t('Skipped'), lines, l10n);
}

function warnings(report: RunReport, l10n: Localization): string[] {
  if (report.warnings.length === 0) return [];
  const lines = report.warnings.map(({ path, message }) => `- ${code(path)}: ${escaped(message)}`);
  return section(l10n.t('Notes'), lines, l10n);
}

function changes(report: RunReport, l10n: Localization): string[] {
  const { changes: found } = report;
  if (!found) return [];
  const { added, changed, removed, comparedWith } = found;
  const title = l10n.t('Changes since {0}', escaped(comparedWith));
  const counts = l10n.t('{0} added, {1} changed, {2} removed', added, changed, removed);
  const marks = { added: '+', changed: '~', removed: '−' };
  const lines = found.paths.map(({ kind, path }) => `- **${marks[kind]}** ${code(path)}`);
  return [...section(title, [counts, '', ...lines.slice(0, mostListed)], l10n)];
}

function section(title: string, lines: readonly string[], l10n: Localization): string[] {
  const more = lines.length - mostListed;
  const rest = more > 2 ? ['', l10n.t('… and {0} more: see the log.', more)] : [];
  return [`## ${title}`, '', ...lines.slice(0, mostListed), ...rest, ''];
}

function localTime(iso: string): string {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? escaped(iso) : moment.toLocaleString();
}

/** Text that Markdown shows as it is. */
function escaped(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, String.raw`\$&`);
}

/** A code span that nothing in the text can end: its fence is longer than any run of backticks in it. */
function code(text: string): string {
  const line = oneLine(text).replaceAll('|', '\u2502');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}
