import path from 'node:path';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { StoreLock } from '../../store/lock';
import type { Store } from '../../store/store';

/** Milliseconds between two looks, and for how long: a first copy may take hours. */
const lookEvery = 500;
const longestWait = 3_600_000;

/**
 * One copy at a time for each repository, over all servers, windows and processes that share a
 * destination; waits for its turn. Programs elsewhere are kept apart by the repository's own locks.
 * Throws `locked` after an hour.
 */
export async function lockRepository(
  store: Store,
  copy: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  // Beside the stores; no server can be called so.
  const folder = path.join(path.dirname(store.layout.root), '.copies');
  store.disk.makeFolder(folder);
  // In a stranger's workspace it may be a link that leads out of it.
  if (store.disk.stat(folder)?.type !== 'directory') {
    throw new BackupError('configuration', `${folder} must be a folder, not a link: remove it.`);
  }
  const until = clock.monotonic() + longestWait;
  for (;;) {
    try {
      return StoreLock.acquire(path.join(folder, `${copy}.lock`), clock);
    } catch (error) {
      if (!(error instanceof BackupError) || error.kind !== 'locked') throw error;
      if (clock.monotonic() > until) {
        throw new BackupError(
          'locked',
          `Another copy into "${copy}" has been under way for an hour. It is tried again with the next run.`,
        );
      }
      await clock.sleep(lookEvery, signal);
    }
  }
}
