import { ftpPrograms } from './ftpPackages';
import {
  startFtpServer,
  type FtpServerOptions,
  type RunningFtpServer,
  type TlsMode,
} from './ftpServerOptions';

/** `-Y`: 3 refuses control and data connections in the clear. */
const tlsLevel: Record<Exclude<TlsMode, 'implicit'>, string> = { none: '0', explicit: '3' };

/**
 * Pure-FTPd 1.0.50: MLSD; never requires session reuse. Debian's build has no implicit TLS, and
 * `root` is not supported.
 */
export function startPureFtpd(
  options: Omit<FtpServerOptions, 'root' | 'tls'> & { tls?: 'none' | 'explicit' } = {},
): Promise<RunningFtpServer> {
  const { pureFtpd } = ftpPrograms();
  const most = String(options.maxConnections ?? 60);
  return startFtpServer(options, (place) => ({
    program: pureFtpd,
    args: [
      ...['-S', `127.0.0.1,${place.port}`],
      ...['-l', 'unix', '-u', '1', '-H', '-w', '-E'],
      // Without -L it lists 10,000 entries of a folder and says nothing of the rest.
      ...['-L', '1000000:50'],
      ...['-c', '60', '-C', most],
      ...['-p', `${place.passivePorts.first}:${place.passivePorts.last}`],
      ...['-Y', tlsLevel[options.tls ?? 'none']],
      ...(place.certificates === undefined ? [] : ['-2', place.certificates.combinedFile]),
    ],
  }));
}
