import type { Clock } from '../../base/clock';
import { isForWantOfConnection } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import type { Store } from '../../store/store';
import { hasRunSince } from './lastRun';
import type { Attempt } from './scheduler';
import { ServerPlan } from './serverPlan';

/**
 * Backs a server up if it is due by its schedule and has not been backed up since: what the scheduler of
 * the system calls. One that could not be reached is tried again, as by our own scheduler.
 * @param run one run; its error ends this unless it is for want of a connection
 * @returns whether it was due
 */
export async function runIfDue(
  server: Server,
  store: Store,
  clock: Clock,
  run: (attempt: Attempt) => Promise<unknown>,
  signal: AbortSignal,
): Promise<boolean> {
  const schedule = scheduleOf(server);
  const plan = schedule && new ServerPlan(server.name, schedule);
  const due = plan?.newlyDue(clock.now());
  if (!plan || due === undefined) return false;
  const isDue = async (): Promise<boolean> => {
    const only = (plan.pending?.failed ?? 0) > 0 ? 'successful' : undefined;
    return !(await hasRunSince(store, due, clock.now(), only));
  };
  if (!(await isDue())) return false;
  plan.pending = { due, notBefore: clock.monotonic(), failed: 0, isFresh: true };
  for (let { pending } = plan; ; pending = plan.pending) {
    const willRetry = plan.mayRetry(pending, clock.now());
    try {
      await run({ willRetry, isDue });
      return true;
    } catch (error) {
      if (!willRetry || !isForWantOfConnection(error)) throw error;
      plan.retry(pending, clock.monotonic());
      await clock.sleep(plan.pending.notBefore - clock.monotonic(), signal);
      if (!(await isDue())) return true;
    }
  }
}
