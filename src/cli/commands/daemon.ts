import { watchFile, unwatchFile } from 'node:fs';
import { isForWantOfConnection } from '../../base/errors';
import { backUpAndTell } from '../../jobs/backUp/backUpAndTell';
import type { CopiedAfterRun } from '../../jobs/copies/copyAfterRun';
import { openStore } from '../../jobs/destination';
import { metricsOf } from '../../jobs/metrics/metricsOf';
import { personNeeded } from '../../jobs/connect/personNeeded';
import { Scheduler, type Attempt, type SchedulerHost } from '../../jobs/schedule/scheduler';
import { tellOverdue } from '../../jobs/tell/tellRun';
import type { Configuration } from '../../model/configuration/parse';
import type { Server } from '../../model/configuration/server';
import type { Overdue } from '../../model/schedule/overdue';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import { scheduleWords } from '../../model/schedule/scheduleWords';
import type { Store } from '../../store/store';
import { exitCode, type ExitCode } from '../exitCodes';
import { errorEvent } from '../output';
import { daemonPages } from '../metrics/daemonPages';
import { addressText, type ListenAddress } from '../metrics/listenAddress';
import { MetricsServer, type Pages } from '../metrics/metricsServer';
import type { Session } from '../session';
import { copyEvents } from './copyEvents';
import { workspaceOf } from './metrics';
import { failedEvent, finishedEvent, retentionEvents } from './serverRun';
import { verifiedEvent } from './verify';

/** How often the configuration file is looked at, in milliseconds: watching does not work on every disk. */
const lookEvery = 1000;

/**
 * `sauvegarde daemon`: runs the schedules in the foreground until it is told to stop, and writes a line
 * of JSON for everything that happens.
 * @param metrics where they and the daemon's health are served; absent: nowhere
 */
export async function daemonCommand(session: Session, metrics?: ListenAddress): Promise<ExitCode> {
  const daemon = new Daemon(session);
  await daemon.serve(metrics);
  return exitCode.done;
}

class Daemon implements SchedulerHost {
  readonly #session: Session;
  readonly #scheduler: Scheduler;
  #configuration: Configuration;
  #text: string;
  /** The servers that were logged in to, as they were configured then. */
  #known = new Map<string, string>();
  /** When the runs under way began, in milliseconds since 1970. */
  readonly #running = new Map<string, number>();

  /** The copies that are being made. */
  readonly #copying = new Set<Promise<void>>();

  constructor(session: Session) {
    this.#session = session;
    const { configuration, text } = session.workspace;
    this.#configuration = configuration;
    this.#text = text;
    this.#scheduler = new Scheduler(this, session.clock);
  }

  async serve(metrics: ListenAddress | undefined): Promise<void> {
    const { signal, workspace } = this.#session;
    await using server = metrics && (await MetricsServer.listen(metrics, this.#pages()));
    this.#tell('started', { configuration: workspace.file, pid: process.pid });
    if (server) this.#tell('metrics', { address: `http://${addressText(server.address)}/metrics` });
    let looking = this.#lookAtServers();
    const reload = (): void => {
      if (this.#reload()) looking = looking.then(() => this.#lookAtServers());
    };
    watchFile(workspace.file, { interval: lookEvery, persistent: false }, reload);
    try {
      await this.#scheduler.run(signal);
      await looking;
      await Promise.all(this.#copying);
    } finally {
      unwatchFile(workspace.file, reload);
      this.#tell('stopped', {});
    }
  }

  servers(): readonly Server[] {
    return [...this.#configuration.servers.values()];
  }

  storeOf(server: Server): Store {
    // Not the session's: the destination may have been edited.
    return openStore(this.#configuration, server.name);
  }

  maxParallelServers(): number {
    return this.#configuration.maxParallelServers;
  }

  async run(server: Server, attempt: Attempt, signal: AbortSignal): Promise<void> {
    const { clock } = this.#session;
    const started = clock.now();
    this.#tell('run', { server: server.name });
    this.#running.set(server.name, started);
    try {
      await this.#backUp(server, attempt, { started, signal });
    } finally {
      this.#running.delete(server.name);
    }
  }

  async #backUp(
    server: Server,
    { isDue, willRetry }: Attempt,
    { started, signal }: { readonly started: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { clock } = this.#session;
    const store = this.storeOf(server);
    const environment = this.#session.environment(server);
    const { outcome, untold, retention, verified, copied } = await backUpAndTell({
      ...{ server, store, environment, signal, isDue, willRetry },
    });
    const copying = copied.then((copies) => {
      this.#tellCopies(server, copies);
      this.#copying.delete(copying);
    });
    this.#copying.add(copying);
    for (const found of verified) this.#write(verifiedEvent(found));
    if (outcome.status === 'fulfilled') {
      for (const event of retentionEvents(outcome.value, retention)) this.#write(event);
      this.#write(finishedEvent(outcome.value, untold));
      return;
    }
    const error: unknown = outcome.reason;
    const seconds = (clock.now() - started) / 1000;
    const retries = willRetry && isForWantOfConnection(error);
    this.#write({ ...errorEvent(server.name, error), willRetry: retries });
    this.#write(failedEvent(server.name, error, seconds, untold));
    throw error;
  }

  /** Runs do not wait for the copies of those before them. */
  #tellCopies(server: Server, copies: CopiedAfterRun): void {
    for (const event of copyEvents(copies)) this.#write(event);
    for (const failed of copies.failed) this.#tell('error', { server: server.name, ...failed });
  }

  #pages(): Pages {
    const { clock, signal } = this.#session;
    return daemonPages({
      ...{ clock, signal, workspace: workspaceOf(this.#session) },
      takeMetrics: () =>
        metricsOf({
          servers: this.servers(),
          destination: this.#configuration.destination,
          storeOf: (server) => this.storeOf(server),
          ...{ clock, signal },
        }),
      lastLook: () => this.#scheduler.throughAt,
      running: () => this.#running,
      trouble: (error) => this.#write(errorEvent(undefined, error)),
    });
  }

  async overdue(server: Server, overdue: Overdue): Promise<void> {
    const { due, lastGood } = overdue;
    const { signal } = this.#session;
    const environment = this.#session.environment(server);
    const warnings = await tellOverdue(server, overdue, { environment, signal });
    const facts = { due: iso(due), lastGood: iso(lastGood), warnings };
    this.#tell('overdue', { server: server.name, ...facts });
  }

  trouble(server: Server, error: unknown): void {
    this.#write(errorEvent(server.name, error));
  }

  /** Takes an edited configuration. One with faults is said, and the one before it goes on. */
  #reload(): boolean {
    try {
      const { configuration, text } = this.#session.readWorkspaceAnew();
      if (text === this.#text) return false;
      this.#configuration = configuration;
      this.#text = text;
    } catch (error) {
      this.#write(errorEvent(undefined, error));
      return false;
    }
    this.#tell('reloaded', {});
    this.#scheduler.wake();
    return true;
  }

  /** Says when each server is due, and of what is new what it would lack without a person. */
  async #lookAtServers(): Promise<void> {
    const known = this.#known;
    this.#known = new Map();
    for (const server of this.servers()) {
      const schedule = scheduleOf(server);
      if (!schedule) continue;
      const configured = JSON.stringify(server);
      this.#known.set(server.name, configured);
      if (known.get(server.name) === configured) continue;
      const next = schedule.nextAfter(this.#session.clock.now());
      const words = scheduleWords(schedule, 'en');
      const more = { schedule: schedule.text, words, next: next && iso(next) };
      this.#tell('scheduled', { server: server.name, ...more });
      await this.#tellWhatIsNeeded(server);
    }
  }

  async #tellWhatIsNeeded(server: Server): Promise<void> {
    const { signal } = this.#session;
    if (signal.aborted) return;
    const lacking = await personNeeded(server, this.#session.environment(server), signal);
    if (!lacking || lacking.kind === 'cancelled') return;
    const { kind, message } = lacking;
    this.#tell('needs-person', { server: server.name, kind, message });
  }

  #tell(event: string, more: Readonly<Record<string, unknown>>): void {
    this.#write({ event, ...more });
  }

  #write(event: Readonly<Record<string, unknown>>): void {
    this.#session.output.result('', { time: iso(this.#session.clock.now()), ...event });
  }
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
