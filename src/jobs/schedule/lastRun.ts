import { snapshotTime } from '../../model/snapshotId';
import type { Store } from '../../store/store';
import { readReport, runIds } from '../history/runHistory';

/** A clock that was set back by more than this, in milliseconds, was wrong before: what it dated is not believed. */
const believedAhead = 25 * 3_600_000;

/** So many runs are looked at for one that counts. */
const mostLookedAt = 50;

/**
 * Whether a run has begun since a due moment. One that was cancelled does not count: the window or the
 * program that ran it has ended.
 * @param due milliseconds since 1970
 * @param only `successful`: a run that failed does not count either
 */
export async function hasRunSince(
  store: Store,
  due: number,
  now: number,
  only?: 'successful',
): Promise<boolean> {
  for (const id of (await runIds(store)).slice(0, mostLookedAt)) {
    // Runs within one second are told apart by ids that are some seconds late, never early.
    if (snapshotTime(id) < due - (due % 1000)) return false;
    const report = await readReport(store, id);
    if (!report || report.error?.kind === 'cancelled') continue;
    if (only === 'successful' && report.status === 'failed') continue;
    const started = Date.parse(report.started);
    if (started >= due && started <= now + believedAhead) return true;
  }
  return false;
}
