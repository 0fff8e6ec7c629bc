import type { Clock } from './clock';
import { BackupError, isWithoutNetwork } from './errors';
import { throwIfAborted } from './abort';

/** How often a request is made again after a transient error, and how long to wait before each. */
export interface Patience {
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly firstDelay: number;
}

export const usualPatience: Patience = { attempts: 4, firstDelay: 250 };

/** So long a computer may be without a network: it has woken up, or goes over to another one. Milliseconds. */
const mostWithoutNetwork = 120_000;
const networkPause = 2000;

/** Runs `operation` until it succeeds, fails for good, or the patience is used up. */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  patience: Patience = usualPatience,
): Promise<T> {
  const { attempts, firstDelay } = patience;
  let hopeUntil: number | undefined;
  for (let attempt = 1; ;) {
    throwIfAborted(signal);
    try {
      return await operation(attempt);
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof BackupError) || !error.transient) throw error;
      const now = clock.monotonic();
      if (isWithoutNetwork(error) && now < (hopeUntil ??= now + mostWithoutNetwork)) {
        await clock.sleep(networkPause, signal);
        continue;
      }
      if (attempt >= attempts) throw error;
      await clock.sleep(firstDelay * 2 ** (attempt - 1), signal);
      attempt += 1;
    }
  }
}
