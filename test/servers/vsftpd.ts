import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ftpPrograms } from './ftpPackages';
import {
  startFtpServer,
  type FtpServerOptions,
  type RunningFtpServer,
  type Workplace,
} from './ftpServerOptions';

/** PAM reads its services only from here. */
const pamService = 'sauvegarde-test-vsftpd';

/**
 * vsftpd 3.0.3: no MLSD; `LIST` of a missing folder is an empty list; by default it requires that
 * data connections resume the TLS session.
 */
export function startVsftpd(options: FtpServerOptions = {}): Promise<RunningFtpServer> {
  const { vsftpd } = ftpPrograms();
  writeFileSync(
    `/etc/pam.d/${pamService}`,
    'auth required pam_unix.so\naccount required pam_unix.so\n',
  );
  return startFtpServer(options, (place) => {
    const file = join(place.folder, 'vsftpd.conf');
    const empty = join(place.folder, 'empty');
    mkdirSync(empty, { mode: 0o755 });
    const settings = {
      ...common(place, empty),
      ...tlsSettings(place, options),
      ...limits(options),
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''));
    return { program: vsftpd, args: [file] };
  });
}

type Settings = Record<string, string | number>;

function common(place: Workplace, empty: string): Settings {
  return {
    listen: 'YES',
    listen_address: '127.0.0.1',
    listen_port: place.port,
    background: 'NO',
    anonymous_enable: 'NO',
    local_enable: 'YES',
    seccomp_sandbox: 'NO',
    secure_chroot_dir: empty,
    pam_service_name: pamService,
    pasv_min_port: place.passivePorts.first,
    pasv_max_port: place.passivePorts.last,
    use_localtime: 'NO',
    xferlog_enable: 'NO',
  };
}

function limits(options: FtpServerOptions): Settings {
  const root: Settings =
    options.root === undefined
      ? {}
      : { local_root: options.root, chroot_local_user: 'YES', allow_writeable_chroot: 'YES' };
  return {
    ...root,
    ...(options.maxConnections && { max_per_ip: options.maxConnections }),
    ...(options.writable === true && { write_enable: 'YES', local_umask: '022' }),
  };
}

function tlsSettings(place: Workplace, options: FtpServerOptions): Settings {
  if (place.certificates === undefined) return {};
  return {
    ssl_enable: 'YES',
    implicit_ssl: options.tls === 'implicit' ? 'YES' : 'NO',
    force_local_data_ssl: 'YES',
    force_local_logins_ssl: 'YES',
    rsa_cert_file: place.certificates.certificateFile,
    rsa_private_key_file: place.certificates.keyFile,
    ssl_ciphers: 'HIGH',
    // The build of Debian speaks TLS 1.3; `ssl_tlsv1` allows 1.2 and what is above it.
    ssl_tlsv1: 'YES',
    ...(options.requireSessionReuse === false && { require_ssl_reuse: 'NO' }),
  };
}
