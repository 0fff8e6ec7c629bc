import type { Clock } from '../../base/clock';

/**
 * What is asked for by many is worked out once: for all who ask while that is under way, and for those who
 * ask soon after. What failed is not kept.
 * @param lifetime milliseconds
 */
export function recently<T>(
  work: () => Promise<T>,
  lifetime: number,
  clock: Clock,
): () => Promise<T> {
  let latest: { readonly value: Promise<T>; until: number } | undefined;
  return () => {
    if (latest && clock.monotonic() < latest.until) return latest.value;
    const now = { value: work(), until: Infinity };
    latest = now;
    now.value.then(
      () => (now.until = clock.monotonic() + lifetime),
      () => (now.until = -Infinity),
    );
    return now.value;
  };
}
