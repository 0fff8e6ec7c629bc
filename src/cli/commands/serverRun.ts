/** One run on the command line: its progress while it is under way, and what it came to. */
import { BackupError, messageOf } from '../../base/errors';
import { english } from '../../base/localization';
import type { BackUpOptions } from '../../jobs/backUp/backUp';
import {
  backUpAndTell,
  type BackUpAndTellOptions,
  type ToldRun,
} from '../../jobs/backUp/backUpAndTell';
import type { CopiedAfterRun } from '../../jobs/copies/copyAfterRun';
import type { RetentionResult } from '../../jobs/retention/retention';
import type { Attempt } from '../../jobs/schedule/scheduler';
import type { Server } from '../../model/configuration/server';
import type { Loss } from '../../model/retention/suspicion';
import { RunProgress } from '../../model/progress';
import { bytesText, countText, durationText } from '../../report/figures';
import { lossText } from '../../report/lossText';
import { hasLostAllFiles, type RunReport } from '../../report/runReport';
import { CopyLine } from '../copyLine';
import { exitCode, exitCodeOf, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { ProgressLine } from '../progressLine';
import type { Session } from '../session';
import { copyEvents, copyWarnings, copyWords } from './copyEvents';
import { printVerified, verifiedEvent } from './verify';

/** Prints what a run came to. */
export function tellOutcome(session: Session, server: Server, told: ShownRun): ExitCode {
  const { outcome, seconds, copies } = told;
  const untold = [...told.untold, ...copies.untold, ...copyWarnings(copies)];
  for (const { message } of untold) session.output.warning(server.name, message);
  if (outcome.status === 'fulfilled') return tellReport(session, outcome.value, told, untold);
  const error: unknown = outcome.reason;
  session.output.failure(server.name, error);
  if (session.output.options.json) {
    session.output.result('', failedEvent(server.name, error, seconds, untold));
  }
  return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
}

function tellReport(
  { output }: Session,
  report: RunReport,
  { retention, verified, copies }: ShownRun,
  untold: readonly Warning[],
): ExitCode {
  const damaged = verified.filter(({ status }) => status === 'damaged');
  // The `finished` line is the last one of a server, for programs.
  for (const event of retentionEvents(report, retention)) output.event(event);
  for (const found of verified) output.event(verifiedEvent(found));
  for (const event of copyEvents(copies)) output.event(event);
  const words = [wordsOf(report, retention), ...copyWords(copies)].join('\n');
  output.result(words, finishedEvent(report, untold));
  if (!output.options.json) for (const found of damaged) printVerified({ output }, found);
  if (damaged.length > 0) return exitCode.damaged;
  const isGood = report.status === 'complete' && !hasLostAllFiles(report);
  return isGood ? exitCode.done : exitCode.skipped;
}

/** What stands in `warnings`. */
export interface Warning {
  readonly path: string;
  readonly message: string;
}

export interface ShownRun extends ToldRun {
  readonly seconds: number;
  readonly copies: CopiedAfterRun;
}

/** @param wanted an attempt of a schedule, or what somebody wants it for now */
export async function runShowingProgress(
  session: Session,
  server: Server,
  wanted: Partial<Attempt> & Pick<BackUpOptions, 'reread' | 'note'> = {},
): Promise<ShownRun> {
  const { output, clock, signal } = session;
  const progress = new RunProgress();
  const quiet = output.options.quiet || output.options.json || output.terminal.error.isTTY !== true;
  const environment = session.environment(server);
  const store = session.store(server);
  const started = clock.now();
  using copyLine = CopyLine.show(session, server.name);
  const onCopyProgress: BackUpAndTellOptions['onCopyProgress'] = (copy, snapshot, now) =>
    copyLine?.set(`${snapshot} to ${copy}`, now);
  const options = { server, store, environment, signal, progress, onCopyProgress, ...wanted };
  const told = await tellShowing(
    quiet ? undefined : new ProgressLine(output.terminal, progress, clock, server.name),
    options,
  );
  return { ...told, copies: await told.copied, seconds: (clock.now() - started) / 1000 };
}

/** The line goes before the copies have one of their own. */
async function tellShowing(
  line: ProgressLine | undefined,
  options: BackUpAndTellOptions,
): Promise<ToldRun> {
  using _line = line;
  return await backUpAndTell(options);
}

/** What is said before the last line: what the guard found, and what the retention removed. */
export function retentionEvents(
  { server, snapshot, suspicious }: RunReport,
  retention: ToldRun['retention'],
): Record<string, unknown>[] {
  const events = [];
  if (suspicious) events.push({ event: 'suspicious', server, snapshot, ...suspicious });
  if (retention && retention.removed.length > 0) {
    const { removed, freedBytes } = retention;
    events.push({ event: 'pruned', server, removed, freedBytes });
  }
  return events;
}

/** The last line of `--json` for a server. */
export function finishedEvent(
  report: RunReport,
  untold: readonly Warning[],
): Record<string, unknown> {
  const { server, snapshot, status, files, bytes, skipped, seconds, changes, suspicious } = report;
  const { note } = report;
  const warnings = [...report.warnings, ...untold];
  const { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes } = report;
  const transfer = { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes };
  const found = { server, snapshot, status, files, bytes, ...transfer, skipped, seconds };
  return { event: 'finished', ...found, warnings, changes, suspicious, note };
}

/** The same for a run that failed. */
export function failedEvent(
  server: string,
  error: unknown,
  seconds: number,
  warnings: readonly Warning[],
): Record<string, unknown> {
  const none = { files: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0, linkedFiles: 0 };
  const reason = {
    kind: error instanceof BackupError ? error.kind : 'protocol',
    message: messageOf(error),
  };
  const rest = { receivedBytes: 0, skipped: [], seconds, warnings, error: reason };
  return { event: 'finished', server, snapshot: null, status: 'failed', ...none, ...rest };
}

function wordsOf(report: RunReport, retention: ToldRun['retention']): string {
  const lines = [
    `${report.server}: snapshot ${report.snapshot} is ${report.status}. ` +
      `${countText(report.files, 'file')}, ${bytesText(report.bytes)}; ` +
      `${report.fetchedFiles} fetched (${bytesText(report.fetchedBytes)}), ` +
      `${report.linkedFiles} unchanged, in ${durationText(report.seconds)}.`,
    ...(report.suspicious ? [suspicionWords(report.server, report.suspicious)] : []),
    ...(retention && retention.removed.length > 0 ? [removalWords(retention)] : []),
    ...report.warnings.map(({ path, message }) => `  note     ${shown(path)}: ${message}`),
    ...(report.changes?.withoutNewTime?.paths ?? []).map(
      (path) => `  changed  ${shown(path)}: changed without a new time`,
    ),
    ...report.skipped.map(
      ({ path, kind, message }) => `  skipped  ${shown(path)} (${kind}): ${shown(message)}`,
    ),
  ];
  return lines.join('\n');
}

function suspicionWords(server: string, suspicious: Loss): string {
  return (
    `  SUSPICIOUS: ${lossText(suspicious, english)}. No snapshot is removed until you have looked. ` +
    `If it is right: sauvegarde accept ${server}`
  );
}

function removalWords({ removed, freedBytes }: RetentionResult): string {
  const count = countText(removed.length, 'snapshot');
  return `  retention removed ${count} (${bytesText(freedBytes)})`;
}
