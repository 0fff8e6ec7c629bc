/** How often all content is compared with the server's, whatever its sizes and times say. */
export type RereadPeriod = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

const day = 86_400_000;
const periods: Readonly<Record<RereadPeriod, number>> = {
  daily: day,
  weekly: 7 * day,
  monthly: 30 * day,
  quarterly: 91 * day,
  yearly: 365 * day,
};
/** A run that begins a little earlier in the day than the last one is of the next period all the same. */
const slack = 0.4 * day;

export const rereadPeriods = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;

/**
 * Whether a run that begins now is to compare all content.
 * @param last when the last one that did so began, in milliseconds since 1970; undefined: never
 */
export function isRereadDue(period: RereadPeriod, last: number | undefined, now: number): boolean {
  // One of the future was told by a clock that was wrong.
  if (last === undefined || last > now + day) return true;
  return now - last >= periods[period] - slack;
}
