import { BackupError, messageOf, systemCode } from '../../base/errors';
import { absolute, type RemotePath } from '../../model/remotePath';

/** What a disk of this computer refused, in the words of errors. */
export function writeError(error: unknown, place: RemotePath): unknown {
  if (error instanceof BackupError) return error;
  const shown = absolute(place);
  const code = systemCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError(
        'disk-full',
        `There is no room for ${shown}. Make room, then run the same command again: it goes on.`,
        { cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BackupError('permission', `No permission to write ${shown}.`, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
      return new BackupError('not-found', `There is no folder for ${shown}.`, { cause: error });
    case undefined:
      return error;
    default:
      return new BackupError('protocol', `${shown} could not be written: ${messageOf(error)}.`, {
        cause: error,
      });
  }
}
