import fs from 'node:fs';
import path from 'node:path';
import { BackupError, messageOf } from '../../base/errors';
import type { RemotePath } from '../../model/remotePath';
import { diskPath } from '../../sources/local/diskPath';
import { LocalServer } from '../../sources/local/localServer';
import { placeBelow } from '../../store/layout';
import { DiskTarget } from './diskTarget';
import type { Target } from '../target';

/** This computer as a server of protocol `local`. */
export function openLocalTarget(label: string): Target {
  return new DiskTarget({ label, reader: new LocalServer(), at: (place) => diskPath(place) });
}

/**
 * A folder of this computer: paths are below it, and nothing is written outside of it.
 * @param make whether it is made if it is missing. Throws `permission` if it cannot be, or is none
 */
export function openFolderTarget(folder: string, make: boolean): Target {
  const within = make || fs.existsSync(folder) ? madeFolder(folder) : path.resolve(folder);
  const at = (place: RemotePath): Buffer | string => placeBelow(within, place);
  return new DiskTarget({ label: within, reader: new LocalServer(at), at, within });
}

function madeFolder(folder: string): string {
  try {
    fs.mkdirSync(path.resolve(folder), { recursive: true });
    return fs.realpathSync(path.resolve(folder));
  } catch (error) {
    const message = `${folder} cannot be restored into: ${messageOf(error)}.`;
    throw new BackupError('permission', message, { cause: error, scope: 'run' });
  }
}
