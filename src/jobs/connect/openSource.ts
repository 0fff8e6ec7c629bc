import type { Protocol, Server } from '../../model/configuration/server';
import type { Environment } from '../../sources/environment';
import type { FileServer } from '../../sources/fileServer';
import { openLocalServer } from '../../sources/local/localServer';
import type { Source } from '../../sources/source';
import { WalkedSource } from '../../sources/walkedSource';

/** Connects to a server and logs in. Throws at once what is wrong with host, login, key or certificate. */
export async function openSource(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Source> {
  if (server.protocol === 'rsync') {
    const { openRsyncSource } = await import('../../sources/rsync/rsyncSource');
    return openRsyncSource(server, environment, signal);
  }
  const walked = await openFileServer(server, server.protocol, environment, signal);
  return new WalkedSource(walked, environment.clock);
}

async function openFileServer(
  server: Server,
  protocol: Exclude<Protocol, 'rsync'>,
  environment: Environment,
  signal: AbortSignal,
): Promise<FileServer> {
  switch (protocol) {
    case 'local':
      return openLocalServer();
    case 'sftp': {
      const { openSftpServer } = await import('../../sources/sftp/sftpServer');
      return openSftpServer(server, environment, signal);
    }
    case 'ftp':
    case 'ftps': {
      const { openFtpServer } = await import('../../sources/ftp/ftpServer');
      return openFtpServer(server, environment, signal);
    }
  }
}
