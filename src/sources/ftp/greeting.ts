/** From nothing to a connection on which the name of a person may be said: TCP, welcome, TLS. */
import { Client, FTPError } from 'basic-ftp';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { withDeadline } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import type { Log } from '../../base/log';
import { defaultPort, type Server } from '../../model/configuration/server';
import { printable } from '../../model/remotePath';
import { demandForTls } from './demandForTls';
import { connectFailure, isUnknownCommand, quoted } from './refusal';
import type { Reply } from './reply';
import { tlsWords } from './tlsWords';
import { certificateFailure, type TlsTrust } from './tls';

/** `host:port`. */
export function addressOf(server: Server): string {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${host}:${server.port ?? defaultPort(server)}`;
}

/**
 * Connects and, with TLS, checks the certificate. Nothing but `AUTH TLS` has been sent. Throws
 * `connection`, `timeout`, `certificate`, `too-many-connections` or `protocol`; then all is closed.
 */
export async function greet(
  server: Server,
  trust: TlsTrust | undefined,
  log: Log,
  signal: AbortSignal,
): Promise<Client> {
  // No deadline of its own: it would end some waits only, with an error that says too little.
  const client = new Client(0);
  client.ftp.encoding = 'latin1';
  client.ftp.log = (message) => log.trace(printable(message.trimEnd()));
  try {
    await withDeadline(
      welcome(client, server, trust),
      server.timeout,
      `connecting to ${addressOf(server)}`,
      signal,
    );
    if (trust !== undefined) trust.check(tlsSocketOf(client));
    return client;
  } catch (error) {
    client.close();
    throw failure(error, server);
  }
}

async function welcome(client: Client, server: Server, trust: TlsTrust | undefined): Promise<void> {
  const port = server.port ?? defaultPort(server);
  if (trust !== undefined && server.tls === 'implicit') {
    await client.connectImplicitTLS(server.host, port, { ...trust.options });
    return;
  }
  await client.connect(server.host, port);
  if (trust === undefined) return;
  const plain = client.ftp.socket;
  try {
    await beginTls(client, trust);
  } catch (error) {
    // The half-made TLS socket is not known to the client yet: it goes with the one below it.
    plain.destroy();
    throw error;
  }
}

/** Old servers know the command by the name that it had before RFC 4217 only. */
async function beginTls(client: Client, trust: TlsTrust): Promise<void> {
  try {
    await client.useTLS({ ...trust.options });
  } catch (error) {
    if (!(error instanceof FTPError) || !isUnknownCommand(replyOf(error))) throw error;
    await client.useTLS({ ...trust.options }, 'AUTH SSL');
  }
}

/** The control connection of a client that speaks TLS. */
export function tlsSocketOf(client: Client): TLSSocket {
  const socket: Socket = client.ftp.socket;
  if (socket instanceof TLSSocket) return socket;
  throw new BackupError('protocol', 'The server did not begin TLS.');
}

export function replyOf(error: FTPError): Reply {
  return { code: error.code, lines: [error.message.replace(/^\d{3}[ -]?/, '')] };
}

function failure(error: unknown, server: Server): BackupError {
  if (error instanceof BackupError) return error;
  if (error instanceof FTPError) return refusedWelcome(replyOf(error), server);
  return certificateFailure(error, server) ?? described(error, server);
}

/** basic-ftp tells the end of a connection and an endless reply by plain errors without a code. */
function described(error: unknown, server: Server): BackupError {
  if (/maximum allowed size/.test(messageOf(error))) {
    return new BackupError('protocol', 'The server sent a reply that does not end.', {
      cause: error,
    });
  }
  const words = tlsWords(error);
  if (words === undefined) return connectFailure(error, addressOf(server));
  return new BackupError('protocol', `${addressOf(server)}: ${words}`, {
    cause: error,
    scope: 'run',
  });
}

function refusedWelcome(reply: Reply, server: Server): BackupError {
  const demand = demandForTls(reply, server);
  if (demand) return demand;
  if (reply.code === 421) {
    return new BackupError(
      'too-many-connections',
      `${addressOf(server)} takes no further connection: ${quoted(reply)}`,
    );
  }
  const advice = server.protocol === 'ftps' ? ' Check "tls" and the port.' : '';
  return new BackupError(
    'protocol',
    `${addressOf(server)} does not serve us: ${quoted(reply)}${advice}`,
  );
}
