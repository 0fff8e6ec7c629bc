import type { Order } from './dateParts';
import type { Listed } from './listed';

/**
 * Settles dates of which only the order of day and month was open, by what other lines of the listing
 * have shown. Without such evidence the form itself may tell;
 * else a time that may be wrong by months is worse than none.
 */
export function withOrder(entries: readonly Listed[], order: Order | undefined): Listed[] {
  return entries.map((entry) => {
    if (entry.either === undefined) return entry;
    const { either, ...known } = entry;
    return order === undefined ? known : { ...known, ...either[order] };
  });
}
