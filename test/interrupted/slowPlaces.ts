import fs from 'node:fs';
import path from 'node:path';
import { CommandLine } from '../cli/commandLine';
import { account } from '../servers/account';
import { startOpenssh } from '../servers/openssh';
import { startRsyncd } from '../servers/rsyncd';
import { SlowLine } from '../servers/slowLine';
import { startVsftpd } from '../servers/vsftpd';

export const slowProtocols = ['sftp', 'ftp', 'rsync over ssh', 'rsync daemon'] as const;

export type SlowProtocol = (typeof slowProtocols)[number];

/** A server behind a slow line, the files on it, and the program that backs them up. */
export class SlowPlace implements AsyncDisposable {
  readonly line: SlowLine;
  readonly env: NodeJS.ProcessEnv;
  readonly #server: AsyncDisposable;
  readonly #connection: Readonly<Record<string, unknown>>;

  constructor(
    server: AsyncDisposable,
    line: SlowLine,
    env: NodeJS.ProcessEnv,
    connection: Readonly<Record<string, unknown>>,
  ) {
    this.#server = server;
    this.line = line;
    this.env = env;
    this.#connection = connection;
  }

  /** A workspace of its own, in which nothing has been backed up. */
  workspace(more: Readonly<Record<string, unknown>> = {}): CommandLine {
    const workspace = new CommandLine();
    workspace.configureServer({ ...this.#connection, host: this.line.host, ...more });
    return workspace;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

export async function openSlowPlace(protocol: SlowProtocol, folder: string): Promise<SlowPlace> {
  const { name: username, password } = account();
  const line = new SlowLine();
  const env = { SAUVEGARDE_PASSWORD: password };
  if (protocol === 'ftp') {
    const server = await startVsftpd({ tls: 'none' });
    const { first, last } = server.passivePorts;
    const passive = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
    await line.listen([server.port, ...passive]);
    const { port } = server;
    return new SlowPlace(server, line, env, { protocol, port, username, include: [folder] });
  }
  if (protocol === 'rsync daemon') {
    const server = await startRsyncd({ modules: { data: folder }, password: true });
    await line.listen([server.port]);
    const own = { protocol: 'rsync', via: 'daemon', port: server.port, username };
    return new SlowPlace(server, line, env, { ...own, include: ['/data'] });
  }
  const server = await startOpenssh();
  await line.listen([server.port]);
  const fingerprint = server.fingerprint();
  const own = { protocol: protocol === 'sftp' ? 'sftp' : 'rsync', port: server.port, username };
  return new SlowPlace(server, line, env, { ...own, fingerprint, include: [folder] });
}

/** 2025-01-01: far enough back that nothing waits for the files to come to rest. */
const longAgo = 1_735_689_600;

/** Files of given sizes, in folders of twenty; no two blocks of them are alike. Gives their sum. */
export function makeFiles(root: string, sizes: readonly number[], seed: number): number {
  let state = seed;
  for (const [number, size] of sizes.entries()) {
    const folder = path.join(root, `folder${String(Math.floor(number / 20)).padStart(3, '0')}`);
    fs.mkdirSync(folder, { recursive: true });
    const content = Buffer.alloc(size);
    for (let at = 0; at + 4 <= size; at += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      content.writeInt32LE(state, at);
    }
    const file = path.join(folder, `file${String(number).padStart(5, '0')}`);
    fs.writeFileSync(file, content);
    fs.utimesSync(file, longAgo, longAgo);
  }
  fs.chmodSync(root, 0o755);
  return sizes.reduce((sum, size) => sum + size, 0);
}
