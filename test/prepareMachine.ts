/** Installs the Debian packages that the tests need and builds the program, once for all test files. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { account } from './servers/account';
import { eximProgram } from './servers/exim';
import { ftpPrograms } from './servers/ftpPackages';
import { moreFtpPrograms } from './servers/moreFtpPackages';

const programs: Readonly<Record<string, string>> = {
  '/usr/sbin/sshd': 'openssh-server',
  '/usr/lib/openssh/sftp-server': 'openssh-sftp-server',
  '/usr/bin/ssh-keygen': 'openssh-client',
  '/usr/bin/gcc': 'gcc',
  '/usr/include/stdio.h': 'libc6-dev',
  '/usr/include/openssl/evp.h': 'libssl-dev',
  '/usr/sbin/dropbear': 'dropbear-bin',
  '/usr/lib/python3/dist-packages/asyncssh/__init__.py': 'python3-asyncssh',
  '/usr/bin/rclone': 'rclone',
  '/usr/bin/restic': 'restic',
  '/usr/bin/setpriv': 'util-linux',
  '/usr/bin/gocryptfs': 'gocryptfs',
  '/usr/bin/fusermount3': 'fuse3',
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/ps': 'procps',
  '/usr/sbin/useradd': 'passwd',
  '/usr/bin/chattr': 'e2fsprogs',
  '/usr/bin/crontab': 'cron',
  '/usr/bin/systemd-analyze': 'systemd',
  '/usr/bin/xmllint': 'libxml2-utils',
  '/usr/bin/chromium-headless-shell': 'chromium-headless-shell',
  '/usr/bin/promtool': 'prometheus',
};

const noServices = '/usr/sbin/policy-rc.d';

/** Set by `npm test`, which has prepared everything before it runs tests. */
export const isPrepared = process.env['SAUVEGARDE_PREPARED'] === 'yes';

export function setup(): void {
  if (isPrepared) return;
  const missing = Object.entries(programs).filter(([program]) => !existsSync(program));
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    const names = [...new Set(Object.values(programs))].join(', ');
    throw new Error(
      `The tests start real servers: run them as root on Debian 12 (they need ${names}).`,
    );
  }
  if (missing.length > 0) install(missing.map(([, name]) => name));
  ftpPrograms();
  moreFtpPrograms();
  eximProgram();
  account();
  execFileSync(process.execPath, ['build/bundle.mjs'], { stdio: 'inherit' });
}

/** The packages must not start services of their own. */
function install(names: readonly string[]): void {
  const ours = !existsSync(noServices);
  if (ours) writeFileSync(noServices, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...names];
    execFileSync('apt-get', args, { env, stdio: 'ignore' });
  } finally {
    if (ours) rmSync(noServices);
  }
}
