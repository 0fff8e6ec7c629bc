import { BackupError } from '../../base/errors';
import { absolute, type RemotePath } from '../../model/remotePath';
import { kindByText, quoted, refusal } from '../../sources/ftp/refusal';
import type { Reply } from '../../sources/ftp/reply';

/** "Insufficient storage" and "exceeded storage allocation" (RFC 959, 4.2.2). */
const full: ReadonlySet<number> = new Set([452, 552]);

/** What a server that takes no files at all says to the first of them, and to all others. */
const final: ReadonlySet<number> = new Set([532, 550, 553]);

/**
 * The error of a command that was to write. `disk-full` ends the restore: nothing else would fit.
 * @param what what it did not do: `could not be written`
 */
export function writeRefusal(reply: Reply, place: RemotePath, what: string): BackupError {
  const about = `${absolute(place)} ${what}`;
  if (full.has(reply.code)) {
    const message = `${about}, the disk or quota of the server is full: ${quoted(reply)} Make room there, then run the same command again: it goes on.`;
    return new BackupError('disk-full', message);
  }
  if (final.has(reply.code)) return refusal(reply, about, kindByText(reply) ?? 'permission');
  return refusal(reply, about);
}
