import { BackupError, messageOf } from '../../base/errors';
import type { ManifestEntry } from '../../model/manifest';
import { RunProgress } from '../../model/progress';
import { absolute, type RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { bytesText, countText, durationText } from '../../report/figures';
import type { NotRestored, RestoreReport } from '../../report/restoreReport';
import type { RunLog } from '../../report/runLog';
import type { Target } from '../../targets/target';
import { Checking } from './checking';
import type { OpenedDestination } from './openDestination';
import { Placing } from './placing';
import type { RestorePlanFile } from './planFile';
import type { PlannedAction } from './plannedAction';
import { PlanCounts, type PlanningOptions } from './planning';
import type { RestoreOptions } from './restoreOptions';
import { makeSafetySnapshot, type Saved } from './safety';
import { SnapshotContents } from './snapshotContent';
import { Touched } from './touched';
import { withoutNeedless } from './withoutNeedless';
import { Writing } from './writing';

/** So many entries that failed, and so many warnings, are named in a report; all are in the log. */
const mostNamed = 1000;

/** One restore from its plan to its report. */
export class Execution {
  readonly options: RestoreOptions;
  readonly counts = new PlanCounts();
  readonly #id: SnapshotId;
  readonly #log: RunLog;
  readonly #progress: RunProgress;
  readonly #started: number;
  readonly #touched = new Touched();
  readonly #failed: NotRestored[] = [];
  readonly #failedPlaces = new Set<RemotePath>();
  readonly #warnings: string[] = [];
  readonly #done = { created: 0, overwritten: 0, deleted: 0, bytes: 0 };
  #failedCount = 0;
  #target = '';
  #saved: Saved | undefined;
  #verified = false;

  constructor(id: SnapshotId, options: RestoreOptions, log: RunLog) {
    this.options = options;
    this.#id = id;
    this.#log = log;
    this.#progress = options.progress ?? new RunProgress();
    this.#started = options.environment.clock.now();
  }

  /** Writes the plan down; what stays as it is is only counted, but for folders, whose times may change. */
  async plan(
    actions: AsyncIterable<PlannedAction>,
    file: RestorePlanFile,
    target: Target,
  ): Promise<void> {
    const { server, snapshot, onPlanned } = this.options;
    this.#target = target.label;
    this.#log.info(`Restoring ${snapshot} of ${server.name} to ${this.#target}.`);
    this.#progress.phase = 'running';
    for await (const action of actions) {
      this.counts.add(action);
      this.#touched.add(action);
      if (action.how !== 'leftover') onPlanned?.(action);
      if (action.action === 'impossible') {
        this.#fail(action, 'impossible', action.reason ?? '');
      } else if (action.action !== 'same' || action.entry.type === 'directory') {
        await file.append(action);
      }
    }
    await file.end();
    const { created, overwritten, deleted } = this.counts;
    this.#progress.wantedFiles = created + overwritten + deleted;
    this.#progress.wantedBytes = this.counts.bytes;
    this.#progress.scanned = true;
  }

  async run(
    { target, kind }: OpenedDestination,
    { header, survey }: PlanningOptions,
    file: RestorePlanFile,
  ): Promise<RestoreReport> {
    const { environment, signal, to } = this.options;
    const { clock } = environment;
    const placing = this.#placing(target);
    const writing = new Writing({
      ...{ target, placing, touched: this.#touched, signal },
      onDone: (action) => this.#count(action),
      onFailed: (action, error) => this.#failAt(action, error),
    });
    const actions = (): AsyncIterable<PlannedAction> => file.actions();
    if (kind.at === 'server') await writing.probe(actions());
    if ('server' in to) {
      const allowed = (): AsyncIterable<PlannedAction> => filtered(actions(), writing);
      this.#saved = await makeSafetySnapshot({
        ...{ server: to.server, store: to.store, reader: target.reader, header },
        ...{ actions: allowed, clock, log: this.#log, signal },
      });
      if (this.#saved) {
        const { snapshot } = this.#saved;
        this.#log.info(`What will be overwritten or deleted is kept in snapshot ${snapshot}.`);
      }
    }
    await writing.clear(actions());
    await writing.write(this.#withoutNeedless(actions()));
    await writing.delete(actions());
    await this.#check({ target, kind }, survey.roots, actions());
    await writing.settleFolders(actions());
    for (const note of target.notes) this.#warn(note);
    const report = this.#report();
    this.#log.info(summaryOf(report));
    return report;
  }

  /** What was just saved has told what is there: content that is right already need not travel. */
  #withoutNeedless(actions: AsyncIterable<PlannedAction>): AsyncIterable<PlannedAction> {
    const { to } = this.options;
    if (!('server' in to) || !this.#saved) return actions;
    const { snapshot, read } = this.#saved;
    return withoutNeedless(actions, to.store.entries(snapshot), read);
  }

  /** The report of a restore that ended with an error. */
  failed(error: unknown): RestoreReport {
    const kind = error instanceof BackupError ? error.kind : 'protocol';
    return { ...this.#report(), status: 'failed', error: { kind, message: messageOf(error) } };
  }

  #placing(target: Target): Placing {
    const { store, snapshot, environment, signal } = this.options;
    return new Placing({
      ...{ target, signal, clock: environment.clock },
      contents: new SnapshotContents(store, snapshot, signal),
      onSubstitute: (action, from) => {
        const path = shown(action.place);
        this.#warn(
          `${path}: its file in the snapshot is damaged; the same content came from ${from}.`,
        );
      },
    });
  }

  async #check(
    { target, kind }: OpenedDestination,
    roots: readonly RemotePath[],
    actions: AsyncIterable<PlannedAction>,
  ): Promise<void> {
    const { environment, signal, verify } = this.options;
    this.#progress.phase = 'publishing';
    const checking = new Checking({
      ...{ target, kind, roots, touched: this.#touched, clock: environment.clock, signal },
      hasFailed: ({ place }) => this.#failedPlaces.has(place),
      onFailed: (action, error) => this.#failAt(action, error),
      onWarning: ({ place }, message) => this.#warn(`${shown(place)}: ${message}`),
      onLeftover: ({ path, type }) =>
        (type === 'directory'
          ? target.removeFolder(path, signal)
          : target.removeFile(path, signal)
        ).catch(() => undefined),
    });
    if (verify !== true) {
      await checking.list(actions);
      return;
    }
    const before = this.#failedCount;
    await checking.readBack(actions);
    this.#verified = this.#failedCount === before;
  }

  #count({ action, entry, how }: PlannedAction): void {
    if (how === 'leftover') return;
    this.#progress.fetchedFiles += 1;
    if (action === 'create') this.#done.created += 1;
    if (action === 'overwrite') this.#done.overwritten += 1;
    if (action === 'delete') this.#done.deleted += 1;
    if (action !== 'delete' && how !== 'attributes') this.#countBytes(entry);
  }

  #countBytes({ type, size = 0 }: ManifestEntry): void {
    if (type !== 'file') return;
    this.#done.bytes += size;
    this.#progress.fetchedBytes += size;
  }

  #failAt(action: PlannedAction, { kind, message }: BackupError): void {
    this.#fail(action, kind, message);
  }

  #fail({ place }: PlannedAction, kind: NotRestored['kind'], message: string): void {
    this.#failedCount += 1;
    this.#failedPlaces.add(place);
    this.#progress.skipped += 1;
    const path = shown(place);
    if (this.#failed.length < mostNamed) this.#failed.push({ path, kind, message });
    this.#log.warn(`Not restored ${JSON.stringify(path)} (${kind}): ${message}`);
  }

  #warn(message: string): void {
    if (this.#warnings.length < mostNamed) this.#warnings.push(message);
    this.#log.warn(message);
  }

  #report(): RestoreReport {
    const { server, snapshot, environment } = this.options;
    const finished = environment.clock.now();
    return {
      ...{ server: server.name, snapshot, restore: this.#id, target: this.#target },
      status: this.#failedCount > 0 ? 'incomplete' : 'complete',
      started: new Date(this.#started).toISOString(),
      finished: new Date(finished).toISOString(),
      seconds: (finished - this.#started) / 1000,
      ...this.#done,
      same: this.counts.same,
      failed: this.#failed,
      failedCount: this.#failedCount,
      safetySnapshot: this.#saved?.snapshot ?? null,
      verified: this.#verified,
      warnings: this.#warnings,
    };
  }
}

async function* filtered(
  actions: AsyncIterable<PlannedAction>,
  writing: Writing,
): AsyncGenerator<PlannedAction, void, undefined> {
  for await (const action of actions) if (writing.isAllowed(action)) yield action;
}

function shown(place: RemotePath): string {
  return absolute(place);
}

function summaryOf(report: RestoreReport): string {
  const { created, overwritten, same, deleted, failedCount, bytes, seconds } = report;
  return [
    `The restore is ${report.status}: ${created} created, ${overwritten} overwritten,`,
    `${same} left alone, ${deleted} deleted, ${countText(failedCount, 'entry', 'entries')} not restored;`,
    `${bytesText(bytes)} written in ${durationText(seconds)}.`,
  ].join(' ');
}
