import { whenAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import { BackupError, isForWantOfConnection } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Overdue } from '../../model/schedule/overdue';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import type { Store } from '../../store/store';
import { hasRunSince } from './lastRun';
import { newlyOverdue } from './newlyOverdue';
import { ServerPlan, type Pending } from './serverPlan';

/** A sleep of the computer and a change of its clock are noticed after so many milliseconds. */
const longestPause = 60_000;
const shortestPause = 100;
/** Fifty servers are not to start in the same second: each has a delay of its own, up to this. */
const longestDelay = 30_000;
const delayForEach = 1000;
/** A clock that was set back by more than this was wrong before. */
const believedAhead = 25 * 3_600_000;

export interface Attempt {
  /** Whether a failure for want of a connection is followed by another attempt. */
  readonly willRetry: boolean;
  /** To be asked once the store is locked: another window may have done it in the same moment. */
  readonly isDue: () => Promise<boolean>;
}

/** What the scheduler asks of the program that it is part of. */
export interface SchedulerHost {
  /** The servers as they are configured now: asked anew at every look. */
  servers(): readonly Server[];
  storeOf(server: Server): Store;
  /** How many servers are backed up at once. */
  maxParallelServers(): number;
  /** One run, told to whoever wants to know. Rejects with what ended it. */
  run(server: Server, attempt: Attempt, signal: AbortSignal): Promise<unknown>;
  /** Said once for each due moment that was missed. */
  overdue(server: Server, overdue: Overdue): Promise<void>;
  /** What went wrong with the schedule itself. */
  trouble(server: Server, error: unknown): void;
}

/**
 * Starts the runs that are due: each due moment once, however many windows and programs watch it. What
 * was missed while nobody was there is caught up once. What decides is on disk: the reports of the runs.
 */
export class Scheduler {
  readonly #host: SchedulerHost;
  readonly #clock: Clock;
  readonly #plans = new Map<string, ServerPlan>();
  readonly #queue: { readonly server: Server; readonly plan: ServerPlan }[] = [];
  readonly #running = new Set<Promise<void>>();
  #telling: Promise<void> = Promise.resolve();
  #lastLook = -Infinity;
  #throughAt: number;
  #alarm = new AbortController();

  constructor(host: SchedulerHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
    this.#throughAt = clock.monotonic();
  }

  /** When it was last through with all servers, or was made; in monotonic milliseconds. */
  get throughAt(): number {
    return this.#throughAt;
  }

  /** Works until the signal aborts, and ends when the runs under way have. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    whenAborted(signal, () => this.wake());
    while (!signal.aborted) {
      await this.#look(signal);
      await this.#wait();
    }
    await Promise.all([...this.#running, this.#telling]);
  }

  /** Makes the runs that are due now, further attempts included, and ends. Never rejects. */
  async runDue(signal: AbortSignal): Promise<void> {
    whenAborted(signal, () => this.wake());
    await this.#look(signal);
    while (!signal.aborted && this.#isBusy()) {
      await this.#wait();
      await this.#look(signal);
    }
    await Promise.all([...this.#running, this.#telling]);
  }

  /** Has it look at once: the configuration has changed. */
  wake(): void {
    this.#alarm.abort();
  }

  /** When a server is due next, in milliseconds since 1970. */
  nextOf(server: string): number | undefined {
    return this.#plans.get(server)?.next;
  }

  /** Until something may have to be done, or somebody wakes us. */
  async #wait(): Promise<void> {
    await this.#clock.sleep(this.#pause(), this.#alarm.signal).catch(() => undefined);
    if (this.#alarm.signal.aborted) this.#alarm = new AbortController();
  }

  #isBusy(): boolean {
    const plans = [...this.#plans.values()];
    return plans.some(({ isRunning, pending }) => isRunning || pending !== undefined);
  }

  async #look(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const servers = this.#host.servers();
    this.#takePlans(servers, now);
    for (const server of servers) {
      const plan = this.#plans.get(server.name);
      if (!plan || signal.aborted) continue;
      try {
        await this.#lookAt(server, plan, now);
      } catch (error) {
        this.#host.trouble(server, error);
      }
    }
    this.#startWaiting(signal);
    this.#throughAt = this.#clock.monotonic();
  }

  /** Plans follow the configuration; one whose schedule was edited begins anew. */
  #takePlans(servers: readonly Server[], now: number): void {
    const wentBack = now < this.#lastLook;
    this.#lastLook = now;
    const names = new Set<string>();
    // What has nothing included yet cannot be backed up, and the tree says so.
    const scheduled = servers.filter(({ include }) => include.length > 0);
    const spread = Math.min(longestDelay, (scheduled.length - 1) * delayForEach);
    for (const server of scheduled) {
      const schedule = scheduleOf(server);
      if (!schedule) continue;
      names.add(server.name);
      const known = this.#plans.get(server.name);
      if (known?.schedule !== schedule && !known?.isRunning) {
        this.#plans.set(server.name, new ServerPlan(server.name, schedule, spread));
      } else if (wentBack) known.forgetFuture(now, believedAhead);
    }
    for (const [name, { isRunning }] of this.#plans) {
      if (!names.has(name) && !isRunning) this.#plans.delete(name);
    }
  }

  async #lookAt(server: Server, plan: ServerPlan, now: number): Promise<void> {
    if (plan.isRunning) return;
    const due = plan.newlyDue(now);
    if (due !== undefined) {
      if (await hasRunSince(this.#host.storeOf(server), due, now)) plan.done(due);
      else plan.wait(due, this.#clock.monotonic());
    }
    if (plan.pending && this.#clock.monotonic() >= plan.pending.notBefore) {
      plan.isRunning = true;
      this.#queue.push({ server, plan });
    }
    if (!plan.isOverdueLook(now)) return;
    const overdue = await newlyOverdue(this.#host.storeOf(server), plan.schedule, now);
    if (!overdue) return;
    // Not waited for: a mail server that does not answer must not keep the other servers from their runs.
    this.#telling = this.#telling
      .then(() => this.#host.overdue(server, overdue))
      .catch((error: unknown) => this.#host.trouble(server, error));
  }

  #startWaiting(signal: AbortSignal): void {
    while (this.#queue.length > 0 && this.#running.size < this.#host.maxParallelServers()) {
      const next = this.#queue.shift();
      if (!next || signal.aborted) return;
      const work = this.#runOne(next.server, next.plan, signal).finally(() => {
        this.#running.delete(work);
        next.plan.isRunning = false;
        this.#startWaiting(signal);
        // Another attempt may be planned, or nothing more to be waited for.
        this.wake();
      });
      this.#running.add(work);
    }
  }

  async #runOne(server: Server, plan: ServerPlan, signal: AbortSignal): Promise<void> {
    const { pending } = plan;
    if (!pending) return;
    const { due, failed } = pending;
    const only = failed > 0 ? 'successful' : undefined;
    const isDue = async (): Promise<boolean> => {
      const store = this.#host.storeOf(server);
      return !(await hasRunSince(store, due, this.#clock.now(), only));
    };
    try {
      // It may have waited long, and another window or program may have been quicker.
      if (!(await isDue())) {
        plan.done(due);
        return;
      }
    } catch (error) {
      this.#host.trouble(server, error);
      plan.done(due);
      return;
    }
    try {
      const willRetry = plan.mayRetry(pending, this.#clock.now());
      await this.#host.run(server, { willRetry, isDue }, signal);
      plan.done(due);
    } catch (error) {
      this.#afterFailure(plan, pending, error);
    }
  }

  #afterFailure(plan: ServerPlan, pending: Pending, error: unknown): void {
    const kind = error instanceof BackupError ? error.kind : undefined;
    const monotonic = this.#clock.monotonic();
    if (kind === 'locked') plan.waitForOther(pending, monotonic);
    else if (isForWantOfConnection(error) && plan.mayRetry(pending, this.#clock.now())) {
      plan.retry(pending, monotonic);
    } else plan.done(pending.due);
  }

  /** Until something may have to be done, in milliseconds. */
  #pause(): number {
    let pause = longestPause;
    for (const { isRunning, next, pending } of this.#plans.values()) {
      if (isRunning) continue;
      if (next !== undefined) pause = Math.min(pause, next - this.#clock.now());
      if (pending) pause = Math.min(pause, pending.notBefore - this.#clock.monotonic());
    }
    return Math.max(shortestPause, pause);
  }
}
