import { BackupError, messageOf, systemCode } from '../base/errors';

/** What our own disk refuses concerns the run, whatever the entry was. */
export function diskError(error: unknown): unknown {
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError(
        'disk-full',
        'The disk of the backup is full. Make room, then run again: it continues where it stopped.',
        { cause: error },
      );
    case 'ENAMETOOLONG':
      return new BackupError('protocol', 'The path is too long for the disk of the backup.', {
        cause: error,
      });
    case 'EACCES':
    case 'EROFS':
    case 'EPERM':
      return new BackupError(
        'permission',
        `The backup folder cannot be written: ${messageOf(error)}. Check its owner and rights.`,
        { cause: error, scope: 'run' },
      );
    default:
      return error;
  }
}
