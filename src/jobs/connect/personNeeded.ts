import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Environment } from '../../sources/environment';
import { openSource } from './openSource';

/**
 * Logs in as a run without a person would, and says what it lacks: a secret, a trusted host key, a
 * setting. Undefined if nothing, or if the server cannot be reached just now.
 * @param environment its credentials must ask nobody
 */
export async function personNeeded(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<BackupError | undefined> {
  if (server.include.length === 0) {
    return new BackupError('configuration', `${server.name} has nothing included yet.`);
  }
  try {
    await using _source = await openSource(server, environment, signal);
    return undefined;
  } catch (error) {
    return error instanceof BackupError && needsPerson(error) ? error : undefined;
  }
}

/** Whether an error does not go away by itself. */
function needsPerson({ kind }: BackupError): boolean {
  return (
    kind === 'authentication' ||
    kind === 'host-key' ||
    kind === 'certificate' ||
    kind === 'configuration'
  );
}
