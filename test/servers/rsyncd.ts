import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, type Account } from './account';
import { freePort, ServerProcess } from './serverProcess';

export interface RsyncdOptions {
  /** Modules by name, with the folder that each shows. */
  readonly modules: Readonly<Record<string, string>>;
  /** Whether the account's password is asked for. */
  readonly password?: boolean;
  /** More lines for each module. */
  readonly settings?: readonly string[];
  /** Lines for the daemon itself. */
  readonly global?: readonly string[];
}

/** A real rsync daemon on loopback, which reads as the test account. */
export class Rsyncd implements AsyncDisposable {
  readonly account: Account;
  readonly port: number;
  readonly folder: string;
  readonly #process: ServerProcess;

  constructor(owner: Account, port: number, folder: string, process: ServerProcess) {
    this.account = owner;
    this.port = port;
    this.folder = folder;
    this.#process = process;
  }

  get output(): string {
    return this.#process.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function startRsyncd(options: RsyncdOptions): Promise<Rsyncd> {
  installRsync();
  const owner = account();
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-rsyncd-'));
  const secrets = join(folder, 'secrets');
  writeFileSync(secrets, `${owner.name}:${owner.password}\n`);
  chmodSync(secrets, 0o600);
  const login = options.password ? [`auth users = ${owner.name}`, `secrets file = ${secrets}`] : [];
  const modules = Object.entries(options.modules).flatMap(([name, path]) => [
    `[${name}]`,
    `path = ${path}`,
    'comment = What is to be backed up',
    'read only = yes',
    ...login,
    ...(options.settings ?? []),
  ]);
  const port = await freePort();
  const lines = [
    `port = ${port}`,
    'address = 127.0.0.1',
    'use chroot = no',
    `uid = ${owner.name}`,
    `gid = ${owner.name}`,
    `pid file = ${folder}/pid`,
    'reverse lookup = no',
    ...(options.global ?? []),
    ...modules,
  ];
  const configuration = join(folder, 'rsyncd.conf');
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  const args = ['--daemon', '--no-detach', `--config=${configuration}`];
  const process = await ServerProcess.start('/usr/bin/rsync', args, port);
  return new Rsyncd(owner, port, folder, process);
}

/** Debian's rsync, which the tests run on the side of the server. */
export function installRsync(): void {
  if (existsSync('/usr/bin/rsync')) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error('Install rsync as root.');
  }
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'rsync'], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
  });
}
