import { messageOf } from '../../base/errors';
import type { RunReport } from '../../report/runReport';
import type { Untold } from '../../report/tell';
import { tellDamage, type TellOptions } from '../tell/tellRun';
import type { Verified } from './verified';
import { verify, type VerifyOptions } from './verify';

export interface VerifiedAfterRun {
  readonly verified: readonly Verified[];
  /** What could not be sent, or that nothing could be read. */
  readonly untold: readonly Untold[];
}

/**
 * Reads so much of the store again as the server's `verify` says, after a complete run. Damage is told
 * like a run that failed. Never rejects: the backup is as good without it.
 */
export async function verifyAfterRun(
  report: RunReport,
  options: Pick<VerifyOptions, 'server' | 'store' | 'environment'> & TellOptions,
): Promise<VerifiedAfterRun> {
  const { server, store, environment, signal } = options;
  const amount = server.verify;
  if (amount === undefined || report.status !== 'complete') return { untold: [], verified: [] };
  try {
    const verified = await verify({ server, store, environment, signal, scope: 'newest', amount });
    const damaged = verified.filter(({ status }) => status === 'damaged');
    if (damaged.length === 0) return { untold: [], verified };
    const untold = await tellDamage(server, store, report.snapshot, damaged, options);
    return { untold, verified };
  } catch (error) {
    if (signal.aborted) return { untold: [], verified: [] };
    const message = `The snapshots could not be read again: ${messageOf(error)}`;
    environment.log.warn(message);
    return { untold: [{ path: 'verify', message }], verified: [] };
  }
}
