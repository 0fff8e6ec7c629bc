import { graceOf } from '../../model/schedule/overdue';
import type { Schedule } from '../../model/schedule/schedule';

const minute = 60_000;

/** How long to wait before each further attempt at a run that could not reach its server. */
const retryAfter = [2 * minute, 10 * minute, 30 * minute];
/** How long to wait for a run of another window or program. */
const busyAfter = 5 * minute;

/** A due moment that has not been taken care of. */
export interface Pending {
  /** Milliseconds since 1970. */
  readonly due: number;
  /** The earliest start, in milliseconds of the monotonic clock. */
  readonly notBefore: number;
  /** How many attempts have failed. */
  readonly failed: number;
  /** Whether nothing has been tried yet: whoever may be overdue is about to be caught up. */
  readonly isFresh: boolean;
}

/** What is planned for one server: which due moment comes next, and what became of the last one. */
export class ServerPlan {
  readonly schedule: Schedule;
  readonly #delay: number;
  /** The last due moment that is taken care of. */
  #handled = -Infinity;
  /** Nothing new is due before this moment. */
  #next = -Infinity;
  /** Whether the server is overdue can have changed at this moment, not before. */
  #overdueLook = -Infinity;
  pending: Pending | undefined;
  isRunning = false;

  /** @param spread the longest delay of a start, in milliseconds: not all servers start at once */
  constructor(name: string, schedule: Schedule, spread: number) {
    this.schedule = schedule;
    this.#delay = delayOf(name, spread);
  }

  /** Milliseconds since 1970, or undefined if nothing more is due. */
  get next(): number | undefined {
    return Number.isFinite(this.#next) ? this.#next : undefined;
  }

  /** The clock was set back: what seemed to come later may be due now. */
  forgetFuture(now: number, believedAhead: number): void {
    this.#next = this.#overdueLook = -Infinity;
    if (this.#handled > now + believedAhead) this.#handled = -Infinity;
  }

  /** The due moment that nobody has looked at yet, or undefined. */
  newlyDue(now: number): number | undefined {
    if (now < this.#next) return undefined;
    const due = this.schedule.lastUntil(now);
    this.#next = this.schedule.nextAfter(now) ?? Infinity;
    return due !== undefined && due > this.#handled ? due : undefined;
  }

  wait(due: number, monotonic: number): void {
    this.pending = { due, notBefore: monotonic + this.#delay, failed: 0, isFresh: true };
  }

  /** Whoever has done it: nothing more is to be done for this due moment. */
  done(due: number): void {
    this.#handled = Math.max(this.#handled, due);
    if (this.pending && this.pending.due <= due) this.pending = undefined;
  }

  /** Another run is under way: it may have begun before this due moment, so it is looked at again. */
  waitForOther(pending: Pending, monotonic: number): void {
    this.pending = { ...pending, notBefore: monotonic + busyAfter, isFresh: false };
  }

  /** Whether a failed attempt would be followed by another one before the next due moment. */
  mayRetry({ failed }: Pending, now: number): boolean {
    const delay = retryAfter[failed];
    if (delay === undefined) return false;
    return now + delay < (this.schedule.nextAfter(now) ?? Infinity);
  }

  retry(pending: Pending, monotonic: number): void {
    const delay = retryAfter[pending.failed] ?? 0;
    const notBefore = monotonic + delay;
    this.pending = { ...pending, failed: pending.failed + 1, notBefore, isFresh: false };
  }

  /** Whether it is time to look whether the server is overdue: twice for each due moment. */
  isOverdueLook(now: number): boolean {
    if (this.isRunning || this.pending?.isFresh === true || now < this.#overdueLook) return false;
    const due = this.schedule.lastUntil(now);
    const tolerated = due === undefined ? -Infinity : due + graceOf(this.schedule, due);
    this.#overdueLook = now < tolerated ? tolerated : (this.schedule.nextAfter(now) ?? Infinity);
    return true;
  }
}

/** The same for a server in every window and program. FNV-1a. */
function delayOf(name: string, spread: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return spread > 0 ? hash % spread : 0;
}
