import { FTPError, type Client } from 'basic-ftp';
import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import { withDeadline } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { Environment } from '../environment';
import { demandForTls } from './demandForTls';
import { addressOf, greet, replyOf } from './greeting';
import { quoted, speaksOfConnections } from './refusal';
import type { Reply } from './reply';
import type { TlsTrust } from './tls';
import { tlsWords } from './tlsWords';

/** What a login needs; the same for every connection of a pool. */
export interface Account {
  readonly server: Server;
  readonly environment: Environment;
  /** Absent for FTP in the clear. */
  readonly trust: TlsTrust | undefined;
  /** Asked once, at the first login; undefined: there is none. */
  readonly password: () => Promise<string | undefined>;
}

/** A connection that is logged in, its socket free of any listener. */
export interface Session {
  readonly socket: Socket;
  /** The newest TLS session of the control connection, which data connections resume (RFC 4217, 10.2). */
  readonly tlsSession: () => Buffer | undefined;
}

/**
 * Connects and logs in. Throws what `greet` throws, `authentication`, and `too-many-connections`
 * where the server refuses the login for that reason.
 */
export async function login(account: Account, signal: AbortSignal): Promise<Session> {
  const { server, environment } = account;
  const client = await greet(server, account.trust, environment.log, signal);
  try {
    const [user, password] = await namesOf(account);
    await withDeadline(
      client.login(user, password),
      server.timeout,
      `logging in to ${addressOf(server)}`,
      signal,
    );
    return takeOver(client);
  } catch (error) {
    client.close();
    throw refusedLogin(error, server);
  }
}

/** User and password as bytes of UTF-8, one character each, as the control connection is latin1. */
async function namesOf(account: Account): Promise<[string, string]> {
  const { username } = account.server;
  if (username === undefined) return ['anonymous', 'anonymous@'];
  const password = await account.password();
  if (password === undefined) {
    throw new BackupError(
      'authentication',
      `There is no password for ${endpointOf(account.server)}.`,
    );
  }
  if (/[\r\n\0]/.test(username + password)) {
    throw new BackupError(
      'authentication',
      'FTP cannot send a user name or password with a line break in it.',
    );
  }
  return [bytesOfText(username), bytesOfText(password)];
}

function bytesOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * Takes the socket out of basic-ftp's hands: its contexts run one command at a time, and most of
 * our speed comes from sending the next command before the reply to the last one is there.
 */
function takeOver(client: Client): Session {
  const { socket } = client.ftp;
  let newest = client.ftp.tlsSessionStore;
  socket.removeAllListeners('data');
  for (const event of ['end', 'close', 'error', 'timeout', 'session']) {
    socket.removeAllListeners(event);
  }
  socket.on('end', () => socket.destroy());
  if (socket instanceof TLSSocket) {
    newest ??= socket.getSession();
    socket.on('session', (session: Buffer) => (newest = session));
  }
  return { socket, tlsSession: () => newest };
}

function refusedLogin(error: unknown, server: Server): BackupError {
  if (error instanceof BackupError) return error;
  const words = tlsWords(error);
  if (words !== undefined) {
    // With TLS 1.3 a server asks for a certificate only when the handshake is over for us.
    const message = `${addressOf(server)}: ${words}`;
    return new BackupError('protocol', message, { cause: error, scope: 'run' });
  }
  if (!(error instanceof FTPError)) {
    const message = `${addressOf(server)} closed the connection at the login: ${messageOf(error)}`;
    return new BackupError('connection', message, { cause: error });
  }
  const reply: Reply = replyOf(error);
  const demand = demandForTls(reply, server);
  if (demand) return demand;
  if (speaksOfConnections(reply)) {
    const message = `${addressOf(server)} takes no further login: ${quoted(reply)}`;
    return new BackupError('too-many-connections', message);
  }
  const who = server.username ?? 'anonymous';
  return new BackupError(
    'authentication',
    `${addressOf(server)} refused the login of ${who}: ${quoted(reply)} Check user name and password.`,
  );
}
