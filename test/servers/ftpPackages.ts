/**
 * vsftpd, ProFTPD and Pure-FTPd from Debian. The three packages exclude one another, so they are
 * unpacked side by side into a cache folder instead of being installed; only their libraries are.
 */
import { join } from 'node:path';
import { unpackedPackages } from './debianPackages';

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
  const unpacked = unpackedPackages('ftp-servers', packages, libraries);
  return {
    vsftpd: join(unpacked, 'usr/sbin/vsftpd'),
    proftpd: join(unpacked, 'usr/sbin/proftpd'),
    proftpdModules: join(unpacked, 'usr/lib/proftpd'),
    pureFtpd: join(unpacked, 'usr/sbin/pure-ftpd'),
  };
}
