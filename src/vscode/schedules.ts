import { commands, env, l10n, window, workspace, type Disposable } from 'vscode';
import { whenAborted } from '../base/abort';
import { systemClock } from '../base/clock';
import { BackupError, isForWantOfConnection } from '../base/errors';
import type { Log } from '../base/log';
import { Scheduler, type Attempt, type SchedulerHost } from '../jobs/schedule/scheduler';
import type { Server } from '../model/configuration/server';
import type { Overdue } from '../model/schedule/overdue';
import { scheduleOf } from '../model/schedule/scheduleOf';
import { scheduleWords } from '../model/schedule/scheduleWords';
import { hasLostAllFiles, type RunReport } from '../report/runReport';
import { tellOverdue } from '../jobs/tell/tellRun';
import type { Store } from '../store/store';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import { helpAgainst, wordsOf } from './errorWords';
import type { Logins } from './logins';
import type { Runs } from './runs';
import { showUntold } from './untold';
import { ageText, filesText, momentText, withoutFilesText } from './words';

/**
 * Runs the schedules while this window is open, without a word unless something fails. Nothing runs in
 * a workspace that is not trusted.
 */
export class Schedules implements SchedulerHost, Disposable {
  readonly #configuration: ConfigurationFile;
  readonly #runs: Runs;
  readonly #logins: Logins;
  readonly #log: Log;
  readonly #scheduler = new Scheduler(this, systemClock);
  readonly #stop = new AbortController();
  readonly #subscriptions: Disposable[];

  constructor(configuration: ConfigurationFile, runs: Runs, logins: Logins, log: Log) {
    this.#configuration = configuration;
    this.#runs = runs;
    this.#logins = logins;
    this.#log = log;
    const wake = (): void => this.#scheduler.wake();
    this.#subscriptions = [
      configuration.onDidChange(wake),
      workspace.onDidGrantWorkspaceTrust(wake),
    ];
  }

  /** Begins to look; as long as the workspace is not trusted, there is nothing to do. */
  start(): void {
    void this.#scheduler.run(this.#stop.signal);
  }

  dispose(): void {
    this.#stop.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  servers(): readonly Server[] {
    return workspace.isTrusted ? this.#configuration.servers : [];
  }

  storeOf({ name }: Server): Store {
    return this.#runs.storeOf(name);
  }

  maxParallelServers(): number {
    const { state } = this.#configuration;
    return state.kind === 'ready' ? state.configuration.maxParallelServers : 1;
  }

  async run(server: Server, attempt: Attempt, signal: AbortSignal): Promise<void> {
    if (this.#runs.activeOn(server.name)) {
      throw new BackupError('locked', l10n.t('A backup of this server is under way.'));
    }
    this.#log.info(`${server.name}: its schedule is due.`);
    const run = this.#runs.start(server, { attempt });
    const takeBack = whenAborted(signal, () => run.cancel());
    try {
      this.#tellSuccess(server, await run.done);
    } catch (error) {
      this.#tellFailure(server, attempt, error);
      throw error;
    } finally {
      takeBack();
    }
  }

  async overdue(server: Server, overdue: Overdue): Promise<void> {
    const { lastGood } = overdue;
    const options = { environment: this.#logins.withoutPerson(), signal: this.#stop.signal, l10n };
    showUntold(server, await tellOverdue(server, overdue, options));
    if (whenOf(server) === 'never') return;
    const age = ageText(systemClock.now() - lastGood);
    const text = l10n.t('{0} is overdue: its last good backup was {1}.', server.name, age);
    this.#log.warn(text);
    const now = l10n.t('Back Up Now');
    void window.showWarningMessage(text, now).then((picked) => {
      if (picked === now) void commands.executeCommand(command.backUpNow, nodeOf(server));
    });
  }

  trouble({ name }: Server, error: unknown): void {
    this.#log.warn(`${name}: ${wordsOf(error)}`);
  }

  #tellSuccess(server: Server, report: RunReport): void {
    if (hasLostAllFiles(report) && whenOf(server) !== 'never') {
      void window.showWarningMessage(withoutFilesText(server.name));
      return;
    }
    if (whenOf(server) !== 'always') return;
    const text = l10n.t('{0}: {1} backed up by schedule.', server.name, filesText(report.files));
    void window.showInformationMessage(text);
  }

  #tellFailure(server: Server, { willRetry }: Attempt, error: unknown): void {
    const isNews = !(error instanceof BackupError) || !/^(?:locked|cancelled)$/.test(error.kind);
    if (!isNews) return;
    this.#log.error(`${server.name}: ${wordsOf(error)}`);
    if (willRetry && isForWantOfConnection(error)) return;
    if (whenOf(server) === 'never') return;
    const help = helpAgainst(error);
    const report = l10n.t('Show Report');
    const text = l10n.t('The scheduled backup of {0} failed. {1}', server.name, wordsOf(error));
    const answers = [...(help ? [help.title] : []), report];
    void window.showErrorMessage(text, ...answers).then((picked) => {
      if (picked === undefined) return;
      const id = picked === report ? command.showReport : help?.command;
      if (id) void commands.executeCommand(id, nodeOf(server));
    });
  }
}

/** The schedule of a server in the person's language and when it is due next; undefined: by hand. */
export function scheduleText(server: Server): string | undefined {
  const schedule = scheduleOf(server);
  return schedule && scheduleWords(schedule, env.language);
}

/** `Next backup: 25 Nov 2026, 07:00`. */
export function nextText(server: Server): string | undefined {
  const next = scheduleOf(server)?.nextAfter(systemClock.now());
  return next === undefined ? undefined : l10n.t('Next backup: {0}', momentText(next));
}

function whenOf({ report }: Server): 'always' | 'failure' | 'never' {
  return report?.when ?? 'failure';
}

function nodeOf(server: Server): { readonly kind: 'server'; readonly server: Server } {
  return { kind: 'server', server };
}
