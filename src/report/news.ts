/** What is told to people and programs: one thing in the form of each way of telling. */
import type { Localization } from '../base/localization';
import { endpointOf, type Server } from '../model/configuration/server';
import { grouped } from './figures';
import { lossText } from './lossText';
import type { Outline } from './outline';
import { reportOutline } from './reportOutline';
import { hasLostAllFiles, type RunReport } from './runReport';
import { oneLine } from './shownText';

export interface News {
  /** An incomplete or suspicious run, one that has no file any more, and an overdue backup are failures. */
  readonly isFailure: boolean;
  /** One line: the subject of the mail. */
  readonly subject: string;
  /** What the mail says. */
  readonly outline: Outline;
  /** What the webhook gets, before it becomes JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly attachment?: { readonly name: string; readonly content: Buffer };
}

/** A server whose last good backup is older than its schedule allows. */
export interface Lateness {
  /** The moment that was missed, in milliseconds since 1970. */
  readonly due: number;
  /** When the last good backup was finished; undefined: there is none. */
  readonly lastGood: number | undefined;
}

/** So many skipped entries are posted; their number is whole. */
const mostPosted = 1000;

/** @param log what the run has logged, for the mail */
export function newsOfRun(report: RunReport, log: Buffer | undefined, l10n: Localization): News {
  const subject = oneLine(subjectOf(report, l10n));
  const skipped = report.skipped.slice(0, mostPosted);
  const skippedCount = report.skipped.length;
  return {
    isFailure:
      report.status !== 'complete' || report.suspicious !== undefined || hasLostAllFiles(report),
    subject,
    outline: reportOutline(report, l10n),
    body: { event: 'finished', text: subject, ...report, skipped, skippedCount },
    ...(log && { attachment: { name: `${report.server}-${report.snapshot}.log`, content: log } }),
  };
}

export function newsOfLateness(server: Server, late: Lateness, l10n: Localization): News {
  const { name } = server;
  const endpoint = endpointOf(server);
  const due = new Date(late.due).toISOString();
  const lastGood = late.lastGood === undefined ? null : new Date(late.lastGood).toISOString();
  const never = l10n.t('none yet');
  const subject = oneLine(
    l10n.t(
      'Backup overdue: {0}, the last good one is of {1}',
      name,
      lastGood === null ? never : minute(lastGood),
    ),
  );
  return {
    isFailure: true,
    subject,
    outline: {
      title: l10n.t('The backup of {0} is overdue', name),
      verdict: l10n.t('The last good backup is older than the schedule allows.'),
      figures: [
        { name: l10n.t('Server'), value: endpoint, form: 'code' },
        { name: l10n.t('Was due'), value: due, form: 'time' },
        { name: l10n.t('Last good backup'), value: lastGood ?? never, form: 'time' },
      ],
      sections: [],
    },
    body: { event: 'overdue', text: subject, server: name, endpoint, due, lastGood },
  };
}

/** `2026-11-23 07:00 UTC` */
function minute(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function subjectOf(report: RunReport, l10n: Localization): string {
  const { server, status, skipped, error, suspicious } = report;
  if (suspicious) return l10n.t('Backup suspicious: {0}, {1}', server, lossText(suspicious, l10n));
  const files = (count: number): string =>
    count === 1 ? l10n.t('1 file') : l10n.t('{0} files', grouped(count));
  switch (status) {
    case 'complete':
      if (report.files === 0) return l10n.t('Backup without a single file: {0}', server);
      return l10n.t('Backup success: {0}, {1}', server, files(report.files));
    case 'incomplete':
      return l10n.t(
        'Backup incomplete: {0}, {1}, {2} skipped',
        server,
        files(report.files),
        grouped(skipped.length),
      );
    case 'failed': {
      const fetched = files(report.fetchedFiles);
      const kind = error?.kind ?? 'protocol';
      return l10n.t('Backup failure: {0}, {1} fetched ({2})', server, fetched, kind);
    }
  }
}
