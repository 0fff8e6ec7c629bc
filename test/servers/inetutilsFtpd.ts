import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFtpServer, type RunningFtpServer } from './ftpServerOptions';
import { moreFtpPrograms } from './moreFtpPackages';

/** inetutils-ftpd 2.4, BSD's server as GNU keeps it: no MLSD, one process for each connection, by inetd. */
export function startInetutilsFtpd(): Promise<RunningFtpServer> {
  const { inetutilsFtpd, inetd } = moreFtpPrograms();
  writeFileSync('/etc/pam.d/ftp', 'auth required pam_unix.so\naccount required pam_unix.so\n');
  return startFtpServer({}, ({ folder, port }) => {
    const file = join(folder, 'inetd.conf');
    // The number is the most connections in a minute: without it, inetd stops after 1000.
    const service = `127.0.0.1:${port} stream tcp nowait.100000 root ${inetutilsFtpd} ftpd`;
    writeFileSync(file, `${service}\n`);
    return { program: inetd, args: ['-d', file] };
  });
}
