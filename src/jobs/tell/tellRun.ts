import { english, type Localization } from '../../base/localization';
import type { Server } from '../../model/configuration/server';
import type { SnapshotId } from '../../model/snapshotId';
import { newsOfCopies, type CopyTrouble } from '../../report/newsOfCopies';
import { newsOfDamage, type DamagedSnapshot } from '../../report/newsOfDamage';
import { newsOfLateness, newsOfRun, type Lateness } from '../../report/news';
import { RunLog } from '../../report/runLog';
import type { RunReport } from '../../report/runReport';
import { tell, type TellingContext, type Untold } from '../../report/tell';
import type { Store } from '../../store/store';
import { attachedLog } from './attachedLog';

export interface TellOptions extends TellingContext {
  /** The language of mails. Default: English. */
  readonly l10n?: Localization;
}

/**
 * Tells how a run went, by mail, webhook and monitor, as the server's `report` says; what came of it is
 * a line in the run's log. Resolves with what could not be sent. Never rejects.
 */
export async function tellRun(
  report: RunReport,
  server: Server,
  store: Store,
  options: TellOptions,
): Promise<readonly Untold[]> {
  if (!server.report) return [];
  const { environment, l10n = english } = options;
  const news = newsOfRun(
    report,
    await attachedLog(store, store.layout.runLog(report.snapshot)),
    l10n,
  );
  using runLog = openLog(store.layout.runLog(report.snapshot), environment);
  const { clock, credentials } = environment;
  const log = runLog ?? environment.log;
  return await tell(news, server.report, { ...options, environment: { clock, credentials, log } });
}

/**
 * Tells that a server's last good backup is older than its schedule allows: it counts as a failure.
 * Resolves with what could not be sent. Never rejects. The caller sees to it that each is told once.
 */
export async function tellOverdue(
  server: Server,
  late: Lateness,
  options: TellOptions,
): Promise<readonly Untold[]> {
  if (!server.report) return [];
  return await tell(newsOfLateness(server, late, options.l10n ?? english), server.report, options);
}

/**
 * Tells that snapshots are damaged: it counts as a failure. What was found is in the log of the run that
 * led to it. Resolves with what could not be sent. Never rejects.
 * @param run after which it was found
 */
export async function tellDamage(
  server: Server,
  store: Store,
  run: SnapshotId,
  snapshots: readonly DamagedSnapshot[],
  options: TellOptions,
): Promise<readonly Untold[]> {
  const { environment, l10n = english } = options;
  using runLog = openLog(store.layout.runLog(run), environment);
  const { clock, credentials } = environment;
  const log = runLog ?? environment.log;
  for (const { snapshot, damaged } of snapshots) {
    for (const { kind, path } of damaged) {
      log.error(`Damaged in ${snapshot} (${kind}): ${JSON.stringify(path)}`);
    }
  }
  if (!server.report) return [];
  const news = newsOfDamage(server, snapshots, l10n);
  return await tell(news, server.report, { ...options, environment: { clock, credentials, log } });
}

/**
 * Tells that off-site copies could not be made or proven: it counts as a failure. Resolves with what could
 * not be sent. Never rejects.
 */
export async function tellCopyTrouble(
  server: Server,
  trouble: readonly CopyTrouble[],
  options: TellOptions,
): Promise<readonly Untold[]> {
  const [first, ...others] = trouble;
  if (!server.report || !first) return [];
  const news = newsOfCopies(server, [first, ...others], options.l10n ?? english);
  return await tell(news, server.report, options);
}

/** The log of a run that has ended. Where it cannot be written, only the program's own is. */
export function openLog(
  file: string,
  { clock, log }: TellingContext['environment'],
): RunLog | undefined {
  try {
    return new RunLog(file, clock, log);
  } catch {
    return undefined;
  }
}
