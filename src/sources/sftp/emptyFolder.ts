import type { BackupError } from '../../base/errors';
import { parentOf, type RemotePath } from '../../model/remotePath';
import { lstat } from './calls';
import { attributesAt, isAnswer, type Asking } from './describe';
import { onServer, shown } from './entries';

const anySearchBit = 0o111;

/**
 * OpenSSH leaves out every name that it cannot look at, so a folder that may be read but not searched
 * (r--) comes as an empty one, without even `.` and `..`. Looking at its `.` takes the same right.
 * Throws `permission` then, and `not-found` if the folder is not there. A server that does not let
 * anybody look at a `.` is believed, unless the folder's own bits say that nobody may search it.
 */
export async function checkEmpty(asking: Asking, folder: RemotePath): Promise<void> {
  const refusal = await refusalOfDot(asking, folder);
  if (!refusal) return;
  const isDenied = refusal.kind === 'permission';
  // Whoever got here may search the folder above: if its `.` is denied too, that is how the server is.
  if (isDenied && folder !== '' && !(await refusalOfDot(asking, parentOf(folder)))) throw refusal;
  const { attributes } = await attributesAt(asking, folder);
  const { mode } = attributes;
  if (isDenied && mode !== undefined && (mode & anySearchBit) === 0) throw refusal;
}

async function refusalOfDot(asking: Asking, folder: RemotePath): Promise<BackupError | undefined> {
  const dot = folder === '' ? '/.' : `${onServer(folder)}/.`;
  try {
    await lstat(asking.channel, dot, shown(folder));
    return undefined;
  } catch (error) {
    if (!isAnswer(asking, error)) throw error;
    return error;
  }
}
