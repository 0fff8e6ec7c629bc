import { commands, l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { runIds } from '../../jobs/history/runHistory';
import type { Server } from '../../model/configuration/server';
import { bytesText, grouped } from '../../report/figures';
import { hasLostAllFiles } from '../../report/runReport';
import { command } from '../commandIds';
import { uriOf } from '../documentUri';
import { wordsOf } from '../errorWords';
import { folderOf, serverOf, type AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { serverFor, serversFor } from '../targets';
import { filesText, withoutFilesText } from '../words';
import { isCancelled, PersonRuns, type Outcome } from './personRuns';

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

/** *Back Up All*: of all folders, or of the one whose row it is. */
export async function backUpAll(parts: Parts, node?: AnyNode): Promise<void> {
  await backUpServers(parts, parts.configuration.require(node && folderOf(node)));
}

/** As many at once as the configuration of each folder allows, with one closing message. */
export async function backUpServers(
  parts: Parts,
  servers: readonly Server[],
  note?: string,
): Promise<void> {
  const end = parts.notices.hold();
  let told: Promise<void> | undefined;
  try {
    const outcomes = await new PersonRuns(parts, servers, note).run();
    told = parts.notices.show(tell(parts, outcomes));
  } finally {
    // Only now: in between, another question would come first.
    end();
  }
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
  const picked = await show(closingText(told), open);
  if (picked !== open) return;
  const { server } = failed[0] ?? first;
  const [last] = await runIds(parts.runs.storeOf(server));
  if (last !== undefined) await openReport(server, last);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** So many servers are told of one by one. */
const mostTold = 3;

function closingText(outcomes: readonly Outcome[]): string {
  if (outcomes.length <= mostTold) return outcomes.map(outcomeText).join(' ');
  const good = outcomes.filter(({ report }) => report?.status === 'complete').map(nameOf);
  const rest = outcomes.filter(({ server }) => !good.includes(server));
  const incomplete = rest.filter(({ report }) => report !== undefined).map(nameOf);
  const failed = rest.filter(({ report }) => report === undefined).map(nameOf);
  return [
    l10n.t('{0} of {1} servers are backed up.', good.length, outcomes.length),
    ...(incomplete.length > 0 ? [l10n.t('Incomplete: {0}.', incomplete.join(', '))] : []),
    ...(failed.length > 0 ? [l10n.t('Failed: {0}.', failed.join(', '))] : []),
  ].join(' ');
}

function nameOf({ server }: Outcome): string {
  return server;
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
