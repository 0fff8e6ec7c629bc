import type { Standing } from '../../model/overview/overview';
import { overdueAt } from '../../model/schedule/overdue';
import type { Schedule } from '../../model/schedule/schedule';
import type { StoreState } from './readStore';

/** The worst that is known of a server, as the status bar would say it. */
export function standingOf(
  { runs, lastGood, suspicions, damaged }: StoreState,
  schedule: Schedule | undefined,
  now: number,
): Standing {
  const last = runs.findLast(({ status }) => status !== 'cancelled');
  if (last?.status === 'failed') return { state: 'failed', reason: last.error ?? '' };
  const overdue = schedule && overdueAt(schedule, lastGood, now);
  if (overdue) return { state: 'overdue', due: overdue.due };
  const [loss] = suspicions;
  if (loss) return { state: 'suspicious', loss };
  if (damaged > 0) return { state: 'damaged', entries: damaged };
  if (!last) return { state: 'never' };
  return { state: last.status === 'incomplete' ? 'incomplete' : 'good' };
}
