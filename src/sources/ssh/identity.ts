import type { Server } from '../../model/configuration/server';
import type { Identity } from '../credentials';
import type { Environment } from '../environment';
import { lookAtServer } from './login';

/**
 * The host key of a server and whether it is trusted, without logging in to it: what
 * `sauvegarde trust` shows. Throws `connection` if it cannot be reached.
 */
export function identifySshServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  return lookAtServer(server, environment, signal);
}
