import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import { quoted } from './refusal';
import { textOfReply, type Reply } from './reply';

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

const tls = String.raw`\b(?:ssl|tls|ftps|ftpes|auth|encrypt\w*|chiffr\w*|verschlüssel\w*|(?:secured?|protected) (?:\w+ )?(?:connections?|logins?|sessions?|channels?|modes?|transports?|protocols?|control|ftp))\b`;
const demand = String.raw`\b(?:must|requir(?:e[sd]?|ing)|needs?|only|mandatory|enforce[sd]?|forced?|ha(?:ve|s) to|please use|use|using|obligatoire|requise?|erforderlich)\b`;
const clear = String.raw`(?:clear[- ]?text|plain(?:[- ]?text)?(?: ftp| connections?| logins?| sessions?)?|unencrypted|unsecured?|insecure|non[- ]?(?:ssl|tls|secure|encrypted))\b`;
const refused = String.raw`\b(?:not?|non|cannot|can't|denied|disallow\w*|forbid\w*|forbidden|reject\w*|refus\w*|unsupported|disabled|without)\b`;

/** In one sentence, so that a banner and a refusal beside it are not read together. */
const near = '[^.;!?\n]{0,80}';
const forms = [
  `${demand}${near}${tls}`,
  `${tls}${near}${demand}`,
  `${refused}${near}${clear}`,
  `${clear}${near}${refused}`,
  String.raw`\bwithout (?:ssl|tls|encryption)\b`,
].map((form) => new RegExp(form, 'i'));

/** "TLS is not required" and what was tried with TLS already. */
const otherwise =
  /\b(?:not|n't|no longer) (?:be )?(?:required?|needed?|necessary|supported|available)\b|reus|certificate/i;

/** Where encryption is demanded, and where it may be refused: RFC 4217 and 2228, and what servers send. */
const codes: ReadonlySet<number> = new Set([
  421, 431, 500, 501, 502, 503, 504, 521, 522, 530, 532, 533, 534, 536, 550, 553,
]);

/** These say of themselves that protection is lacking (RFC 2228, section 5). */
const telling: ReadonlySet<number> = new Set([431, 521, 522, 533, 534, 536]);

/**
 * Whether a server refuses to go on without TLS: vsftpd "530 Non-anonymous sessions must use encryption",
 * Pure-FTPd "421 Sorry, cleartext sessions are not accepted", ProFTPD and pyftpdlib "550 SSL/TLS required
 * on the control channel", IIS "534 Policy requires SSL", FileZilla Server "503 Use AUTH first".
 * Addresses and paths in the text do not count, nor does a banner.
 */
function isDemandForTls(reply: Reply): boolean {
  if (!codes.has(reply.code)) return false;
  const text = textOfReply(reply)
    .replaceAll(/\b(ssl|tls|ftp)\/(ssl|tls|ftps)\b/gi, '$2')
    .replaceAll(/(["'`]).*?\1/g, ' ')
    .replaceAll(/\S*[/\\@]\S*|\b\w[\w-]*\.\w[\w.-]*/g, ' ');
  if (otherwise.test(text)) return false;
  if (telling.has(reply.code) && /\b(?:ssl|tls|encrypt\w*|policy)\b/i.test(text)) return true;
  return forms.some((form) => form.test(text));
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
