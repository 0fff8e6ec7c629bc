import { BackupError, messageOf } from '../../base/errors';
import { backUp } from '../../jobs/backUp';
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
  try {
    const report = await runShowingProgress(session, server);
    session.output.result(wordsOf(report), finishedEvent(report));
    return report.status === 'complete' ? exitCode.done : exitCode.skipped;
  } catch (error) {
    session.output.failure(server.name, error);
    if (session.output.options.json) {
      const seconds = (session.clock.now() - started) / 1000;
      session.output.result('', failedEvent(server.name, error, seconds));
    }
    return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
  }
}

async function runShowingProgress(session: Session, server: Server): Promise<RunReport> {
  const { output, clock, signal } = session;
  const progress = new RunProgress();
  const quiet = output.options.quiet || output.options.json || output.terminal.error.isTTY !== true;
  using _line = quiet ? undefined : new ProgressLine(output.terminal, progress, clock, server.name);
  const environment = session.environment(server);
  return await backUp({ server, store: session.store(server), environment, signal, progress });
}

/** The last line of `--json` for a server. */
export function finishedEvent(report: RunReport): Record<string, unknown> {
  const { server, snapshot, status, files, bytes, skipped, seconds, warnings, changes } = report;
  const { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes } = report;
  const transfer = { fetchedFiles, fetchedBytes, linkedFiles, receivedBytes };
  const found = { server, snapshot, status, files, bytes, ...transfer, skipped, seconds };
  return { event: 'finished', ...found, warnings, changes };
}

/** The same for a run that failed. */
export function failedEvent(
  server: string,
  error: unknown,
  seconds: number,
): Record<string, unknown> {
  const none = { files: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0, linkedFiles: 0 };
  const reason = {
    kind: error instanceof BackupError ? error.kind : 'protocol',
    message: messageOf(error),
  };
  const rest = { receivedBytes: 0, skipped: [], seconds, error: reason };
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
