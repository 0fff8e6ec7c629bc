import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ftpPrograms } from './ftpPackages';
import {
  startFtpServer,
  type FtpServerOptions,
  type RunningFtpServer,
  type Workplace,
} from './ftpServerOptions';

/** ProFTPD 1.3.8: MLSD; lists an unreadable folder as an empty one; leaves dangling links out of MLSD. */
export function startProftpd(options: FtpServerOptions = {}): Promise<RunningFtpServer> {
  const { proftpd, proftpdModules } = ftpPrograms();
  return startFtpServer(options, (place) => {
    const file = join(place.folder, 'proftpd.conf');
    const lines = [
      ...common(place, proftpdModules),
      ...(options.root === undefined ? [] : [`DefaultRoot ${options.root}`]),
      ...(options.writable === true ? ['AllowOverwrite on'] : []),
      ...(options.maxConnections === undefined
        ? []
        : [`MaxClientsPerHost ${options.maxConnections}`]),
      ...tlsLines(place, options),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return { program: proftpd, args: ['-n', '-q', '-c', file] };
  });
}

function common(place: Workplace, modules: string): string[] {
  return [
    `ModulePath ${modules}`,
    ...(place.certificates === undefined ? [] : ['LoadModule mod_tls.c']),
    'ServerName "test"',
    'ServerType standalone',
    'DefaultAddress 127.0.0.1',
    'SocketBindTight on',
    `Port ${place.port}`,
    'UseIPv6 off',
    'UseReverseDNS off',
    'User root',
    'Group root',
    'AuthOrder mod_auth_unix.c',
    'RequireValidShell off',
    'UseFtpUsers off',
    'TimeoutLinger 0',
    'DelayEngine off',
    'MaxInstances 100',
    `PassivePorts ${place.passivePorts.first} ${place.passivePorts.last}`,
    `PidFile ${join(place.folder, 'pid')}`,
    `ScoreboardFile ${join(place.folder, 'scoreboard')}`,
    'WtmpLog off',
    `SystemLog ${join(place.folder, 'log')}`,
    'TransferLog none',
  ];
}

function tlsLines(place: Workplace, options: FtpServerOptions): string[] {
  if (place.certificates === undefined) return [];
  const flags = [
    ...(options.tls === 'implicit' ? ['UseImplicitSSL'] : []),
    ...(options.requireSessionReuse === false ? ['NoSessionReuseRequired'] : []),
  ];
  const versions =
    options.tlsVersion === undefined ? 'TLSv1.2 TLSv1.3' : `TLSv${options.tlsVersion}`;
  return [
    'TLSEngine on',
    'TLSRequired on',
    `TLSProtocol ${versions}`,
    `TLSLog ${join(place.folder, 'tls.log')}`,
    `TLSECCertificateFile ${place.certificates.certificateFile}`,
    `TLSECCertificateKeyFile ${place.certificates.keyFile}`,
    'TLSVerifyClient off',
    ...(flags.length === 0 ? [] : [`TLSOptions ${flags.join(' ')}`]),
  ];
}
