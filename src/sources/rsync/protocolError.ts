import { BackupError } from '../../base/errors';
import { printable } from '../../model/remotePath';

/** The error of a server that breaks the rules of the rsync protocol; the session ends with it. */
export function malformed(what: string): BackupError {
  return new BackupError('protocol', `The rsync server broke the protocol: it sent ${what}.`);
}

/** Bytes or text of a server, short and fit for an error message. */
export function quoted(text: string): string {
  return `"${printable(text).slice(0, 300)}"`;
}
