import { BackupError } from '../base/errors';
import { endpointOf, type Server } from '../model/configuration/server';
import type { Environment } from '../sources/environment';
import { openLocalTarget } from './disk/openDiskTarget';
import type { Target } from './target';

/**
 * Connects to a server to write to it, and logs in as a backup does. A server that is backed up by rsync
 * over ssh is written to by SFTP on the same login. Throws `configuration` for an rsync daemon, and what
 * opening the source would.
 */
export async function openTarget(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Target> {
  switch (server.protocol) {
    case 'local':
      return openLocalTarget(endpointOf(server));
    case 'rsync': {
      if (server.via === 'daemon') throw cannotBeWrittenTo(server);
      return await overSsh(server, environment, signal);
    }
    case 'sftp':
      return await overSsh(server, environment, signal);
    case 'ftp':
    case 'ftps': {
      const { openFtpTarget } = await import('./ftp/ftpTarget');
      return openFtpTarget(server, environment, signal);
    }
  }
}

async function overSsh(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Target> {
  const { openSftpTarget } = await import('./sftp/sftpTarget');
  return openSftpTarget(server, environment, signal);
}

function cannotBeWrittenTo(server: Server): BackupError {
  return new BackupError(
    'configuration',
    `${server.name} is an rsync daemon, which is only read from: nothing can be restored to it. Restore to a folder with --to, or to another server with --to-server --as.`,
  );
}
