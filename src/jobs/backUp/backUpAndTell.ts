import { BackupError, isForWantOfConnection, messageOf } from '../../base/errors';
import { endpointOf } from '../../model/configuration/server';
import { snapshotIdAt } from '../../model/snapshotId';
import type { RunReport } from '../../report/runReport';
import { callMonitor, type Untold } from '../../report/tell';
import { backUp, type BackUpOptions } from './backUp';
import {
  copyAfterRun,
  nothingCopied,
  type CopiedAfterRun,
  type CopyAfterRunOptions,
} from '../copies/copyAfterRun';
import { emptyTrash } from '../../store/removal';
import { retainAfterRun } from '../retention/retainAfterRun';
import type { RetentionResult } from '../retention/retention';
import { tellRun, type TellOptions } from '../tell/tellRun';
import type { Verified } from '../verify/verified';
import { verifyAfterRun } from '../verify/verifyAfterRun';

export interface BackUpAndTellOptions
  extends
    BackUpOptions,
    Pick<TellOptions, 'l10n' | 'limits'>,
    Pick<CopyAfterRunOptions, 'onCopyProgress'> {
  /** Whether another attempt follows if the server cannot be reached: that is no news yet. */
  readonly willRetry?: boolean;
  /** How the run itself is made, where more belongs to it, such as asking again for a password. */
  readonly run?: typeof backUp;
}

export interface ToldRun {
  /** What `backUp` resolved or rejected with. */
  readonly outcome: PromiseSettledResult<RunReport>;
  /** What could not be sent, and why. Nothing is wrong with the backup itself for that. */
  readonly untold: readonly Untold[];
  /** What the retention did after a complete run. */
  readonly retention?: RetentionResult;
  /** Resolves when nothing of removed snapshots is left on the disk. Nobody need wait for it. */
  readonly emptied: Promise<void>;
  /** What reading a part of the store again has found, where the server's `verify` says so. */
  readonly verified: readonly Verified[];
  /** What came of the off-site copies, which may take hours. Never rejects. */
  readonly copied: Promise<CopiedAfterRun>;
}

/**
 * One run, telling how it went, and what follows it: some of the store is read again, the snapshots
 * are thinned out, and copied off-site. The monitor is called when the run begins, while it is under
 * way, and when it has ended. Nobody is told of a run that was cancelled, or that another run kept from
 * starting. Never rejects.
 */
export async function backUpAndTell(options: BackUpAndTellOptions): Promise<ToldRun> {
  const { server, store, environment, run: makeRun = backUp } = options;
  const started = environment.clock.now();
  let report: RunReport | undefined;
  let beginning: Promise<readonly Untold[]> | undefined;
  const run = makeRun({
    ...options,
    onBegin: () => {
      options.onBegin?.();
      // A run that asks again for a password begins anew, and is the same run to the monitor.
      beginning ??= callMonitor(server.report?.monitor?.start, options);
    },
    onReport: (found) => {
      options.onReport?.(found);
      report = found;
    },
  });
  const [outcome] = await Promise.allSettled([run]);
  const untold = [...((await beginning) ?? [])];
  if (outcome.status === 'fulfilled') report ??= outcome.value;
  else if (isNoNews(outcome.reason, options.willRetry ?? false)) {
    const copied = Promise.resolve(nothingCopied);
    return { outcome, untold, verified: [], emptied: Promise.resolve(), copied };
  } else report ??= reportWithoutRun(options, outcome.reason, started);
  untold.push(...(await tellRun(report, server, store, options)));
  const { verified, untold: more } = await verifyAfterRun(report, options);
  untold.push(...more);
  const { clock, log } = environment;
  // Only now: what was just found damaged may be mended from a snapshot that would go.
  const retention = await retainAfterRun(report, { ...options, clock, log });
  const emptied = emptyTrash(store).catch((error: unknown) => {
    log.warn(`The trash could not be emptied: ${messageOf(error)}`);
  });
  const copied = copyAfterRun(report, options);
  return { outcome, untold, verified, ...(retention && { retention }), emptied, copied };
}

/** Somebody wanted it so, or another window or program is at it. */
function isNoNews(error: unknown, willRetry: boolean): boolean {
  if (willRetry && isForWantOfConnection(error)) return true;
  return error instanceof BackupError && (error.kind === 'cancelled' || error.kind === 'locked');
}

/** Of a run that failed before it could begin, such as on a full disk: it is told all the same. */
function reportWithoutRun(
  { server, environment }: BackUpOptions,
  error: unknown,
  started: number,
): RunReport {
  const finished = environment.clock.now();
  const kind = error instanceof BackupError ? error.kind : 'protocol';
  const none = { files: 0, directories: 0, symlinks: 0, bytes: 0, fetchedFiles: 0 };
  return {
    server: server.name,
    endpoint: endpointOf(server),
    snapshot: snapshotIdAt(started),
    status: 'failed',
    started: new Date(started).toISOString(),
    finished: new Date(finished).toISOString(),
    seconds: (finished - started) / 1000,
    ...none,
    ...{ fetchedBytes: 0, linkedFiles: 0, keptFiles: 0, receivedBytes: 0 },
    skipped: [],
    warnings: [],
    error: { kind, message: messageOf(error) },
  };
}
