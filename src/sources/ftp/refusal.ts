import { BackupError, messageOf, systemCode, type ErrorKind } from '../../base/errors';
import { printable } from '../../model/remotePath';
import { textOfReply, type Reply } from './reply';

/** Whether the reply says that what was asked for is done (2xx). */
export function isDone(reply: Reply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** Whether the server does not know the command (RFC 959: 500, 501, 502, 504; RFC 2428: 522). */
export function isUnknownCommand(reply: Reply): boolean {
  return [500, 501, 502, 504, 522].includes(reply.code);
}

const permission = /permission|denied|not permitted|not allowed|forbidden|unable to read/i;
const missing = /no such|not found|not exist|cannot find|can't find|not a directory/i;

/** What a file or folder that was refused with 450, 550 or 553 suffers from, if the text tells. */
export function kindByText(reply: Reply): 'permission' | 'not-found' | undefined {
  const text = textOfReply(reply);
  if (permission.test(text)) return 'permission';
  if (missing.test(text)) return 'not-found';
  return undefined;
}

/** Whether a transfer was refused for want of a data connection: `551 No connector setup`. */
export function speaksOfDataConnection(reply: Reply): boolean {
  return /no connector|passive server|data (connection|channel|socket)|use (port|pasv|epsv)|(port|pasv) (first|command)/i.test(
    textOfReply(reply),
  );
}

const tooMany = /too many|maximum|limit|already logged|try again later|concurrent/i;

/** Whether a refused login speaks of the number of connections and not of the password. */
export function speaksOfConnections(reply: Reply): boolean {
  return reply.code === 421 || tooMany.test(textOfReply(reply));
}

const kinds: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [421, 'connection'],
  [425, 'connection'],
  [426, 'connection'],
  [451, 'connection'],
  [522, 'connection'],
  [530, 'connection'],
]);

/** ProFTPD's TLSRequired, and the like: with "ftps" data connections are always protected. */
const demandsProtection =
  /(?:ssl|tls|encrypt|protect).*(?:required|must).*\bdata\b|\bdata\b.*(?:required|must).*(?:ssl|tls|encrypt|protect)/i;

/** The error of a reply to a command that concerns one file or folder. `what` says what we did. */
export function refusal(reply: Reply, what: string, kind?: ErrorKind): BackupError {
  if (reply.code >= 500 && demandsProtection.test(textOfReply(reply))) {
    const advice = 'The server encrypts its transfers only: set "protocol" to "ftps".';
    return new BackupError('configuration', `${advice} ${what}: ${quoted(reply)}`);
  }
  const found = kind ?? kinds.get(reply.code) ?? kindByText(reply) ?? 'protocol';
  return new BackupError(found, `${what}: ${quoted(reply)}`);
}

/** The reply as the person should see it. */
export function quoted(reply: Reply): string {
  return `the server said "${reply.code} ${printable(textOfReply(reply)).slice(0, 300)}".`;
}

/** Socket errors of connecting, in words that say what to do. Address: `host:port`. */
export function connectFailure(error: unknown, address: string): BackupError {
  const advice: Readonly<Record<string, string>> = {
    ENOTFOUND: 'This host name is unknown. Check the host.',
    EAI_AGAIN: 'The name of the host could not be looked up. Check the network and the host.',
    ECONNREFUSED: 'Nothing answers there. Check host and port.',
    EHOSTUNREACH: 'The host cannot be reached. Check the network and the host.',
    ENETUNREACH: 'The network cannot be reached. Check the network.',
    ETIMEDOUT: 'The host does not answer. Check host, port and firewall.',
    ECONNRESET: 'The server closed the connection. Check port and protocol.',
  };
  const told = advice[systemCode(error) ?? ''] ?? `${messageOf(error)}. Check host and port.`;
  return new BackupError('connection', `Could not connect to ${address}. ${told}`, {
    cause: error,
  });
}
