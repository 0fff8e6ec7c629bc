import { BackupError } from '../base/errors';
import type { Configuration } from '../model/configuration/parse';
import type { Server } from '../model/configuration/server';

/** The servers of these names, or all. Throws `configuration` for a name that is none. */
export function selectServers(configuration: Configuration, names: readonly string[]): Server[] {
  if (names.length === 0) return [...configuration.servers.values()];
  return names.map((name) => selectServer(configuration, name));
}

/** Throws `configuration` if there is none of this name. */
export function selectServer(configuration: Configuration, name: string): Server {
  const server = configuration.servers.get(name);
  if (server) return server;
  const known = [...configuration.servers.keys()].join(', ') || 'none';
  throw new BackupError('configuration', `There is no server "${name}". Configured: ${known}.`);
}
