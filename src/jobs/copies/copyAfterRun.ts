import { BackupError, messageOf, type ErrorKind } from '../../base/errors';
import type { CopyProgress } from '../../copies/copyRepository';
import type { Copy } from '../../model/configuration/copy';
import { isRereadDue } from '../../model/reread';
import type { SnapshotId } from '../../model/snapshotId';
import type { RunReport } from '../../report/runReport';
import type { CopyTrouble } from '../../report/newsOfCopies';
import type { Untold } from '../../report/tell';
import { readCopyState } from '../../store/copyStates';
import { StoreLock } from '../../store/lock';
import { openLog, tellCopyTrouble, type TellOptions } from '../tell/tellRun';
import { copySnapshots, type CopiedSnapshot, type CopyOptions } from './copySnapshots';
import { rehearse, type Rehearsed } from './rehearse';

export interface CopiedAfterRun {
  readonly copied: readonly CopiedSnapshot[];
  readonly rehearsed: readonly Rehearsed[];
  /** Copies that could not be made or proven: the next run tries again. */
  readonly failed: readonly FailedCopy[];
  /** What could not be sent. */
  readonly untold: readonly Untold[];
}

export interface FailedCopy {
  readonly copy: string;
  readonly kind: ErrorKind;
  readonly message: string;
}

export interface CopyAfterRunOptions
  extends
    Omit<CopyOptions, 'copy' | 'isDaily' | 'onCopied' | 'onProgress'>,
    Omit<TellOptions, 'environment' | 'signal'> {
  readonly onCopyProgress?: (copy: string, snapshot: SnapshotId, progress: CopyProgress) => void;
}

export const nothingCopied: CopiedAfterRun = { copied: [], rehearsed: [], failed: [], untold: [] };

/**
 * Makes the off-site copies of a server after a complete run, with what failed before, and rehearses those
 * that are due for it. What fails is told like a run that failed. Never rejects: the backup is as good
 * without it.
 */
export async function copyAfterRun(
  report: RunReport,
  options: CopyAfterRunOptions,
): Promise<CopiedAfterRun> {
  const { server, store, environment, signal } = options;
  const copies = (server.copies ?? []).filter(({ after }) => after !== 'never');
  if (report.status !== 'complete' || copies.length === 0) return nothingCopied;
  using runLog = openLog(store.layout.runLog(report.snapshot), environment);
  const own = { ...environment, log: runLog ?? environment.log };
  const work = new Copying({ ...options, environment: own });
  for (const copy of copies) {
    if (signal.aborted) break;
    await work.copy(copy);
  }
  const { copied, rehearsed, failed, trouble } = work;
  const untold =
    trouble.length === 0
      ? []
      : await tellCopyTrouble(server, trouble, { ...options, environment: own });
  return { copied, rehearsed, failed, untold };
}

/** The copies of one server, one after the other. */
class Copying {
  readonly copied: CopiedSnapshot[] = [];
  readonly rehearsed: Rehearsed[] = [];
  readonly failed: FailedCopy[] = [];
  readonly trouble: CopyTrouble[] = [];
  readonly #options: CopyAfterRunOptions;

  constructor(options: CopyAfterRunOptions) {
    this.#options = options;
  }

  async copy(copy: Copy): Promise<void> {
    const { onCopyProgress, store } = this.#options;
    try {
      await copySnapshots({
        ...this.#options,
        copy,
        isDaily: copy.after === 'daily',
        onCopied: (one) => this.copied.push(one),
        ...(onCopyProgress && {
          onProgress: (snapshot: SnapshotId, progress: CopyProgress): void =>
            onCopyProgress(copy.name, snapshot, progress),
        }),
      });
      const found = this.#isRehearsalDue(copy)
        ? await rehearse({ ...this.#options, copy })
        : undefined;
      if (!found) return;
      this.rehearsed.push(found);
      if (found.status === 'whole') return;
      const { doubtful } = readCopyState(store.disk, store.layout, copy.name);
      this.trouble.push({ what: 'damaged', copy: copy.name, message: doubtful?.message ?? '' });
    } catch (error) {
      this.#fail(copy, error);
    }
  }

  #fail(copy: Copy, error: unknown): void {
    const { signal, store, environment } = this.#options;
    if (signal.aborted) return;
    const kind = error instanceof BackupError ? error.kind : 'protocol';
    const message = messageOf(error);
    // The run that has begun meanwhile makes the copies in its turn.
    if (kind === 'locked' && StoreLock.isHeld(store.layout.lock, environment.clock)) return;
    environment.log.warn(`The copy to ${copy.name} failed (${kind}): ${message}`);
    this.failed.push({ copy: copy.name, kind, message });
    const { copied } = readCopyState(store.disk, store.layout, copy.name);
    const last = copied && { lastCopied: copied.snapshot };
    this.trouble.push({ what: 'failed', copy: copy.name, kind, message, ...last });
  }

  #isRehearsalDue({ name, rehearse: period }: Copy): boolean {
    const { store, environment } = this.#options;
    if (period === undefined) return false;
    const { rehearsed } = readCopyState(store.disk, store.layout, name);
    const last = rehearsed === undefined ? undefined : Date.parse(rehearsed);
    return isRereadDue(period, last, environment.clock.now());
  }
}
