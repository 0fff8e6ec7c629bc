import { BackupError, messageOf } from '../../base/errors';
import type { Log } from '../../base/log';
import { bytesText, countText } from '../../report/figures';
import { RunLog } from '../../report/runLog';
import type { RunReport } from '../../report/runReport';
import { applyRetention, type RetentionOptions, type RetentionResult } from './retention';

/**
 * Applies the retention after a run, if the run was complete and there is a rule; what came of it stands
 * in the run's log. Undefined if there was nothing to apply, or it could not be: the next run applies it.
 * Never rejects.
 */
export async function retainAfterRun(
  report: RunReport,
  options: RetentionOptions & { readonly log: Log },
): Promise<RetentionResult | undefined> {
  const { server, log } = options;
  if (report.status !== 'complete' || !server.unattended?.keep) return undefined;
  using runLog = openLog(report, options);
  return await retain(options, runLog ?? log);
}

/** Where the run's log cannot be continued, only the program's own is. */
function openLog(
  { snapshot }: RunReport,
  { store, clock, log }: RetentionOptions & { readonly log: Log },
): RunLog | undefined {
  try {
    return new RunLog(store.layout.runLog(snapshot), clock, log);
  } catch {
    return undefined;
  }
}

async function retain(options: RetentionOptions, log: Log): Promise<RetentionResult | undefined> {
  try {
    const result = await applyRetention(options);
    const [suspicion] = result.suspicions;
    if (suspicion) {
      log.warn(
        `Retention stands still: ${suspicion.snapshot} is suspicious. If it is right: sauvegarde accept ${options.server.name}`,
      );
    } else if (result.removed.length > 0) {
      const count = countText(result.removed.length, 'snapshot');
      log.info(`Retention removed ${count} (${bytesText(result.freedBytes)}).`);
    }
    return result;
  } catch (error) {
    // Another run has begun meanwhile: it applies the retention in its turn.
    const isBusy = error instanceof BackupError && error.kind === 'locked';
    if (!isBusy) log.warn(`Retention could not be applied: ${messageOf(error)}`);
    return undefined;
  }
}
