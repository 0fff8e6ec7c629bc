import { BackupError } from '../../base/errors';
import { Scheduler, type Attempt, type SchedulerHost } from '../../jobs/schedule/scheduler';
import { tellOverdue } from '../../jobs/tell/tellRun';
import type { Server } from '../../model/configuration/server';
import type { Overdue } from '../../model/schedule/overdue';
import type { Store } from '../../store/store';
import { exitCode, exitCodeOf, worstOf, type ExitCode } from '../exitCodes';
import type { Session } from '../session';
import { runShowingProgress, tellOutcome } from './serverRun';

/**
 * `sauvegarde backup --if-due`, what the scheduler of the system calls: makes the runs that are due, as
 * our own scheduler would, and tells of backups that did not happen.
 */
export async function backUpIfDue(session: Session, servers: readonly Server[]): Promise<ExitCode> {
  const due = new DueServers(session, servers);
  await new Scheduler(due, session.clock).runDue(session.signal);
  return due.code;
}

class DueServers implements SchedulerHost {
  readonly #session: Session;
  readonly #servers: readonly Server[];
  /** What the last attempt at each server came to. */
  readonly #codes = new Map<string, ExitCode>();

  constructor(session: Session, servers: readonly Server[]) {
    this.#session = session;
    this.#servers = servers;
  }

  get code(): ExitCode {
    return worstOf([...this.#codes.values()]);
  }

  servers(): readonly Server[] {
    return this.#servers;
  }

  storeOf(server: Server): Store {
    return this.#session.store(server);
  }

  maxParallelServers(): number {
    return this.#session.workspace.configuration.maxParallelServers;
  }

  async run(server: Server, attempt: Attempt): Promise<void> {
    const told = await runShowingProgress(this.#session, server, attempt);
    const { outcome } = told;
    const isRejected = outcome.status === 'rejected';
    // Whoever holds the lock is doing just what was wanted.
    if (!isRejected || exitCodeOfError(outcome.reason) !== exitCode.locked) {
      this.#codes.set(server.name, tellOutcome(this.#session, server, told));
    }
    if (!this.#session.signal.aborted) await told.emptied;
    if (isRejected) throw outcome.reason;
  }

  async overdue(server: Server, overdue: Overdue): Promise<void> {
    const { signal, output } = this.#session;
    const options = { environment: this.#session.environment(server), signal };
    const untold = await tellOverdue(server, overdue, options);
    for (const { message } of untold) output.warning(server.name, message);
  }

  trouble(server: Server, error: unknown): void {
    this.#session.output.failure(server.name, error);
    this.#codes.set(server.name, exitCodeOfError(error));
  }
}

function exitCodeOfError(error: unknown): ExitCode {
  return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
}
