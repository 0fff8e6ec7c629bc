import { BackupError, messageOf } from '../../base/errors';
import { english } from '../../base/localization';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { ManifestEntry, ManifestHeader, ManifestTotals } from '../../model/manifest';
import { RunProgress } from '../../model/progress';
import { absolute, type RemotePath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { SnapshotId } from '../../model/snapshotId';
import { lossText } from '../../report/lossText';
import { RunLog } from '../../report/runLog';
import type { RunReport, SkippedEntry } from '../../report/runReport';
import type { Environment } from '../../sources/environment';
import type { Source } from '../../sources/source';
import { writeWhole } from '../../store/description';
import type { StoreLock } from '../../store/lock';
import type { Store } from '../../store/store';
import { UnfinishedSnapshot } from '../../store/unfinishedSnapshot';
import { asLimited } from './bandwidthLimit';
import { confirmContents } from './confirmContents';
import { runAfter, runBefore } from './hooks';
import { decoderOf } from './nameDecoder';
import { openSource } from '../connect/openSource';
import { reportedCopies } from '../copies/reportedCopies';
import { lackOfFiles } from './lackOfFiles';
import { Planning } from './planning';
import { isRereadWanted, recordReread } from './reread';
import { changesIfKnown, noChanges } from './summarizeChanges';
import { summaryOf } from './summaryOf';
import { judge } from '../retention/guard';
import { withRoomAdvice } from '../retention/roomAdvice';
import { version } from '../version';

export interface BackUpOptions {
  readonly server: Server;
  readonly store: Store;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly progress?: RunProgress;
  /** What a person says of the snapshot, such as "before the update". At most 500 characters. */
  readonly note?: string;
  /** Asked once the store is locked: a run that another window has just made is not made again. */
  readonly isDue?: () => Promise<boolean>;
  /** Whether to compare all content with the server's. Default: as the server's `reread` says. */
  readonly reread?: boolean;
  /** Called when the store is locked and the run begins. Must not throw. */
  readonly onBegin?: () => void;
  /** Called with the report of the run, also of one that failed, when it has been written. Must not throw. */
  readonly onReport?: (report: RunReport) => void;
  /** Asked before a command of the configuration runs on the server; throws if it must not. */
  readonly approve?: () => Promise<void>;
  /** How the source is opened; tests bring their own. */
  readonly open?: typeof openSource;
}

/**
 * One run: copies the selection of a server into a new snapshot. Scanning, deciding, linking and
 * fetching overlap. Resolves with the report, also of an incomplete run (something was skipped);
 * rejects with the `BackupError` that ended the run, whose report is written as well. A run that
 * failed leaves what it has fetched for the next one.
 */
export async function backUp(options: BackUpOptions): Promise<RunReport> {
  const { store, environment } = options;
  await store.prepare();
  await using lock = await store.lockPatiently(environment.clock, options.signal);
  if (options.isDue && !(await options.isDue())) {
    throw new BackupError('locked', 'Another run has just backed up this server.');
  }
  const id = store.freeId(environment.clock);
  using log = new RunLog(store.layout.runLog(id), environment.clock, environment.log);
  options.onBegin?.();
  return await new Run(id, options, log, lock).execute();
}

class Run {
  readonly #id: SnapshotId;
  readonly #options: BackUpOptions;
  readonly #log: RunLog;
  readonly #lock: StoreLock;
  readonly #progress: RunProgress;
  readonly #started: number;
  readonly #skipped: SkippedEntry[] = [];
  readonly #warnings: { path: string; message: string }[] = [];
  #receivedBytes = 0;
  #isReread = false;

  constructor(id: SnapshotId, options: BackUpOptions, log: RunLog, lock: StoreLock) {
    this.#id = id;
    this.#options = options;
    this.#log = log;
    this.#lock = lock;
    this.#progress = options.progress ?? new RunProgress();
    this.#started = options.environment.clock.now();
  }

  async execute(): Promise<RunReport> {
    const { server } = this.#options;
    this.#log.info(
      `Backing up ${server.name} (${endpointOf(server)}): ${server.include.join(', ')}`,
    );
    try {
      const report = await this.#makeSnapshot();
      // The snapshot is there, whatever becomes of its report.
      await this.#writeReport(report).catch((error: unknown) => {
        this.#log.warn(`The report could not be written: ${messageOf(error)}`);
      });
      this.#log.info(summaryOf(report));
      if (report.suspicious) this.#log.warn(`Suspicious: ${lossText(report.suspicious, english)}.`);
      this.#options.onReport?.(report);
      return report;
    } catch (caught) {
      const { store, environment, signal } = this.#options;
      const { clock } = environment;
      const error = await withRoomAdvice(caught, { server, store, clock, signal });
      const known = error instanceof BackupError ? error : undefined;
      const kind = known?.kind ?? 'protocol';
      this.#log.error(`The run failed (${kind}): ${messageOf(error)}`);
      const reason = { kind, message: messageOf(error) };
      const report: RunReport = { ...this.#reportSoFar(), status: 'failed', error: reason };
      await this.#writeReport(report).catch(() => undefined);
      this.#options.onReport?.(report);
      throw error;
    }
  }

  /** The command `after` is to be run whatever becomes of the backup, once `before` was. */
  async #makeSnapshot(): Promise<RunReport> {
    const { server, environment, signal } = this.#options;
    const own = { ...environment, log: this.#log };
    await this.#options.approve?.();
    await runBefore(server, own, signal);
    try {
      return await this.#copy();
    } finally {
      const fault = await runAfter(server, own, signal);
      if (fault !== undefined) this.#warn('after', fault);
    }
  }

  async #copy(): Promise<RunReport> {
    const { server, store, environment, signal, open = openSource } = this.#options;
    await using source = await open(server, { ...environment, log: this.#log }, signal);
    this.#progress.phase = 'running';
    await using unfinished = await UnfinishedSnapshot.begin(store, {
      header: this.#header(),
      progress: this.#progress,
      clock: environment.clock,
      log: this.#log,
      decode: decoderOf(server),
      onWarning: (path, message) => this.#warn(absolute(path), message),
    });
    this.#isReread = this.#options.reread ?? (await isRereadWanted(store, server, this.#started));
    const foundDifference = await this.#transfer(source, unfinished);
    this.#progress.phase = 'publishing';
    this.#lock.check();
    this.#receivedBytes = source.receivedBytes;
    const finished = new Date(environment.clock.now()).toISOString();
    const totals = await unfinished.publish(
      { finished, receivedBytes: this.#receivedBytes },
      (entry) => this.#reportSkipped(entry),
    );
    if (this.#isReread) {
      await recordReread(store, this.#started).catch((error: unknown) => {
        this.#log.warn(`That all was compared could not be written down: ${messageOf(error)}`);
      });
    }
    await this.#note();
    const report = this.#report(totals);
    if (!unfinished.former) return report;
    const { former } = unfinished;
    const changes = foundDifference
      ? await changesIfKnown(store, former.id, this.#id, this.#log)
      : { changes: noChanges(former.id) };
    const equals = foundDifference ? undefined : former.id;
    return { ...report, ...changes, ...(await this.#suspicion(equals)) };
  }

  async #note(): Promise<void> {
    const { store, note } = this.#options;
    if (note === undefined) return;
    await store.notes.set(this.#id, note).catch((error: unknown) => {
      this.#warn('note', `It could not be written down: ${messageOf(error)}`);
    });
  }

  /** What the guard of the retention says to the new snapshot. */
  async #suspicion(equals: SnapshotId | undefined): Promise<Pick<RunReport, 'suspicious'>> {
    const { server, store } = this.#options;
    if (server.unattended?.guard === false) return {};
    try {
      const made = { id: this.#id, ...(equals && { equals }) };
      const found = (await judge(store, made)).find(({ snapshot }) => snapshot === this.#id);
      if (!found) return {};
      const { snapshot, ...suspicious } = found;
      return { suspicious };
    } catch (error) {
      // The retention asks again, and removes nothing as long as there is no answer.
      this.#log.warn(`Whether too much was lost could not be found: ${messageOf(error)}`);
      return {};
    }
  }

  /**
   * Plans and fetches at the same time; the first failure of either ends both. Resolves with whether
   * anything differs from the last snapshot.
   */
  async #transfer(source: Source, unfinished: UnfinishedSnapshot): Promise<boolean> {
    const { server, store, environment, signal } = this.#options;
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const selection = Selection.of(server);
    const { staging, arrivals, former } = unfinished;
    const own = { ...environment, log: this.#log };
    const confirmed =
      this.#isReread && former
        ? await confirmContents({
            ...{ server, source, selection, former, disk: store.disk },
            ...{ environment: own, signal: running },
          })
        : undefined;
    const planning = new Planning({
      ...{ staging, former, selection, confirmed },
      ...{ clock: environment.clock, progress: this.#progress },
      findsTwins: source.fetchesDifferences === true,
    });
    const plan = async (): Promise<void> => {
      const hadContent = former && ((folder: RemotePath) => former.hadContent(folder));
      await planning.plan(source.scan(selection, running, hadContent), running);
      await unfinished.endPlan();
    };
    const wait = async (notBefore: number): Promise<void> => {
      const milliseconds = notBefore - environment.clock.monotonic();
      if (milliseconds > 0) await environment.clock.sleep(milliseconds, running);
    };
    const stopOnFailure = async (work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    };
    const sink = asLimited(arrivals, server, environment.clock, running);
    const fetching = source.fetch(staging.wanted(wait, running), sink, running);
    const results = await Promise.allSettled([stopOnFailure(plan()), stopOnFailure(fetching)]);
    if (stop.signal.aborted && !signal.aborted) throw stop.signal.reason;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const lack = await lackOfFiles(source, server, planning.foundNoFile, signal);
    if (lack !== undefined) this.#warn(server.include.join(', '), lack);
    return planning.foundDifference;
  }

  #header(): ManifestHeader {
    const { server } = this.#options;
    return {
      format: 1,
      server: server.name,
      endpoint: endpointOf(server),
      snapshot: this.#id,
      started: new Date(this.#started).toISOString(),
      include: server.include,
      exclude: server.exclude,
      tool: `sauvegarde ${version}`,
    };
  }

  #reportSkipped(entry: ManifestEntry): void {
    if (!entry.skipped) return;
    const { kind, message } = entry.skipped;
    const path = absolute(entry.path);
    this.#skipped.push({ path, kind, message });
    const kept = entry.carried === undefined ? '' : ` The copy of ${entry.carried} is kept.`;
    this.#log.warn(`Skipped ${JSON.stringify(path)} (${kind}): ${message}${kept}`);
  }

  /** @param about a path as people write it, or the name of a hook */
  #warn(about: string, message: string): void {
    this.#warnings.push({ path: about, message });
    this.#log.warn(`${JSON.stringify(about)}: ${message}`);
  }

  #report(totals: ManifestTotals): RunReport {
    const { digest, finished, skipped, ...counts } = totals;
    return { ...this.#reportSoFar(), ...counts, skipped: this.#skipped };
  }

  #reportSoFar(): Omit<RunReport, 'status'> {
    const finished = this.#options.environment.clock.now();
    const { fetchedFiles, fetchedBytes, linkedFiles, keptFiles } = this.#progress;
    const none = { files: 0, directories: 0, symlinks: 0, bytes: 0 };
    return {
      server: this.#options.server.name,
      endpoint: endpointOf(this.#options.server),
      snapshot: this.#id,
      started: new Date(this.#started).toISOString(),
      finished: new Date(finished).toISOString(),
      seconds: (finished - this.#started) / 1000,
      ...none,
      ...{ fetchedFiles, fetchedBytes, linkedFiles, keptFiles },
      ...(this.#isReread && { reread: true }),
      ...(this.#options.note !== undefined && { note: this.#options.note }),
      ...reportedCopies(this.#options.server, this.#options.store),
      receivedBytes: this.#receivedBytes,
      skipped: [],
      warnings: this.#warnings,
    };
  }

  async #writeReport(report: RunReport): Promise<void> {
    const { disk, layout } = this.#options.store;
    await writeWhole(disk, layout.runReport(this.#id), `${JSON.stringify(report, null, 2)}\n`);
  }
}
