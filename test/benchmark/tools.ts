import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cost } from './measure';
import { measure } from './measure';

/** Where a benchmark copies from. */
export interface Place {
  readonly protocol: 'sftp' | 'ftp' | 'ftps' | 'rsync';
  /** rsync only. */
  readonly via?: 'ssh' | 'daemon';
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly folder: string;
  /** Over ssh only. */
  readonly keyFile?: string;
  readonly fingerprint?: string;
  /** ftps only. */
  readonly caFile?: string;
}

/** A program that copies a remote folder into a local one, and does so again without change. */
export interface Tool {
  readonly name: string;
  prepare(place: Place, target: string): void;
  copy(place: Place, target: string): Promise<Cost>;
}

/** Built by the benchmark itself, from the same sources as the published program. */
const program = resolve('dist/cli.js');

/** @param options for Node, such as those of its profiler */
export function oursWith(options: readonly string[]): Tool {
  return {
    name: 'sauvegarde',
    prepare: (place, target) => {
      fresh(target);
      mkdirSync(join(target, '.vscode'));
      const { protocol, via, host, port, username, folder, keyFile, fingerprint, caFile } = place;
      const connection = { protocol, via, host, port, username, connections: 8, include: [folder] };
      // Behind the delay the server has another address than its certificate names.
      const name = caFile === undefined ? {} : { ca: caFile, certificateName: 'localhost' };
      const server = { ...connection, privateKey: keyFile, fingerprint, ...name };
      const configuration = JSON.stringify({ servers: { bench: server } });
      writeFileSync(join(target, '.vscode', 'sauvegarde.json'), configuration);
    },
    copy: (place, target) =>
      measure(process.execPath, [...options, program, 'backup', '--json', '-C', target], {
        ...process.env,
        SAUVEGARDE_PASSWORD: place.password,
      }),
  };
}

export const ours = oursWith([]);

function rcloneWith(name: string, transfers: (place: Place) => number): Tool {
  return {
    name,
    prepare: (_place, target) => fresh(target),
    copy: (place, target) => {
      const flags = place.protocol === 'sftp' ? rcloneSftp(place) : rcloneFtp(place);
      const source = `:${place.protocol === 'sftp' ? 'sftp' : 'ftp'}:${place.folder}`;
      const config = ['--config', '/dev/null', '--transfers', String(transfers(place))];
      return measure('rclone', ['sync', ...config, ...flags, source, target]);
    },
  };
}

/** As it comes for SFTP; for FTP with as many connections as we have. */
export const rclone = rcloneWith('rclone', ({ protocol }) => (protocol === 'sftp' ? 4 : 8));

export const rclone16 = rcloneWith('rclone 16', () => 16);

function rcloneSftp(place: Place): string[] {
  return [
    ...['--sftp-host', place.host, '--sftp-port', String(place.port)],
    ...['--sftp-user', place.username, '--sftp-key-file', place.keyFile ?? ''],
    ...['--sftp-md5sum-command', 'none', '--sftp-sha1sum-command', 'none'],
    '--sftp-disable-hashcheck',
  ];
}

function rcloneFtp(place: Place): string[] {
  const password = obscured(place.password);
  // vsftpd refuses what rclone 1.60 sends to resume a session of TLS 1.3.
  const secure = ['--ftp-explicit-tls', '--ftp-no-check-certificate', '--ftp-disable-tls13'];
  return [
    ...['--ftp-host', place.host, '--ftp-port', String(place.port)],
    ...['--ftp-user', place.username, '--ftp-pass', password],
    ...(place.protocol === 'ftps' ? secure : []),
  ];
}

const obscuredPasswords = new Map<string, string>();

/** rclone wants passwords in a form of its own. `prepareRclone` has made it. */
function obscured(password: string): string {
  return obscuredPasswords.get(password) ?? '';
}

export function rememberObscured(password: string, form: string): void {
  obscuredPasswords.set(password, form);
}

const quietSsh = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR';

export const lftp: Tool = {
  name: 'lftp',
  prepare: (_place, target) => fresh(target),
  copy: (place, target) => {
    const { host, port, username, password, folder } = place;
    const ssh = `ssh -a -x -i ${place.keyFile ?? ''} ${quietSsh}`;
    const secure = place.protocol === 'ftps';
    const settings = [
      'set net:max-retries 2',
      `set sftp:connect-program "${ssh}"`,
      `set ftp:ssl-allow ${secure ? 'yes' : 'no'}`,
      `set ftp:ssl-force ${secure ? 'yes' : 'no'}`,
      'set ftp:ssl-protect-data yes',
      'set ssl:verify-certificate no',
    ];
    const scheme = place.protocol === 'sftp' ? 'sftp' : 'ftp';
    const open = `open -p ${port} -u "${username},${password}" ${scheme}://${host}`;
    const mirror = `mirror --parallel=8 ${folder} ${target}`;
    return measure('lftp', ['-c', [...settings, open, mirror].join('; ')]);
  },
};

/** OpenSSH's own program. It fetches all of it each time. */
export const sftpProgram: Tool = {
  name: 'sftp -r',
  prepare: (_place, target) => fresh(target),
  copy: (place, target) => {
    const { host, port, username, folder, keyFile } = place;
    const login = ['-q', '-P', String(port), '-i', keyFile ?? '', ...quietSsh.split(' ')];
    return measure('sftp', [...login, '-r', '-p', `${username}@${host}:${folder}`, target]);
  },
};

/** The rsync program on this side as well. */
export const rsync: Tool = {
  name: 'rsync',
  prepare: (_place, target) => fresh(target),
  copy: (place, target) => runRsync(place, [], target),
};

/** Dated trees whose unchanged files are links to those of the one before, as ours are. */
export const linkDest: Tool = {
  name: 'rsync --link-dest',
  prepare: (_place, target) => fresh(target),
  copy: (place, target) => {
    const before = readdirSync(target).length;
    const links = before === 0 ? [] : [`--link-dest=../${before}`];
    return runRsync(place, links, join(target, String(before + 1)));
  },
};

function runRsync(place: Place, options: readonly string[], target: string): Promise<Cost> {
  const { via, host, port, username, password, folder, keyFile } = place;
  const ssh = `ssh -a -x -p ${port} -i ${keyFile ?? ''} -c aes128-gcm@openssh.com ${quietSsh}`;
  const source =
    via === 'daemon'
      ? [`rsync://${username}@${host}:${port}${folder}/`]
      : ['-e', ssh, `${username}@${host}:${folder}/`];
  return measure('rsync', ['-rlpt', '--stats', ...options, ...source, target], {
    ...process.env,
    RSYNC_PASSWORD: password,
  });
}

function fresh(target: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
}
