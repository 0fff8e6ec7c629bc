/**
 * vsftpd, ProFTPD and Pure-FTPd from Debian. The three packages exclude one another, so they are
 * unpacked side by side into a cache folder instead of being installed; only their libraries are.
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = join(repository, '.cache/ftp-servers');
const unpacked = join(cache, 'unpacked');

const packages = ['vsftpd', 'proftpd-core', 'proftpd-mod-crypto', 'pure-ftpd', 'pure-ftpd-common'];

const libraries = [
  'libcap2',
  'libhiredis0.14',
  'libidn2-0',
  'libmemcached11',
  'libmemcachedutil2',
  'libpam0g',
  'libpcre2-posix3',
  'libsodium23',
  'libwrap0',
];

/** Where the programs and the modules of ProFTPD are. */
export interface FtpPrograms {
  readonly vsftpd: string;
  readonly proftpd: string;
  readonly proftpdModules: string;
  readonly pureFtpd: string;
}

/** Fetches and unpacks the servers unless that was done before. Throws one line where it cannot. */
export function ftpPrograms(): FtpPrograms {
  if (!existsSync(unpacked)) unpack();
  return {
    vsftpd: join(unpacked, 'usr/sbin/vsftpd'),
    proftpd: join(unpacked, 'usr/sbin/proftpd'),
    proftpdModules: join(unpacked, 'usr/lib/proftpd'),
    pureFtpd: join(unpacked, 'usr/sbin/pure-ftpd'),
  };
}

function unpack(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'The tests of FTP need vsftpd, ProFTPD and Pure-FTPd: run them as root on Debian 12.',
    );
  }
  // Several test files may start at the same time: each works in a folder of its own, and the
  // first to rename it wins.
  const work = join(cache, `work-${process.pid}`);
  const tree = join(work, 'tree');
  mkdirSync(tree, { recursive: true });
  try {
    withLists(() => run('apt-get', ['download', '-qq', ...packages], { cwd: work }));
    withLists(() => installLibraries());
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      run('dpkg', ['-x', join(work, file), tree], {});
    }
    if (!existsSync(unpacked)) renameSync(tree, unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function installLibraries(): void {
  run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...libraries], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Runs an apt command; if it fails, once more with fresh package lists. */
function withLists(command: () => void): void {
  try {
    command();
  } catch {
    run('apt-get', ['update', '-qq'], {});
    command();
  }
}

function run(program: string, args: readonly string[], options: ExecFileSyncOptions): void {
  try {
    execFileSync(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const output = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    throw new Error(`${basename(program)} failed: ${output}`, { cause: error });
  }
}
