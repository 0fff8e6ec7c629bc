/**
 * Restoring: the entrance. A plan first; then everything that will be overwritten or deleted on a server
 * is saved; then it is carried out, and looked at. Interrupted at any moment, the same restore goes on.
 */
import { BackupError, messageOf } from '../../base/errors';
import { isManifestWhole } from '../../store/manifestFile';
import { RunLog } from '../../report/runLog';
import type { RestoreReport } from '../../report/restoreReport';
import { RunProgress } from '../../model/progress';
import type { SnapshotId } from '../../model/snapshotId';
import { writeWhole } from '../../store/description';
import { Choice } from './choice';
import { openDestination, type OpenedDestination } from './openDestination';
import { RestorePlanFile } from './planFile';
import { PlanCounts, planned, type PlanningOptions } from './planning';
import { Execution } from './execution';
import type { PlanOptions, RestoreOptions } from './restoreOptions';
import { surveyOf } from './survey';

/** What a restore would do. Nothing is written, neither to the target nor to the store. */
export async function planRestore(options: PlanOptions): Promise<PlanCounts> {
  await requireUsable(options);
  const opened = await openDestination(options, false);
  await using _target = opened.target;
  const counts = new PlanCounts();
  for await (const action of planned(await planningOf(options, opened))) {
    counts.add(action);
    if (action.how !== 'leftover') options.onPlanned?.(action);
  }
  return counts;
}

/**
 * Plans, asks and restores. Resolves with the report, also of an incomplete restore (something was not
 * restored); rejects with the `BackupError` that ended it, whose report is written as well: `cancelled`
 * if the answer was no, `configuration` if nothing of the snapshot was named.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { store, environment, to } = options;
  await requireUsable(options);
  await store.prepare();
  store.disk.makeFolder(store.layout.restores);
  const written = 'server' in to ? to.store : undefined;
  await written?.prepare();
  // No backup may see the half of a restore, and no other restore be in its way.
  await using _lock = await written?.lockPatiently(environment.clock, options.signal);
  const id = store.freeId(environment.clock);
  using log = new RunLog(store.layout.restoreLog(id), environment.clock, environment.log);
  const execution = new Execution(id, { ...options, environment: { ...environment, log } }, log);
  try {
    const report = await carryOut(execution, options, id);
    await writeReport(options, id, report).catch((error: unknown) => {
      log.warn(`The report could not be written: ${messageOf(error)}`);
    });
    options.onReport?.(report);
    return report;
  } catch (error) {
    const report = execution.failed(error);
    log.error(`The restore failed (${report.error?.kind ?? ''}): ${messageOf(error)}`);
    await writeReport(options, id, report).catch(() => undefined);
    options.onReport?.(report);
    throw error;
  }
}

async function carryOut(
  execution: Execution,
  options: RestoreOptions,
  id: SnapshotId,
): Promise<RestoreReport> {
  const { store } = options;
  const opened = await openDestination(execution.options, true);
  await using _target = opened.target;
  await using plan = await RestorePlanFile.create(store.disk, store.layout.restorePlan(id));
  const planning = await planningOf(execution.options, opened);
  await execution.plan(planned(planning), plan, opened.target);
  if (!(await options.confirm(execution.counts))) {
    throw new BackupError('cancelled', 'Nothing was written: the answer was no.');
  }
  return await execution.run(opened, planning, plan);
}

async function planningOf(
  options: PlanOptions,
  { target, kind }: OpenedDestination,
): Promise<PlanningOptions> {
  const { store, snapshot, signal, environment } = options;
  const entries = (): ReturnType<typeof store.entries> => store.entries(snapshot);
  const header = await store.header(snapshot);
  const { paths } = options;
  const choice = 'chooses' in paths ? paths : await Choice.of(paths, entries);
  const survey = await surveyOf(header, entries(), choice, signal);
  if (survey.chosenEntries === 0) {
    throw new BackupError(
      'configuration',
      `Snapshot ${snapshot} holds nothing of what was named. See: sauvegarde ls ${options.server.name} ${snapshot}`,
    );
  }
  return {
    ...{ header, entries, choice, survey, target, kind, signal },
    overwrite: options.overwrite ?? 'changed',
    deletes: options.delete ?? false,
    clock: environment.clock,
    progress: options.progress ?? new RunProgress(),
  };
}

/** Throws where the snapshot is not fit to be restored from, before anything is connected to. */
async function requireUsable({ store, snapshot, server, ...options }: PlanOptions): Promise<void> {
  const { disk, layout } = store;
  if (!(await isManifestWhole(disk, layout.manifest(snapshot)))) {
    throw new BackupError(
      'protocol',
      `The manifest of ${snapshot} is damaged, so it cannot be restored from. Take another snapshot (sauvegarde list ${server.name}); the files of this one stand in ${layout.snapshot(snapshot)}.`,
      { scope: 'run' },
    );
  }
  if (options.delete === true && store.pins.of(snapshot) === 'before-restore') {
    throw new BackupError(
      'configuration',
      `${snapshot} holds only what a restore overwrote: --delete would remove all the rest. Leave it out.`,
    );
  }
}

async function writeReport(
  { store }: RestoreOptions,
  id: SnapshotId,
  report: RestoreReport,
): Promise<void> {
  const { disk, layout } = store;
  await writeWhole(disk, layout.restoreReport(id), `${JSON.stringify(report, null, 2)}\n`);
}
