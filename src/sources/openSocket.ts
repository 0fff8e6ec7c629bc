import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

import { withDeadline } from '../base/abort';
import { BackupError, messageOf, systemCode } from '../base/errors';

const advice: Readonly<Record<string, string>> = {
  ENOTFOUND: 'is not known: check its spelling and the network',
  EAI_AGAIN: 'cannot be looked up now: check the network',
  ECONNREFUSED: 'refuses the connection: check the port, and that the service runs there',
  EHOSTUNREACH: 'cannot be reached: check the address and the network',
  ENETUNREACH: 'cannot be reached: check the address and the network',
  ETIMEDOUT: 'does not answer: check the address, the port and the firewall',
  ECONNRESET: 'closed the connection at once: it may limit or ban this address',
};

type Connect = (address: TcpNetConnectOpts) => Socket;

/** Connects to a host. Throws `connection` with the scope of the run, and advice. */
export async function openSocket(
  host: string,
  port: number,
  timeout: number,
  signal: AbortSignal,
  start: Connect = connect,
): Promise<Socket> {
  const socket = start({ host, port, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  try {
    await withDeadline(connected, timeout, `connecting to ${host}:${port}`, signal);
    socket.removeAllListeners('connect').removeAllListeners('error');
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    throw unreachable(host, port, error);
  }
}

function unreachable(host: string, port: number, error: unknown): BackupError {
  if (error instanceof BackupError && error.kind !== 'timeout') return error;
  const code = error instanceof BackupError ? 'ETIMEDOUT' : codeOf(error);
  const fault = advice[code] ?? `cannot be connected to: ${messageOf(error)}`;
  return new BackupError('connection', `The host ${host} (port ${port}) ${fault}.`, {
    cause: error,
    scope: 'run',
  });
}

/** With several addresses Node reports one error that holds those of each address. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return systemCode(first) ?? '';
}
