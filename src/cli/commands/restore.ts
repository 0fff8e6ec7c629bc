import { createInterface } from 'node:readline/promises';
import { BackupError } from '../../base/errors';
import type { Overwrite } from '../../jobs/restore/decide';
import type { PlannedAction } from '../../jobs/restore/plannedAction';
import type { PlanCounts } from '../../jobs/restore/planning';
import { planRestore } from '../../jobs/restore/restore';
import { restoreAndTell } from '../../jobs/restore/restoreAndTell';
import type { Destination, PlanOptions } from '../../jobs/restore/restoreOptions';
import type { Server } from '../../model/configuration/server';
import { RunProgress } from '../../model/progress';
import { exitCode, exitCodeOf, type ExitCode } from '../exitCodes';
import { ProgressLine } from '../progressLine';
import { selectServers } from '../selectServers';
import { selectSnapshot } from '../selectSnapshot';
import type { Session } from '../session';
import { PlanPrinting, tellRestored, wordsOfPlan } from './restorePrinting';

export const overwriteChoices = ['changed', 'always', 'never'] as const satisfies Overwrite[];

export interface RestoreFlags {
  readonly to?: string;
  readonly toServer?: boolean;
  readonly as?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: Overwrite;
  readonly delete?: boolean;
  readonly verify?: boolean;
  readonly yes?: boolean;
}

/** `sauvegarde restore SERVER SNAPSHOT [PATH…] (--to DIR | --to-server [--as NAME])` */
export async function restoreCommand(
  session: Session,
  name: string,
  snapshot: string,
  paths: readonly string[],
  flags: RestoreFlags,
): Promise<ExitCode> {
  const [server] = selectServers(session.workspace.configuration, [name]);
  if (!server) return exitCode.usage;
  const to = destinationOf(session, server, flags);
  const written = 'server' in to ? to.server : server;
  const store = session.store(server);
  const progress = new RunProgress();
  const printing = new PlanPrinting(session.output, flags.dryRun === true);
  const options = {
    ...{ server, store, paths, to, progress },
    snapshot: await selectSnapshot(store, name, snapshot),
    ...overwriting(flags),
    environment: session.environment(written),
    signal: session.signal,
    onPlanned: (action: PlannedAction) => printing.print(action),
  };
  if (flags.dryRun === true) {
    const counts = await planRestore(options);
    session.output.note(wordsOfPlan(counts));
    return counts.impossible > 0 ? exitCode.skipped : exitCode.done;
  }
  return await restoreAsked(session, name, options, flags);
}

async function restoreAsked(
  session: Session,
  name: string,
  options: PlanOptions & { readonly progress: RunProgress },
  { verify = false, yes = false }: RestoreFlags,
): Promise<ExitCode> {
  const { output, clock } = session;
  const quiet = output.options.quiet || output.options.json || output.terminal.error.isTTY !== true;
  const newLine = (): ProgressLine =>
    new ProgressLine(output.terminal, options.progress, clock, name);
  const asking = new Asking(session, yes, quiet ? undefined : newLine);
  try {
    const confirm = (counts: PlanCounts): Promise<boolean> => asking.ask(counts);
    const told = await restoreAndTell({ ...options, verify, confirm });
    for (const { message } of told.untold) output.warning(name, message);
    if (told.outcome.status === 'fulfilled') return tellRestored(output, told.outcome.value);
    const error: unknown = told.outcome.reason;
    output.failure(name, error);
    return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
  } finally {
    asking.line?.[Symbol.dispose]();
  }
}

function overwriting({
  overwrite = 'changed',
  delete: deletes = false,
}: RestoreFlags): Pick<PlanOptions, 'overwrite' | 'delete'> {
  return { overwrite, delete: deletes };
}

/** Throws `configuration` unless exactly one place is named. */
function destinationOf(session: Session, server: Server, flags: RestoreFlags): Destination {
  const { to, toServer = false, as } = flags;
  if ((to === undefined) === !toServer || (as !== undefined && !toServer)) {
    throw new BackupError(
      'configuration',
      'Say where to restore to: either --to FOLDER, or --to-server (with --as NAME for another server).',
    );
  }
  if (to !== undefined) return { folder: to };
  const [other] =
    as === undefined ? [server] : selectServers(session.workspace.configuration, [as]);
  const goal = other ?? server;
  return { server: goal, store: session.store(goal) };
}

/** Asks the person, if there is one; the plan has been printed. */
class Asking {
  line: ProgressLine | undefined;
  readonly #session: Session;
  readonly #yes: boolean;
  readonly #newLine: (() => ProgressLine) | undefined;

  constructor(session: Session, yes: boolean, newLine: (() => ProgressLine) | undefined) {
    this.#session = session;
    this.#yes = yes;
    this.#newLine = newLine;
  }

  /** Throws `configuration` where nobody can be asked. */
  async ask(counts: PlanCounts): Promise<boolean> {
    const { output } = this.#session;
    output.note(wordsOfPlan(counts));
    const agreed = this.#yes || !counts.changesAnything || (await this.#answer());
    if (agreed) this.line = this.#newLine?.();
    return agreed;
  }

  async #answer(): Promise<boolean> {
    const { output, signal } = this.#session;
    if (!process.stdin.isTTY || !process.stderr.isTTY || output.options.json) {
      throw new BackupError(
        'configuration',
        'There is nobody to be asked, so nothing was written. Look at the plan, then give --yes.',
      );
    }
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await reader.question('Restore? [y/N] ', { signal });
      return /^\s*y(?:es)?\s*$/i.test(answer);
    } finally {
      reader.close();
    }
  }
}
