/** FTP servers of other kinds from Debian: pyftpdlib (asynchronous, in Python) and inetutils-ftpd (BSD's). */
import { join } from 'node:path';
import { unpackedPackages } from './debianPackages';

const packages = ['python3-pyftpdlib', 'inetutils-ftpd', 'inetutils-inetd'];
const libraries = ['python3', 'libwrap0', 'libpam0g', 'libcrypt1'];

export interface MoreFtpPrograms {
  /** The folder that Python looks for pyftpdlib in. */
  readonly pythonPath: string;
  readonly inetutilsFtpd: string;
  readonly inetd: string;
}

/** Fetches and unpacks the servers unless that was done before. Throws one line where it cannot. */
export function moreFtpPrograms(): MoreFtpPrograms {
  const unpacked = unpackedPackages('more-ftp-servers', packages, libraries);
  return {
    pythonPath: join(unpacked, 'usr/lib/python3/dist-packages'),
    inetutilsFtpd: join(unpacked, 'usr/sbin/ftpd'),
    inetd: join(unpacked, 'usr/sbin/inetutils-inetd'),
  };
}
