import { makeBig, makeMixed, makeSmall } from './dataSets';
import type { LinkName } from './places';
import { lftp, linkDest, ours, rclone, rclone16, rsync, sftpProgram } from './tools';
import type { Place, Tool } from './tools';

/** What is copied from where to where. */
export interface Row {
  readonly protocol: Place['protocol'];
  readonly via?: Place['via'];
  readonly data: keyof typeof dataSets;
  readonly link: LinkName;
  /** Without it, copies are put in memory. */
  readonly disk?: 'worn';
  /** After the copy without change comes one of a single file that was edited. */
  readonly edits?: true;
}

/** How each is made, and how many files it has. */
export const dataSets = {
  small: { files: 10_000, make: (place: string) => makeSmall(place, 10_000) },
  small2k: { files: 2000, make: (place: string) => makeSmall(place, 2000) },
  many: { files: 100_000, make: (place: string) => makeSmall(place, 100_000) },
  mixed: { files: 3000, make: (place: string) => makeMixed(place) },
  big: { files: 1, make: (place: string) => makeBig(place, 1024 ** 3) },
  big100: { files: 1, make: (place: string) => makeBig(place, 100 * 1024 ** 2) },
} as const;

export const rows: readonly Row[] = [
  { protocol: 'sftp', data: 'small', link: 'loopback', edits: true },
  { protocol: 'sftp', data: 'small2k', link: '40ms' },
  { protocol: 'sftp', data: 'big', link: 'loopback' },
  { protocol: 'sftp', data: 'big100', link: '40ms' },
  { protocol: 'sftp', data: 'mixed', link: 'loopback' },
  { protocol: 'sftp', data: 'many', link: 'loopback' },
  { protocol: 'sftp', data: 'small', link: 'loopback', disk: 'worn' },
  { protocol: 'ftp', data: 'small', link: 'loopback', edits: true },
  { protocol: 'ftp', data: 'small2k', link: '40ms' },
  { protocol: 'ftp', data: 'big', link: 'loopback' },
  { protocol: 'ftp', data: 'small', link: 'loopback', disk: 'worn' },
  { protocol: 'ftps', data: 'small', link: 'loopback' },
  { protocol: 'ftps', data: 'small2k', link: '40ms' },
  { protocol: 'rsync', via: 'ssh', data: 'small', link: 'loopback', edits: true },
  { protocol: 'rsync', via: 'ssh', data: 'small2k', link: '40ms' },
  { protocol: 'rsync', via: 'ssh', data: 'many', link: 'loopback' },
  { protocol: 'rsync', via: 'daemon', data: 'small', link: 'loopback', edits: true },
  { protocol: 'rsync', via: 'daemon', data: 'small2k', link: '40ms' },
];

/** We come first: the others are measured against us. */
export function toolsFor(row: Row): readonly Tool[] {
  if (row.protocol === 'rsync') return [ours, rsync, linkDest];
  // FTP has one transfer a connection: all tools have eight, as servers allow few.
  if (row.protocol !== 'sftp') return [ours, rclone, lftp];
  // `sftp -r` waits for each file: minutes on a slow link, and it knows nothing of what is there.
  const isQuick = row.link === 'loopback' && row.data !== 'many';
  return [ours, rclone, rclone16, lftp, ...(isQuick ? [sftpProgram] : [])];
}

export function nameOf(row: Row): string {
  const via = row.via === undefined ? '' : `-${row.via}`;
  const disk = row.disk === undefined ? '' : `/${row.disk}`;
  return `${row.protocol}${via}/${row.data}/${row.link}${disk}`;
}
