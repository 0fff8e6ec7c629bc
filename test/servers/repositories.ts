/** Far ends that restic keeps repositories at, on loopback: a folder, OpenSSH, `rclone serve restic`, and S3. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startOpenssh } from './openssh';
import { freePort, ServerProcess } from './serverProcess';

/** Where a repository can be made. */
export interface FarEnd extends AsyncDisposable {
  /** As restic names it. */
  readonly address: string;
  /** What restic needs in its environment, beside the password. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the repository stands on this computer; absent: not as restic's own files. */
  readonly folder?: string;
  /** The port that it answers at; absent: it is no server. */
  readonly port?: number;
}

export function startFolder(): Promise<FarEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sauvegarde-repository-'));
  return Promise.resolve({
    ...{ address: path.join(folder, 'repository'), env: {} },
    folder: path.join(folder, 'repository'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  });
}

/** restic runs the `ssh` of the person, with the keys and hosts that they have: here by a program of that name. */
export async function startSftp(): Promise<FarEnd> {
  const server = await startOpenssh();
  const folder = mkdtempSync(path.join(tmpdir(), 'sauvegarde-repository-'));
  const key = server.writeKey();
  const { name, home } = server.account;
  const settings = [
    ...['Host *', `IdentityFile ${key}`, 'IdentitiesOnly yes', 'BatchMode yes'],
    `UserKnownHostsFile ${path.join(folder, 'known_hosts')}`,
  ];
  writeFileSync(path.join(folder, 'known_hosts'), server.knownHostsLine());
  writeFileSync(path.join(folder, 'config'), settings.join('\n'));
  const ours = `#!/bin/sh\nexec /usr/bin/ssh -F ${path.join(folder, 'config')} "$@"\n`;
  writeFileSync(path.join(folder, 'ssh'), ours, { mode: 0o755 });
  const repository = path.join(home, path.basename(folder));
  return {
    address: `sftp://${name}@127.0.0.1:${server.port}/${repository}`,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    ...{ port: server.port, folder: repository },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const made of [folder, repository]) await rm(made, { recursive: true, force: true });
    },
  };
}

export async function startRcloneRest(): Promise<FarEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sauvegarde-repository-'));
  const port = await freePort();
  const place = ['--addr', `127.0.0.1:${port}`, '--config', path.join(folder, 'rclone.conf')];
  const args = ['serve', 'restic', path.join(folder, 'served'), ...place];
  const farEnd = { address: `rest:http://127.0.0.1:${port}/repository/`, env: {}, port };
  const served = path.join(folder, 'served', 'repository');
  return serving(folder, { ...farEnd, folder: served }, '/usr/bin/rclone', args);
}

export async function startS3(): Promise<FarEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sauvegarde-repository-'));
  const port = await freePort();
  const require = createRequire(import.meta.url);
  const library = require.resolve('@20minutes/s3rver');
  const directory = path.join(folder, 'buckets');
  mkdirSync(directory);
  // It reckons another signature than Amazon's and restic's where the host has a port.
  const lenient = { allowMismatchedSignatures: true, silent: true };
  const options = { address: '127.0.0.1', port, directory, ...lenient };
  const program = `new (require(${JSON.stringify(library)}))(${JSON.stringify(options)}).run()`;
  const env = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const address = `s3:http://127.0.0.1:${port}/copies/repository`;
  return serving(folder, { address, env, port }, process.execPath, ['-e', program]);
}

/** @param folder all that it needs, which goes with it */
async function serving(
  folder: string,
  farEnd: Omit<FarEnd, typeof Symbol.asyncDispose> & { readonly port: number },
  program: string,
  args: readonly string[],
): Promise<FarEnd> {
  const server = await ServerProcess.start(program, args, farEnd.port);
  return {
    ...farEnd,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
