import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Identity } from '../credentials';
import type { Environment } from '../environment';
import { Authentication } from './authentication';
import { shakeHands } from './handshake';
import { withFittingHostKey } from './hostKeySearch';
import { openChain, routeTo } from './login';
import type { SshSession } from './session';
import { resolveTargets, type SshTarget } from './target';

/**
 * The host key of a server and whether it is trusted, without logging in to it (only to its jump
 * hosts): what `sauvegarde trust` shows. Throws `connection` if it cannot be reached.
 */
export async function identifySshServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  const targets = await resolveTargets(server, environment, signal);
  const [target] = targets.slice(-1);
  if (!target) throw new BackupError('configuration', 'There is no host to look at.');
  const { timeout } = server;
  const through = await openChain(targets.slice(0, -1), timeout, environment, signal);
  try {
    return await look(target, through, timeout, environment, signal);
  } finally {
    await through?.[Symbol.asyncDispose]();
  }
}

async function look(
  target: SshTarget,
  through: SshSession | undefined,
  timeout: number,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  const seen: Identity[] = [];
  try {
    await withFittingHostKey(target, async (hostKeyAlgorithms, identify) => {
      const route = await routeTo(target, through, timeout, environment, signal);
      // Always refused: nothing but the key is wanted.
      const refuse = (key: Buffer): BackupError => {
        seen.push(identify(key));
        return new BackupError('host-key', 'The host key was only looked at.');
      };
      const authentication = new Authentication(target, environment, timeout);
      const { socket } = route;
      const handshake = { target, socket, hostKeyAlgorithms, refuse, timeout, authentication };
      await shakeHands(handshake, environment, signal).catch(async (error: unknown) => {
        throw await route.explain(error);
      });
    });
  } catch (error) {
    if (seen.length === 0) throw error;
  }
  const identity = seen.find(({ trust }) => trust === 'pinned') ?? seen[0];
  if (!identity) throw new BackupError('protocol', `${target.label} shows no host key.`);
  return identity;
}
