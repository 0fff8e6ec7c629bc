import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Identity } from '../../sources/credentials';
import type { Environment } from '../../sources/environment';

/** The host key or certificate that a server shows; nothing secret is sent. */
export async function identifyServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  switch (server.protocol) {
    case 'sftp':
    case 'rsync': {
      if (server.protocol === 'rsync' && server.via === 'daemon') throw nothingToTrust(server);
      const { identifySshServer } = await import('../../sources/ssh/identity');
      return identifySshServer(server, environment, signal);
    }
    case 'ftps': {
      const { identifyFtpServer } = await import('../../sources/ftp/identity');
      return identifyFtpServer(server, environment, signal);
    }
    case 'ftp':
    case 'local':
      throw nothingToTrust(server);
  }
}

function nothingToTrust(server: Server): BackupError {
  const why = `"${server.protocol}" has neither a host key nor a certificate`;
  return new BackupError('configuration', `${server.name}: there is nothing to trust, as ${why}.`);
}
