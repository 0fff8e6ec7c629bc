import { rename, rm, writeFile } from 'node:fs/promises';
import { BackupError, messageOf } from '../base/errors';

/**
 * Writes a file that is there whole or not at all: somebody may be looking at the former one. Throws
 * `configuration` if it cannot.
 * @param what it is, for the error: `The page`
 */
export async function writeWholeFile(
  place: string,
  content: string | Buffer,
  what: string,
): Promise<void> {
  const temporary = `${place}.new`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new BackupError(
      'configuration',
      `${what} cannot be written: ${messageOf(error)}. Name another file with -o.`,
      { cause: error },
    );
  }
}
