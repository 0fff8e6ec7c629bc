import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import { quoted } from './refusal';
import { textOfReply, type Reply } from './reply';

const codes: ReadonlySet<number> = new Set([
  421, 431, 500, 502, 503, 504, 521, 522, 530, 532, 533, 534, 535, 550, 553,
]);
const speaksOfTls = /\b(?:tls|ssl|ftps|ftpes)\b|clear[ -]?text|plain[ -]?text|encrypt|secure\b/i;
const speaksOfDuty =
  /\bmust\b|requir|need|policy|only|\bnot\b|refus|reject|disallow|forbid|denied|\buse\b|\bfirst\b/i;
const speaksOfNumbers = /too many|maximum|limit|already logged|concurrent/i;

/**
 * The error of a reply in which a server demands TLS of a connection in the clear, or undefined if it is
 * about something else. Seen: `421 Sorry, cleartext sessions are not accepted on this server` (Pure-FTPd),
 * `530 Non-anonymous sessions must use encryption` (vsftpd), `550 SSL/TLS required on the control channel`
 * (ProFTPD), `534 Policy requires SSL` (IIS), `503 Use AUTH first` (FileZilla).
 */
export function demandForTls(reply: Reply, server: Server): BackupError | undefined {
  if (server.protocol !== 'ftp' || !isDemandForTls(reply)) return undefined;
  return new BackupError(
    'configuration',
    `${server.host} takes encrypted connections only: set "protocol" to "ftps" for ${server.name}. ${capitalized(quoted(reply))}`,
  );
}

function isDemandForTls(reply: Reply): boolean {
  const text = textOfReply(reply);
  if (!codes.has(reply.code) || speaksOfNumbers.test(text)) return false;
  return (
    /\buse auth\b|\bauth (?:tls|ssl|first)\b/i.test(text) ||
    (speaksOfTls.test(text) && speaksOfDuty.test(text))
  );
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
