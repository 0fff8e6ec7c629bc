import { BackupError } from '../base/errors';
import type { Server } from '../model/configuration/server';
import type { Environment } from '../sources/environment';
import type { FileServer } from '../sources/fileServer';
import { openLocalServer } from '../sources/local/localServer';
import type { Source } from '../sources/source';
import { WalkedSource } from '../sources/walkedSource';

/** Connects to a server and logs in. Throws at once what is wrong with host, login, key or certificate. */
export async function openSource(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Source> {
  return new WalkedSource(await openFileServer(server, environment, signal), environment.clock);
}

async function openFileServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<FileServer> {
  switch (server.protocol) {
    case 'local':
      return openLocalServer();
    case 'sftp': {
      const { openSftpServer } = await import('../sources/sftp/sftpServer');
      return openSftpServer(server, environment, signal);
    }
    case 'ftp':
    case 'ftps': {
      const { openFtpServer } = await import('../sources/ftp/ftpServer');
      return openFtpServer(server, environment, signal);
    }
    case 'rsync':
      throw new BackupError(
        'configuration',
        `${server.name}: this version does not speak rsync yet. Use "sftp" if the server has ssh.`,
      );
  }
}
