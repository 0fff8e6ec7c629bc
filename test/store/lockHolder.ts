/** Takes the lock of a store, says so, and holds it until it is killed or told to end. */
import { systemClock } from '../../src/base/clock';
import { BackupError } from '../../src/base/errors';
import { StoreLock } from '../../src/store/lock';

const [file = ''] = process.argv.slice(2);

process.on('message', (message) => {
  if (message === 'end') process.exit(0);
  try {
    StoreLock.acquire(file, systemClock);
    process.send?.('held');
  } catch (error) {
    process.send?.(error instanceof BackupError ? error.kind : String(error));
  }
});
process.send?.('ready');
