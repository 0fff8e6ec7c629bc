import { BackupError, messageOf } from '../../base/errors';
import { backUpAndTell, type ToldRun } from '../../jobs/backUpAndTell';
import type { Server } from '../../model/configuration/server';
import { RunProgress } from '../../model/progress';
import { bytesText, countText, durationText } from '../../report/figures';
import type { RunReport } from '../../report/runReport';
import { exitCode, exitCodeOf, worstOf, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { ProgressLine } from '../progressLine';
import type { Session } from '../session';
import { selectServers } from '../selectServers';

/** `sauvegarde backup [SERVER…]` */
export async function backupCommand(session: Session, names: readonly string[]): Promise<ExitCode> {
  const servers = selectServers(session.workspace.configuration, names);
  const codes: ExitCode[] = [];
  for (const server of servers) {
    codes.push(await backUpServer(session, server));
    if (session.signal.aborted) break;
  }
  return worstOf(codes);
}

async function backUpServer(session: Session, server: Server): Promise<ExitCode> {
  const started = session.clock.now();
  const { outcome, untold } = await runShowingProgress(session, server);
  for (const { message } of untold) session.output.warning(server.name, message);
  if (outcome.status === 'fulfilled') {
    const report = outcome.value;
    session.output.result(wordsOf(report), finishedEvent(report, untold));
    return report.status === 'complete' ? exitCode.done : exitCode.skipped;
  }
  const error: unknown = outcome.reason;
  session.output.failure(server.name, error);
  if (session.output.options.json) {
    const seconds = (session.clock.now() - started) / 1000;
    session.output.result('', failedEvent(server.name, error, seconds, untold));
  }
  return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
}

async function runShowingProgress(session: Session, server: Server): Promise<ToldRun> {
  const { output, clock, signal } = session;
  const progress = new RunProgress();
  const quiet = output.options.quiet || output.options.json || output.terminal.error.isTTY !== true;
  using _line = quiet ? undefined : new ProgressLine(output.terminal, progress, clock, server.name);
  const environment = session.environment(server);
  const store = session.store(server);
  return await backUpAndTell({ server, store, environment, signal, progress });
}

function finishedEvent(report: RunReport, untold: ToldRun['untold'] = []): Record<string, unknown> {
  const { server, snapshot, status, files, bytes, skipped, seconds, changes } = report;
  const warnings = [...report.warnings, ...untold];
  const { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes } = report;
  const transfer = { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes };
  const found = { server, snapshot, status, files, bytes, ...transfer, skipped, seconds };
  return { event: 'finished', ...found, warnings, changes };
}

function failedEvent(
  server: string,
  error: unknown,
  seconds: number,
  warnings: ToldRun['untold'] = [],
): Record<string, unknown> {
  const none = { files: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0, linkedFiles: 0 };
  const reason = {
    kind: error instanceof BackupError ? error.kind : 'protocol',
    message: messageOf(error),
  };
  const rest = { receivedBytes: 0, skipped: [], seconds, warnings, error: reason };
  return { event: 'finished', server, snapshot: null, status: 'failed', ...none, ...rest };
}

function wordsOf(report: RunReport): string {
  const lines = [
    `${report.server}: snapshot ${report.snapshot} is ${report.status}. ` +
      `${countText(report.files, 'file')}, ${bytesText(report.bytes)}; ` +
      `${report.fetchedFiles} fetched (${bytesText(report.fetchedBytes)}), ` +
      `${report.linkedFiles} unchanged, in ${durationText(report.seconds)}.`,
    ...report.warnings.map(({ path, message }) => `  note     ${shown(path)}: ${message}`),
    ...report.skipped.map(
      ({ path, kind, message }) => `  skipped  ${shown(path)} (${kind}): ${shown(message)}`,
    ),
  ];
  return lines.join('\n');
}
