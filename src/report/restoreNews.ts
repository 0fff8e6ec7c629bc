import type { Localization } from '../base/localization';
import { entriesText } from './entriesText';
import { bytesText, durationText, grouped } from './figures';
import type { News } from './news';
import type { Figure, Outline, Section } from './outline';
import type { RestoreReport } from './restoreReport';
import { mostListed, sectionOf } from './section';
import { oneLine } from './shownText';

/** @param log what the restore has logged, for the mail */
export function newsOfRestore(
  report: RestoreReport,
  log: Buffer | undefined,
  l10n: Localization,
): News {
  const subject = oneLine(subjectOf(report, l10n));
  const name = `${report.server}-restore-${report.restore}.log`;
  return {
    isFailure: report.status !== 'complete',
    subject,
    outline: restoreOutline(report, l10n),
    body: { event: 'restored', text: subject, ...report },
    ...(log && { attachment: { name, content: log } }),
  };
}

/** What the report of a restore says to people. */
export function restoreOutline(report: RestoreReport, l10n: Localization): Outline {
  const verdicts = {
    complete: l10n.t('Complete: everything that was chosen is restored.'),
    incomplete:
      report.failedCount === 1
        ? l10n.t('Incomplete: 1 entry was not restored.')
        : l10n.t('Incomplete: {0} entries were not restored.', grouped(report.failedCount)),
    failed: l10n.t(
      'Failed: not everything is restored. The same restore goes on where it stopped.',
    ),
  };
  return {
    title: l10n.t('Restore of {0}', report.server),
    verdict: verdicts[report.status],
    ...(report.error && { error: report.error }),
    figures: figures(report, l10n),
    sections: [...failed(report, l10n), ...warnings(report, l10n)],
  };
}

function subjectOf(report: RestoreReport, l10n: Localization): string {
  const { server, status, created, overwritten, failedCount, error } = report;
  const written = entriesText(created + overwritten, l10n);
  switch (status) {
    case 'complete':
      return l10n.t('Restore success: {0}, {1} written', server, written);
    case 'incomplete':
      return l10n.t(
        'Restore incomplete: {0}, {1} written, {2} not restored',
        server,
        written,
        grouped(failedCount),
      );
    case 'failed':
      return l10n.t('Restore failure: {0} ({1})', server, error?.kind ?? 'protocol');
  }
}

function figures(report: RestoreReport, l10n: Localization): Figure[] {
  const rows: [string, string, Figure['form']?][] = [
    [l10n.t('Snapshot'), report.snapshot, 'code'],
    [l10n.t('Restored to'), report.target, 'code'],
    [l10n.t('Started'), report.started, 'time'],
    [l10n.t('Finished'), report.finished, 'time'],
    [l10n.t('Duration'), durationText(report.seconds)],
    [l10n.t('Created'), String(report.created)],
    [l10n.t('Overwritten'), String(report.overwritten)],
    [l10n.t('Left alone'), String(report.same)],
    [l10n.t('Deleted'), String(report.deleted)],
    [l10n.t('Not restored'), String(report.failedCount)],
    [l10n.t('Written'), bytesText(report.bytes)],
    [l10n.t('Read back and the same'), report.verified ? l10n.t('yes') : l10n.t('no')],
    [l10n.t('Kept before it was overwritten'), report.safetySnapshot ?? l10n.t('nothing'), 'code'],
  ];
  return rows.map(([name, value, form = 'text']) => ({ name, value, form }));
}

function failed({ failed: all, failedCount }: RestoreReport, l10n: Localization): Section[] {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, mostListed)
    .map(({ path, kind, message }) => ({ path, text: message, kind }));
  return [sectionOf(l10n.t('Not restored'), lines, failedCount, l10n)];
}

function warnings({ warnings: all }: RestoreReport, l10n: Localization): Section[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, mostListed).map((message) => ({ path: '', text: message }));
  return [sectionOf(l10n.t('Notes'), lines, all.length, l10n)];
}
