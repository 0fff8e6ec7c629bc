/**
 * SSH: finding the host, checking its key, proving who we are, jumping through other hosts. SFTP and
 * rsync stand on the session that comes out of it.
 */
import type { Duplex } from 'node:stream';

import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Environment } from '../environment';
import { openSocket } from '../openSocket';
import { Authentication } from './authentication';
import { shakeHands } from './handshake';
import { refusal } from './hostKey';
import { withFittingHostKey } from './hostKeySearch';
import { connectForPackets } from './packetSocket';
import { runProxyCommand, type ProxyRoute } from './proxyCommand';
import { SshSession } from './session';

import { resolveTargets, type SshTarget } from './target';

/**
 * Connects to a server, through its jump hosts if it has any, and logs in. Throws `connection`
 * (scope run) if a host cannot be reached, `host-key` before any secret is sent if a host's key is
 * not trusted, `authentication` if a login is refused, `configuration` if ~/.ssh/config is wrong.
 */
export async function openSshSession(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshSession> {
  const targets = await resolveTargets(server, environment, signal);
  const session = await openChain(targets, server.timeout, environment, signal);
  if (!session) throw new BackupError('configuration', 'There is no host to log in to.');
  return session;
}

/** Logs in to each target through the one before it; all are closed if one fails. */
export async function openChain(
  targets: readonly SshTarget[],
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshSession | undefined> {
  let session: SshSession | undefined;
  try {
    for (const target of targets) {
      session = await openSession(target, session, timeout, environment, signal);
    }
    return session;
  } catch (error) {
    await session?.[Symbol.asyncDispose]();
    throw error;
  }
}

/** So many connections are made for one login, where a server allows few attempts on each. */
const mostConnections = 10;

function openSession(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshSession> {
  return withFittingHostKey(target, async (hostKeyAlgorithms, look) => {
    const authentication = new Authentication(target, environment, timeout);
    const refuse = (key: Buffer): BackupError | undefined => refusal(target, look(key));
    for (let connection = 1; ; connection += 1) {
      const route = await routeTo(target, through, timeout, environment, signal);
      const { socket } = route;
      const handshake = { target, socket, hostKeyAlgorithms, refuse, timeout, authentication };
      try {
        const client = await shakeHands(handshake, environment, signal);
        return new SshSession(client, target, timeout, socket, through);
      } catch (error) {
        const goesOn = isRefusal(error) && connection < mostConnections && authentication.goOn();
        if (!goesOn) throw await route.explain(error);
        environment.log.debug(`${target.label} is connected to again, for what was not tried yet.`);
      }
    }
  });
}

function isRefusal(error: unknown): boolean {
  return error instanceof BackupError && error.kind === 'authentication';
}

/** A connection to a host, and what is known of the way there if it fails. */
export async function routeTo(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<ProxyRoute> {
  if (target.proxyCommand !== undefined && !through) {
    return runProxyCommand(target, target.proxyCommand, environment);
  }
  const socket = await connectTo(target, through, timeout, signal);
  return { socket, explain: (error) => Promise.resolve(error) };
}

/** A connection to a host, from here or from the jump host. Throws `connection` (scope run). */
async function connectTo(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  signal: AbortSignal,
): Promise<Duplex> {
  if (!through) return openSocket(target.host, target.port, timeout, signal, connectForPackets);
  try {
    return await through.forward(target.host, target.port, signal);
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind === 'cancelled') throw error;
    throw new BackupError('connection', error.message, { cause: error, scope: 'run' });
  }
}
