import { EventEmitter, l10n, type Disposable } from 'vscode';
import { abortable } from '../base/abort';
import { systemClock } from '../base/clock';
import { BackupError, type ErrorKind } from '../base/errors';
import type { ApprovedCommands } from '../jobs/backUp/approvedCommands';
import { backUp } from '../jobs/backUp/backUp';
import { backUpAndTell } from '../jobs/backUp/backUpAndTell';
import { summarizeRuns, type RunSummary } from '../jobs/history/runHistory';
import type { Attempt } from '../jobs/schedule/scheduler';
import type { Verified } from '../jobs/verify/verified';
import type { Server } from '../model/configuration/server';
import { RunProgress } from '../model/progress';
import type { SnapshotId } from '../model/snapshotId';
import type { Suspicion } from '../model/retention/suspicion';
import { overdueAt, type Overdue } from '../model/schedule/overdue';
import { scheduleOf } from '../model/schedule/scheduleOf';
import type { RunReport } from '../report/runReport';
import type { Store } from '../store/store';
import { askForApproval } from './askForApproval';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import type { Logins } from './logins';
import { showDamage, showUntold } from './untold';

/** A run that is under way in this window. */
export interface ActiveRun {
  readonly server: string;
  readonly progress: RunProgress;
  /** Milliseconds of the monotonic clock. */
  readonly started: number;
  readonly done: Promise<RunReport>;
  cancel(): void;
}

/** Who wants a run. */
export type Starter = 'person' | { readonly attempt: Attempt };

/** The run that is wanted. */
interface Wanted {
  readonly server: Server;
  readonly starter: Starter;
  readonly note: string | undefined;
}

/** How a server stands: what its last runs said, and whether the last one in this window failed. */
export interface ServerState extends RunSummary {
  /** Its last good backup is older than its schedule allows. */
  readonly overdue?: Overdue;
  readonly failure?: { readonly kind: string; readonly message: string };
  /** What the guard does not believe, and nobody has said to be right; newest first. */
  readonly suspicions?: readonly Suspicion[];
  /** How much of its snapshots is known to be damaged, and not mended. */
  readonly damage?: { readonly snapshots: number; readonly entries: number };
}

/** What reading snapshots again after a run has found. */
export interface VerifiedRun {
  readonly server: Server;
  readonly verified: readonly Verified[];
}

/** The runs of this window, and what the last runs of each server came to. */
export class Runs implements Disposable {
  readonly #configuration: WorkspaceConfiguration;
  readonly #logins: Logins;
  readonly #approved: ApprovedCommands;
  readonly #active = new Map<string, ActiveRun>();
  readonly #states = new Map<string, ServerState>();
  #looked = false;
  readonly #changed = new EventEmitter<void>();
  /** Fires when a run begins or ends, or what is known of one has changed; not for its progress. */
  readonly onDidChange = this.#changed.event;
  readonly #verifiedRun = new EventEmitter<VerifiedRun>();
  /** Fires when some of a store was read again after a run. */
  readonly onDidVerify = this.#verifiedRun.event;

  constructor(configuration: WorkspaceConfiguration, logins: Logins, approved: ApprovedCommands) {
    this.#configuration = configuration;
    this.#logins = logins;
    this.#approved = approved;
  }

  get active(): readonly ActiveRun[] {
    return [...this.#active.values()];
  }

  activeOn(server: string): ActiveRun | undefined {
    return this.#active.get(this.#configuration.keyOf(server));
  }

  stateOf(server: string): ServerState | undefined {
    return this.#states.get(server);
  }

  storeOf(server: string): Store {
    return this.#configuration.storeOf(server);
  }

  /** Whether there is a snapshot of any server. A store that may not be opened has none to be seen. */
  async hasSnapshots(): Promise<boolean> {
    for (const { name } of this.#configuration.servers) {
      const ids = await this.#idsOf(name);
      if (ids.length > 0) return true;
    }
    return false;
  }

  /** Reads the reports of all servers. Resolves with whether `onDidChange` has fired. */
  async look(): Promise<boolean> {
    const before = JSON.stringify([...this.#states]);
    const { servers } = this.#configuration;
    const names = new Set(servers.map(({ name }) => name));
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
    for (const server of servers) await this.#lookAt(server);
    const isNew = !this.#looked || JSON.stringify([...this.#states]) !== before;
    this.#looked = true;
    if (isNew) this.#changed.fire();
    return isNew;
  }

  /**
   * Starts a run, or joins the one that is under way for this server. Its `done` rejects as `backUp` does.
   * @param starter a person, who may be asked for a secret, or the attempt of a schedule
   * @param note what a person says of the snapshot that comes of it
   */
  start(server: Server, starter: Starter, note?: string): ActiveRun {
    const key = this.#configuration.keyOf(server.name);
    const known = this.#active.get(key);
    if (known) return known;
    const stop = new AbortController();
    const progress = new RunProgress();
    const nameNow = (): string => this.#nameNow(key, server);
    const wanted = { server, starter, note };
    const run: ActiveRun = {
      get server() {
        return nameNow();
      },
      progress,
      started: systemClock.monotonic(),
      // A moment later: also what fails at once ends a run that is known.
      done: Promise.resolve().then(() => this.#run(key, wanted, progress, stop.signal)),
      cancel: () => stop.abort(),
    };
    this.#active.set(key, run);
    run.done.catch(() => undefined);
    this.#changed.fire();
    return run;
  }

  dispose(): void {
    for (const run of this.active) run.cancel();
    this.#changed.dispose();
    this.#verifiedRun.dispose();
  }

  /** A folder more or less in the workspace may have changed it. */
  #nameNow(key: string, server: Server): string {
    return this.#configuration.nameBy(key) ?? server.name;
  }

  async #run(
    key: string,
    { server, starter, note }: Wanted,
    progress: RunProgress,
    signal: AbortSignal,
  ): Promise<RunReport> {
    let failure: ServerState['failure'];
    try {
      const { server: own, store } = this.#configuration.inFolder(server.name);
      const isPerson = starter === 'person';
      const { outcome, untold, verified } = await backUpAndTell({
        ...{ server: own, store, progress, signal, l10n },
        ...(isPerson ? {} : starter.attempt),
        ...(note !== undefined && { note }),
        approve: () =>
          abortable(this.#approved.require(own, isPerson ? askForApproval : undefined), signal),
        // Nobody is asked for the password of a mail account at the end of a run.
        environment: this.#logins.withoutPerson(),
        run: (options) =>
          this.#logins.during(isPerson, (environment) => backUp({ ...options, environment })),
      });
      showUntold(server, untold);
      if (verified.length > 0) this.#verifiedRun.fire({ server, verified });
      failure = showDamage(this.#configuration, server, verified);
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    } catch (error) {
      const { kind, message } =
        error instanceof BackupError ? error : new BackupError('protocol', String(error));
      if (!isNoFailure(kind)) failure = { kind, message };
      throw error;
    } finally {
      this.#active.delete(key);
      const name = this.#nameNow(key, server);
      await this.#lookAt({ ...server, name });
      if (failure) this.#states.set(name, { ...this.#stateOrNone(name), failure });
      this.#changed.fire();
    }
  }

  async #idsOf(server: string): Promise<readonly SnapshotId[]> {
    try {
      return await this.storeOf(server).ids();
    } catch {
      return [];
    }
  }

  #stateOrNone(server: string): ServerState {
    return this.#states.get(server) ?? { last: undefined, lastGood: undefined };
  }

  async #lookAt(server: Server): Promise<void> {
    try {
      const store = this.storeOf(server.name);
      const summary = await summarizeRuns(store);
      const suspicions = await openSuspicions(server, store);
      const damage = await knownDamage(store);
      const { error } = summary.last ?? {};
      const failed = error && !isNoFailure(error.kind);
      const schedule = scheduleOf(server);
      const overdue = schedule && overdueAt(schedule, summary.lastGood, systemClock.now());
      this.#states.set(server.name, {
        ...summary,
        ...(failed && { failure: error }),
        ...(overdue && { overdue }),
        ...(suspicions.length > 0 && { suspicions }),
        ...(damage && { damage }),
      });
    } catch (error) {
      // If the configuration was taken away meanwhile, nothing is known of its servers.
      this.#states.delete(server.name);
      const isThere = this.#configuration.servers.some(({ name }) => name === server.name);
      if (!isThere || !(error instanceof BackupError)) return;
      const { kind, message } = error;
      this.#states.set(server.name, {
        ...this.#stateOrNone(server.name),
        failure: { kind, message },
      });
    }
  }
}

/** As the guard has judged it already: a look writes nothing. */
async function openSuspicions(server: Server, store: Store): Promise<readonly Suspicion[]> {
  return server.unattended?.guard === false ? [] : store.guard.open();
}

async function knownDamage(store: Store): Promise<ServerState['damage']> {
  let snapshots = 0;
  let entries = 0;
  const marked = await store.damage.ids();
  if (marked.size === 0) return undefined;
  for (const id of await store.ids()) {
    if (!marked.has(id)) continue;
    snapshots += 1;
    entries += (await store.damage.of(id)).count;
  }
  return snapshots > 0 ? { snapshots, entries } : undefined;
}

/** Somebody wanted it so, or another window or program is at it: nothing is wrong. */
function isNoFailure(kind: ErrorKind): boolean {
  return kind === 'cancelled' || kind === 'locked';
}
