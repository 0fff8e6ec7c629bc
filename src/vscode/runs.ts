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
import type { Suspicion } from '../model/retention/suspicion';
import { overdueAt, type Overdue } from '../model/schedule/overdue';
import { scheduleOf } from '../model/schedule/scheduleOf';
import type { RunReport } from '../report/runReport';
import { openStore } from '../jobs/destination';
import type { Store } from '../store/store';
import { askForApproval } from './askForApproval';
import type { ConfigurationFile } from './configurationFile';
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
  readonly #configuration: ConfigurationFile;
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

  constructor(configuration: ConfigurationFile, logins: Logins, approved: ApprovedCommands) {
    this.#configuration = configuration;
    this.#logins = logins;
    this.#approved = approved;
  }

  get active(): readonly ActiveRun[] {
    return [...this.#active.values()];
  }

  activeOn(server: string): ActiveRun | undefined {
    return this.#active.get(server);
  }

  stateOf(server: string): ServerState | undefined {
    return this.#states.get(server);
  }

  storeOf(server: string): Store {
    return openStore(this.#configuration.require(), server);
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
    const known = this.#active.get(server.name);
    if (known) return known;
    const stop = new AbortController();
    const progress = new RunProgress();
    const run: ActiveRun = {
      server: server.name,
      progress,
      started: systemClock.monotonic(),
      done: this.#run({ server, starter, note }, progress, stop.signal),
      cancel: () => stop.abort(),
    };
    this.#active.set(server.name, run);
    run.done.catch(() => undefined);
    this.#changed.fire();
    return run;
  }

  dispose(): void {
    for (const run of this.active) run.cancel();
    this.#changed.dispose();
    this.#verifiedRun.dispose();
  }

  async #run(
    { server, starter, note }: Wanted,
    progress: RunProgress,
    signal: AbortSignal,
  ): Promise<RunReport> {
    const store = this.storeOf(server.name);
    let failure: ServerState['failure'];
    try {
      const isPerson = starter === 'person';
      const { outcome, untold, verified } = await backUpAndTell({
        ...{ server, store, progress, signal, l10n },
        ...(isPerson ? {} : starter.attempt),
        ...(note !== undefined && { note }),
        approve: () =>
          abortable(this.#approved.require(server, isPerson ? askForApproval : undefined), signal),
        // Nobody is asked for the password of a mail account at the end of a run.
        environment: this.#logins.withoutPerson(),
        run: (options) =>
          this.#logins.during(isPerson, (environment) => backUp({ ...options, environment })),
      });
      showUntold(server, untold);
      if (verified.length > 0) this.#verifiedRun.fire({ server, verified });
      failure = showDamage(server, verified);
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    } catch (error) {
      const { kind, message } =
        error instanceof BackupError ? error : new BackupError('protocol', String(error));
      if (!isNoFailure(kind)) failure = { kind, message };
      throw error;
    } finally {
      this.#active.delete(server.name);
      await this.#lookAt(server);
      if (failure) this.#states.set(server.name, { ...this.#stateOrNone(server.name), failure });
      this.#changed.fire();
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
    } catch {
      // The configuration was taken away meanwhile: nothing is known of its servers.
      this.#states.delete(server.name);
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
