import { commands, l10n, window, workspace, type Disposable } from 'vscode';
import { whenAborted } from '../base/abort';
import { systemClock } from '../base/clock';
import { BackupError, isForWantOfConnection } from '../base/errors';
import type { Log } from '../base/log';
import { Scheduler, type Attempt, type SchedulerHost } from '../jobs/schedule/scheduler';
import { tellOverdue } from '../jobs/tell/tellRun';
import type { Server } from '../model/configuration/server';
import type { Overdue } from '../model/schedule/overdue';
import { hasLostAllFiles, type RunReport } from '../report/runReport';
import type { Store } from '../store/store';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import { helpAgainst, wordsOf } from './errorWords';
import type { Logins } from './logins';
import type { Runs } from './runs';
import { showUntold } from './untold';
import { ageText, filesText, withoutFilesText } from './words';
import type { WorkspaceConfiguration } from './workspaceConfiguration';

/** What schedules work with. */
export interface ScheduleParts {
  readonly configuration: WorkspaceConfiguration;
  readonly runs: Runs;
  readonly logins: Logins;
  readonly log: Log;
}

/**
 * Runs the schedules of one folder, without a word unless something fails. Nothing runs in a workspace
 * that is not trusted.
 */
export class FolderSchedules implements SchedulerHost, Disposable {
  readonly #file: ConfigurationFile;
  readonly #parts: ScheduleParts;
  readonly #scheduler = new Scheduler(this, systemClock);
  readonly #stop = new AbortController();

  constructor(file: ConfigurationFile, parts: ScheduleParts) {
    this.#file = file;
    this.#parts = parts;
    void this.#scheduler.run(this.#stop.signal);
  }

  /** Has it look at once: something may be other than before. */
  wake(): void {
    this.#scheduler.wake();
  }

  dispose(): void {
    this.#stop.abort();
  }

  servers(): readonly Server[] {
    return workspace.isTrusted ? this.#file.servers : [];
  }

  storeOf(server: Server): Store {
    return this.#parts.configuration.storeOf(this.#nameOf(server));
  }

  maxParallelServers(): number {
    const { state } = this.#file;
    return state.kind === 'ready' ? state.configuration.maxParallelServers : 1;
  }

  async run(own: Server, attempt: Attempt, signal: AbortSignal): Promise<void> {
    const server = this.#shown(own);
    const { runs, log } = this.#parts;
    if (runs.activeOn(server.name)) {
      throw new BackupError('locked', l10n.t('A backup of this server is under way.'));
    }
    log.info(`${server.name}: its schedule is due.`);
    const run = runs.start(server, { attempt });
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

  async overdue(own: Server, overdue: Overdue): Promise<void> {
    const { lastGood } = overdue;
    const { logins, log } = this.#parts;
    const server = this.#shown(own);
    const options = { environment: logins.withoutPerson(), signal: this.#stop.signal, l10n };
    showUntold(server, await tellOverdue(own, overdue, options));
    if (whenOf(server) === 'never') return;
    const age = ageText(systemClock.now() - lastGood);
    const text = l10n.t('{0} is overdue: its last good backup was {1}.', server.name, age);
    log.warn(text);
    const now = l10n.t('Back Up Now');
    void window.showWarningMessage(text, now).then((picked) => {
      if (picked === now) void commands.executeCommand(command.backUpNow, nodeOf(server));
    });
  }

  trouble(own: Server, error: unknown): void {
    this.#parts.log.warn(`${this.#nameOf(own)}: ${wordsOf(error)}`);
  }

  #nameOf({ name }: Server): string {
    return this.#parts.configuration.nameIn(this.#file, name);
  }

  /** As the window knows the server: a folder's own name for it may stand for several there. */
  #shown(own: Server): Server {
    return { ...own, name: this.#nameOf(own) };
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
    this.#parts.log.error(`${server.name}: ${wordsOf(error)}`);
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

function whenOf({ report }: Server): 'always' | 'failure' | 'never' {
  return report?.when ?? 'failure';
}

function nodeOf(server: Server): { readonly kind: 'server'; readonly server: Server } {
  return { kind: 'server', server };
}
