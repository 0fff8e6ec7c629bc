import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const memory = '/dev/shm';
/** Bytes for what four test files keep at once. */
const needed = 4e9;

/**
 * Where tests put what they make: in memory, where there is enough. A disk from which much was deleted a
 * moment ago, as each test does, makes ext4 pass over the inodes one by one before it creates a file: 40 %
 * of the processor time of the tests of a source. The editor's tests are on the disk all the same.
 */
export const quickFolder = hasRoom() ? memory : tmpdir();

function hasRoom(): boolean {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= needed;
}
