import type { Clock } from './clock';
import { BackupError } from './errors';
import { throwIfAborted } from './abort';

/** How often a request is made again after a transient error, and how long to wait before each. */
export interface Patience {
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly firstDelay: number;
}

export const usualPatience: Patience = { attempts: 4, firstDelay: 250 };

/** Runs `operation` until it succeeds, fails for good, or the patience is used up. */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  patience: Patience = usualPatience,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    throwIfAborted(signal);
    try {
      return await operation(attempt);
    } catch (error) {
      throwIfAborted(signal);
      const again = error instanceof BackupError && error.transient && attempt < patience.attempts;
      if (!again) throw error;
      await clock.sleep(patience.firstDelay * 2 ** (attempt - 1), signal);
    }
  }
}
