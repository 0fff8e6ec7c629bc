/**
 * SSH: finding the host, checking its key, proving who we are, jumping through other hosts. SFTP and
 * rsync stand on the session that comes out of it.
 */
import type { Duplex } from 'node:stream';

import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Identity } from '../credentials';
import type { Environment } from '../environment';
import { shakeHands } from './handshake';
import { hostKeyAlgorithms, hostKeyTypes, identify, refusal } from './hostKey';
import { KnownHosts } from './knownHosts';
import { SshSession } from './session';
import { openSocket } from './socket';
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
  const targets = await resolveTargets(server, environment);
  return openChain(targets, server.timeout, environment, signal);
}

/** Logs in to each target through the one before it; all are closed if one fails. */
async function openChain(
  targets: readonly SshTarget[],
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshSession> {
  let session: SshSession | undefined;
  try {
    for (const target of targets) {
      session = await openSession(target, session, timeout, environment, signal);
    }
  } catch (error) {
    await session?.[Symbol.asyncDispose]();
    throw error;
  }
  if (!session) throw new BackupError('configuration', 'There is no host to log in to.');
  return session;
}

async function openSession(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshSession> {
  const known = await KnownHosts.read(target.knownHostsFiles);
  return withHostKeyTypes(target, known, async (algorithms, look) => {
    const socket = await connectTo(target, through, timeout, signal);
    const refuse = (key: Buffer): BackupError | undefined => refusal(target, look(key));
    const handshake = { target, socket, hostKeyAlgorithms: algorithms, refuse, timeout };
    const client = await shakeHands(handshake, environment, signal);
    return new SshSession(client, target, timeout, socket, through);
  });
}

/** Shows what a server says it is, logging in to its jump hosts only. */
export async function lookAtServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  const targets = await resolveTargets(server, environment);
  const target = targets.at(-1);
  if (!target) throw new BackupError('configuration', 'There is no host to look at.');
  const jumps = targets.slice(0, -1);
  const { timeout } = server;
  const through =
    jumps.length > 0 ? await openChain(jumps, timeout, environment, signal) : undefined;
  let seen: Identity | undefined;
  try {
    const known = await KnownHosts.read(target.knownHostsFiles);
    await withHostKeyTypes(target, known, async (algorithms, look) => {
      const socket = await connectTo(target, through, timeout, signal);
      // Always refused: nothing but the key is wanted.
      const refuse = (key: Buffer): BackupError => {
        const identity = look(key);
        if (seen?.trust !== 'pinned')
          seen = identity.trust === 'pinned' ? identity : (seen ?? identity);
        return new BackupError('host-key', 'The host key was only looked at.');
      };
      const handshake = { target, socket, hostKeyAlgorithms: algorithms, refuse, timeout };
      await shakeHands(handshake, environment, signal);
    });
  } catch (error) {
    if (!seen || !(error instanceof BackupError) || error.kind !== 'host-key') throw error;
  } finally {
    await through?.[Symbol.asyncDispose]();
  }
  if (!seen) throw new BackupError('protocol', `${server.name} shows no host key.`);
  return seen;
}

async function connectTo(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  signal: AbortSignal,
): Promise<Duplex> {
  if (!through) return openSocket(target.host, target.port, timeout, signal);
  try {
    return await through.forward(target.host, target.port, signal);
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind === 'cancelled') throw error;
    throw new BackupError('connection', error.message, { cause: error, scope: 'run' });
  }
}

/**
 * Tries to connect, with the types of keys that are known for the host offered first. A server has
 * keys of several types and shows one of them: if that is not the pinned one, the others are asked
 * for, each over a fresh connection, before the host is refused.
 */
async function withHostKeyTypes<T>(
  target: SshTarget,
  known: KnownHosts,
  connect: (
    algorithms: ReturnType<typeof hostKeyAlgorithms>,
    look: (key: Buffer) => Identity,
  ) => Promise<T>,
): Promise<T> {
  const pinned = target.fingerprint !== undefined;
  const preferred = pinned ? [] : known.typesFor(target.knownAs.host, target.knownAs.port);
  const excluded = new Set<string>();
  let refused: BackupError | undefined;
  for (;;) {
    const shown: { identity?: Identity } = {};
    const algorithms = hostKeyAlgorithms(preferred, excluded);
    if (refused && algorithms.length === 0) throw refused;
    try {
      return await connect(algorithms, (key) => (shown.identity = identify(target, key, known)));
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      // The server has no key of the types that are left: the first refusal stands.
      if (refused && error.kind === 'protocol') throw refused;
      const type = shown.identity?.trust === 'changed' ? shown.identity.type : undefined;
      if (!pinned || error.kind !== 'host-key' || type === undefined) throw error;
      if (!hostKeyTypes.includes(type) || excluded.has(type)) throw error;
      refused ??= error;
      excluded.add(type);
    }
  }
}
