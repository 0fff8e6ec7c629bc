import { homedir, userInfo } from 'node:os';
import { l10n, ProgressLocation, window, type CancellationToken, type Progress } from 'vscode';
import { systemClock } from '../base/clock';
import type { Log } from '../base/log';
import { backUp } from '../jobs/backUp';
import type { Workspace } from '../jobs/workspace';
import type { Server } from '../model/configuration/server';
import { RunProgress } from '../model/progress';
import { bytesText } from '../report/figures';
import type { RunReport } from '../report/runReport';
import { Store } from '../store/store';
import { openWorkspace } from './openWorkspace';
import type { SecretCredentials } from './secretCredentials';
import type { StatusBar } from './statusBar';

const progressEvery = 250;

export interface BackUpParts {
  readonly log: Log;
  readonly credentials: SecretCredentials;
  readonly statusBar: StatusBar;
}

/** *Back Up Now*: asks which server if there are several, runs, and says how it went. */
export async function backUpCommand(parts: BackUpParts): Promise<void> {
  const opened = openWorkspace();
  const server = await chooseServer([...opened.configuration.servers.values()]);
  if (!server) return;
  parts.statusBar.running(server.name);
  try {
    const report = await runWithProgress(parts, opened, server);
    await parts.credentials.keepWhatWorked();
    parts.statusBar.finished(report);
    await showOutcome(report);
  } catch (error) {
    parts.statusBar.failed(server.name);
    throw error;
  }
}

async function chooseServer(servers: readonly Server[]): Promise<Server | undefined> {
  if (servers.length < 2) return servers[0];
  const items = servers.map((server) => ({
    label: server.name,
    description: `${server.protocol} ${server.host}`,
    server,
  }));
  const picked = await window.showQuickPick(items, { title: l10n.t('Back up which server?') });
  return picked?.server;
}

async function runWithProgress(
  parts: BackUpParts,
  opened: Workspace,
  server: Server,
): Promise<RunReport> {
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Backing up {0}', server.name),
    cancellable: true,
  };
  return await window.withProgress(options, async (shown, token) => {
    const progress = new RunProgress();
    const timer = setInterval(() => show(progress, shown), progressEvery);
    const { log, credentials } = parts;
    const environment = {
      clock: systemClock,
      log,
      credentials,
      home: homedir(),
      agent: process.env['SSH_AUTH_SOCK'],
      user: userInfo().username,
    };
    const store = new Store(opened.configuration.destination, server.name);
    try {
      return await backUp({ server, store, environment, progress, signal: signalOf(token) });
    } finally {
      clearInterval(timer);
    }
  });
}

function show(progress: RunProgress, shown: Progress<{ message: string }>): void {
  const { fetchedFiles, wantedFiles, fetchedBytes, wantedBytes } = progress;
  const bytes = `${bytesText(fetchedBytes)} / ${bytesText(wantedBytes)}`;
  shown.report({ message: l10n.t('files {0}/{1}, {2}', fetchedFiles, wantedFiles, bytes) });
}

function signalOf(token: CancellationToken): AbortSignal {
  const stop = new AbortController();
  token.onCancellationRequested(() => stop.abort());
  return stop.signal;
}

async function showOutcome(report: RunReport): Promise<void> {
  const { server, files, fetchedFiles, skipped } = report;
  if (skipped.length === 0) {
    const text = l10n.t('{0}: {1} files backed up, {2} fetched.', server, files, fetchedFiles);
    await window.showInformationMessage(text);
  } else {
    const text = l10n.t('{0}: backed up, but {1} entries were skipped.', server, skipped.length);
    await window.showWarningMessage(text);
  }
}
