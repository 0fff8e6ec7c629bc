import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
} from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { account, type Account } from './account';
import { freePort, ServerProcess } from './serverProcess';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface OpensshOptions {
  /** Whether the account's password is accepted. Default: true. */
  readonly password?: boolean;
  /** The types of host keys. Default: all three. */
  readonly hostKeys?: readonly KeyType[];
  /** A root-owned folder that the account is locked into, with internal-sftp. */
  readonly chroot?: string;
  readonly forcedCommand?: string;
  readonly maxSessions?: number;
  /** More lines for sshd_config. */
  readonly settings?: readonly string[];
}

export interface KeyOptions {
  readonly type?: KeyType;
  /** Default: 2048 for RSA, else the type's own. */
  readonly bits?: number;
  readonly passphrase?: string;
  /** `openssh` (default), or the older forms. */
  readonly format?: 'openssh' | 'PEM' | 'PKCS8';
  /** Whether the server accepts it. Default: true. */
  readonly authorised?: boolean;
}

/** A real OpenSSH server on loopback, with host keys and a configuration of its own. */
export class Openssh implements AsyncDisposable {
  readonly account: Account;
  readonly port: number;
  readonly folder: string;
  readonly #process: ServerProcess;
  #keys = 0;

  constructor(owner: Account, port: number, folder: string, process: ServerProcess) {
    this.account = owner;
    this.port = port;
    this.folder = folder;
    this.#process = process;
  }

  get output(): string {
    return this.#process.output;
  }

  /** The process group of the server: what a test kills to break connections. */
  get pid(): number {
    return this.#process.pid;
  }

  /** `[127.0.0.1]:port ssh-ed25519 AAAA…`, for known_hosts. */
  knownHostsLine(type: KeyType = 'ed25519'): string {
    return `[127.0.0.1]:${this.port} ${this.hostKey(type)}\n`;
  }

  /** `ssh-ed25519 AAAA…` */
  hostKey(type: KeyType = 'ed25519'): string {
    const line = readFileSync(join(this.folder, `host_${type}.pub`), 'utf8');
    return line.split(' ').slice(0, 2).join(' ');
  }

  /** `SHA256:…` of a host key. */
  fingerprint(type: KeyType = 'ed25519'): string {
    const blob = Buffer.from(this.hostKey(type).split(' ')[1] ?? '', 'base64');
    const digest = createHash('sha256').update(blob).digest('base64');
    return `SHA256:${digest.replace(/=+$/, '')}`;
  }

  /** Makes a key pair, has the server accept it, and gives the path of the private half. */
  writeKey(options: KeyOptions = {}): string {
    const path = join(this.folder, `key${(this.#keys += 1)}`);
    makeKey(path, options);
    if (options.authorised !== false) {
      appendFileSync(this.#authorisedKeys, readFileSync(`${path}.pub`));
    }
    return path;
  }

  /** Ends the processes that serve the account: what a cut connection looks like. */
  breakConnections(): void {
    for (const pid of this.#serving()) signal(pid, 'SIGKILL');
  }

  /** Stops them without closing anything, and gives their ids: what a server that hangs looks like. */
  pauseConnections(): number[] {
    const pids = this.#serving();
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return pids;
  }

  /** The processes below the one that listens. */
  #serving(): number[] {
    const table = execFileSync('ps', ['--no-headers', '-eo', 'pid,ppid']).toString().trim();
    const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    const found = [this.pid];
    for (const leader of found) {
      found.push(...rows.flatMap(([pid, parent]) => (parent === leader && pid ? [pid] : [])));
    }
    return found.slice(1);
  }

  get #authorisedKeys(): string {
    return join(this.folder, this.account.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakConnections();
    await this.#process[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Starts sshd. Needs root, as sshd does to log in another account. */
export async function startOpenssh(options: OpensshOptions = {}): Promise<Openssh> {
  install();
  const owner = account();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-sshd-'));
  chmodSync(folder, 0o755);
  mkdirSync('/run/sshd', { recursive: true });
  const types = options.hostKeys ?? (['ed25519', 'ecdsa', 'rsa'] as const);
  for (const type of types) makeKey(join(folder, `host_${type}`), { type });
  const configuration = join(folder, 'sshd_config');
  await writeFile(configuration, settingsFor(options, port, folder, types).join('\n') + '\n');
  const process = await ServerProcess.start(
    '/usr/sbin/sshd',
    ['-D', '-e', '-f', configuration],
    port,
  );
  return new Openssh(owner, port, folder, process);
}

function settingsFor(
  options: OpensshOptions,
  port: number,
  folder: string,
  types: readonly KeyType[],
): string[] {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    'UsePAM no',
    `PasswordAuthentication ${options.password === false ? 'no' : 'yes'}`,
    'KbdInteractiveAuthentication no',
    `AuthorizedKeysFile ${folder}/%u`,
    'StrictModes no',
    'PidFile none',
    'MaxStartups 100:30:200',
    ...(options.maxSessions === undefined ? [] : [`MaxSessions ${options.maxSessions}`]),
    ...(options.chroot === undefined
      ? ['Subsystem sftp /usr/lib/openssh/sftp-server']
      : ['Subsystem sftp internal-sftp', `ChrootDirectory ${options.chroot}`]),
    ...(options.forcedCommand === undefined ? [] : [`ForceCommand ${options.forcedCommand}`]),
    ...(options.settings ?? []),
  ];
}

/** Makes a key pair at `path` and `path.pub`. */
export function makeKey(path: string, options: KeyOptions = {}): void {
  const { type = 'ed25519', passphrase = '', format = 'openssh' } = options;
  const bits = options.bits ?? (type === 'rsa' ? 2048 : undefined);
  const size = bits === undefined ? [] : ['-b', String(bits)];
  const form = format === 'openssh' ? [] : ['-m', format];
  const args = ['-q', '-t', type, ...size, ...form, '-N', passphrase, '-C', 'test', '-f', path];
  execFileSync('ssh-keygen', args);
}

function install(): void {
  const needed = ['/usr/sbin/sshd', '/usr/lib/openssh/sftp-server', '/usr/bin/ssh-keygen'];
  if (needed.every((path) => existsSync(path))) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error('Install openssh-server, openssh-sftp-server and openssh-client as root.');
  }
  const packages = ['openssh-server', 'openssh-sftp-server', 'openssh-client'];
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
