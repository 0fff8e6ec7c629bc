import { commands, l10n, ProgressLocation, window, type Progress } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { runIds } from '../../jobs/history/runHistory';
import type { Server } from '../../model/configuration/server';
import { bytesText, grouped } from '../../report/figures';
import { hasLostAllFiles, type RunReport } from '../../report/runReport';
import { command } from '../commandIds';
import { uriOf } from '../documentUri';
import { wordsOf } from '../errorWords';
import { serverOf, type AnyNode } from '../nodes';
import type { Parts } from '../parts';
import type { ActiveRun } from '../runs';
import { serverFor, serversFor } from '../targets';
import { filesText, fractionOf, progressText, withoutFilesText } from '../words';

const shownEvery = 250;

/** *Back Up Now*: of the selected rows, else of the only server, else of the one that is picked. */
export async function backUpNow(
  parts: Parts,
  node?: AnyNode,
  selected?: readonly AnyNode[],
): Promise<void> {
  const question = l10n.t('Back up which server?');
  const overview = {
    label: `$(graph) ${l10n.t('Show Overview')}`,
    choose: () => commands.executeCommand(command.showOverview),
  };
  const servers = await serversFor(parts, node, selected, question, overview);
  await backUpServers(parts, servers);
}

/** *Back Up All* */
export async function backUpAll(parts: Parts): Promise<void> {
  await backUpServers(parts, [...parts.configuration.require().servers.values()]);
}

/** As many at once as the configuration allows, with one closing message. */
export async function backUpServers(
  parts: Parts,
  servers: readonly Server[],
  note?: string,
): Promise<void> {
  const { maxParallelServers } = parts.configuration.require();
  const waiting = [...servers];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let server = waiting.shift(); server; server = waiting.shift()) {
      const outcome = await backUpShowingProgress(parts, server, note);
      outcomes.push(outcome);
      if (isCancelled(outcome)) waiting.length = 0;
    }
  };
  const end = parts.notices.hold();
  await Promise.all(Array.from({ length: maxParallelServers }, work));
  const told = parts.notices.show(tell(parts, outcomes));
  end();
  await told;
}

/** *Cancel Backup*, after a question. */
export async function cancelBackup(parts: Parts, node?: AnyNode): Promise<void> {
  const name = node && serverOf(node);
  const running = parts.runs.active.filter(({ server }) => name === undefined || server === name);
  if (running.length === 0) return;
  const names = running.map(({ server }) => server).join(', ');
  const question = l10n.t('Cancel the backup of {0}?', names);
  const detail = l10n.t('What was fetched is kept, and the next run continues there.');
  const answer = l10n.t('Cancel the Backup');
  const picked = await window.showWarningMessage(question, { modal: true, detail }, answer);
  if (picked === answer) for (const run of running) run.cancel();
}

/** *Show Report*: of a snapshot, or of the last run of a server. */
export async function showReport(parts: Parts, node?: AnyNode): Promise<void> {
  if (node?.kind === 'snapshot') {
    await openReport(node.server, node.summary.id);
    return;
  }
  const { name } = await serverFor(parts, node, l10n.t('Show the report of which server?'));
  const [last] = await runIds(parts.runs.storeOf(name));
  if (last === undefined) {
    throw new BackupError('not-found', l10n.t('{0} was never backed up.', name));
  }
  await openReport(name, last);
}

export async function openReport(server: string, snapshot: string): Promise<void> {
  await commands.executeCommand(
    'markdown.showPreview',
    uriOf({ kind: 'report', server, snapshot }),
  );
}

interface Outcome {
  readonly server: string;
  readonly report?: RunReport;
  readonly error?: unknown;
}

async function backUpShowingProgress(
  parts: Parts,
  server: Server,
  note: string | undefined,
): Promise<Outcome> {
  if (note !== undefined && parts.runs.activeOn(server.name)) {
    const error = new BackupError(
      'locked',
      l10n.t(
        '{0} is being backed up already: put the note on its snapshot when it is there.',
        server.name,
      ),
    );
    return { server: server.name, error };
  }
  const run = parts.runs.start(server, 'person', note);
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Backing up {0}', server.name),
    cancellable: true,
  };
  try {
    const report = await window.withProgress(options, async (shown, token) => {
      const stop = token.onCancellationRequested(() => run.cancel());
      const timer = setInterval(showing(run, shown), shownEvery);
      try {
        return await run.done;
      } finally {
        clearInterval(timer);
        stop.dispose();
      }
    });
    return { server: server.name, report };
  } catch (error) {
    return { server: server.name, error };
  }
}

function showing(
  { progress, started }: ActiveRun,
  shown: Progress<{ message: string; increment?: number }>,
): () => void {
  let percent = 0;
  return () => {
    const seconds = (systemClock.monotonic() - started) / 1000;
    const now = (fractionOf(progress) ?? 0) * 100;
    shown.report({
      message: progressText(progress, seconds),
      increment: Math.max(0, now - percent),
    });
    percent = Math.max(percent, now);
  };
}

function isCancelled({ error }: Outcome): boolean {
  return error instanceof BackupError && error.kind === 'cancelled';
}

/** One closing message for all, with the report at hand. */
async function tell(parts: Parts, outcomes: readonly Outcome[]): Promise<void> {
  const told = outcomes.filter((outcome) => !isCancelled(outcome));
  const [first] = told;
  if (!first) throw cancelled();
  const failed = told.filter(({ error }) => error !== undefined);
  if (told.length === 1 && failed.length === 1) throw asError(first.error);
  for (const { server, error } of failed) parts.log.error(`${server}: ${wordsOf(error)}`);
  const isGood = told.every(
    ({ report }) => report?.status === 'complete' && !hasLostAllFiles(report),
  );
  const show = isGood ? window.showInformationMessage : window.showWarningMessage;
  const open = l10n.t('Show Report');
  const picked = await show(told.map(outcomeText).join(' '), open);
  if (picked !== open) return;
  const { server } = failed[0] ?? first;
  const [last] = await runIds(parts.runs.storeOf(server));
  if (last !== undefined) await openReport(server, last);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function outcomeText({ server, report, error }: Outcome): string {
  if (!report) return `${server}: ${wordsOf(error)}`;
  const { files, bytes, fetchedFiles, skipped } = report;
  if (files === 0 && skipped.length === 0) return withoutFilesText(server);
  const text = l10n.t(
    '{0}: {1} backed up ({2}), {3} fetched.',
    server,
    filesText(files),
    bytesText(bytes),
    fetchedFiles,
  );
  return skipped.length === 0 ? text : `${text} ${skippedText(skipped.length)}`;
}

function skippedText(count: number): string {
  return count === 1 ? l10n.t('1 was skipped.') : l10n.t('{0} were skipped.', grouped(count));
}
