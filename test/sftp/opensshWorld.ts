import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';

import { afterAll, beforeAll } from 'vitest';

import { BackupError } from '../../src/base/errors';
import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import { remotePath, type RemotePath } from '../../src/model/remotePath';
import type { FileServer } from '../../src/sources/fileServer';
import { openSftpServer } from '../../src/sources/sftp/sftpServer';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { never, serverAt, Setting } from '../ssh/setting';

/** A real OpenSSH server, a folder on it, and our connection to it. */
export class OpensshWorld {
  readonly setting = new Setting();
  server!: Openssh;
  sftp!: FileServer;
  folder!: string;
  privateKey!: string;

  open(more: Partial<Server> = {}, to: Openssh = this.server): Promise<FileServer> {
    const { privateKey, setting } = this;
    // A busy machine may leave a server without a turn for seconds.
    const patient = { timeout: 60_000, fingerprint: to.fingerprint() };
    const configured = { privateKey, ...patient, ...more };
    return openSftpServer(serverAt(to.port, configured), setting.environment, never);
  }

  /** The path of what has this name in the folder. */
  pathOf(name: string): RemotePath {
    return remotePath(`${this.folder}/${name}`);
  }

  /** A new folder with files in it. */
  tree(name: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
    const path = `${this.folder}/${name}`;
    mkdirSync(path);
    for (const [file, content] of Object.entries(files)) writeFileSync(`${path}/${file}`, content);
    return path;
  }

  async read(entry: Entry, offset = 0, from = this.sftp): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await from.read(entry, offset, (chunk) => void chunks.push(chunk), never);
    return Buffer.concat(chunks);
  }
}

export function opensshWorld(): OpensshWorld {
  const world = new OpensshWorld();
  beforeAll(async () => {
    world.server = await startOpenssh();
    world.privateKey = world.server.writeKey();
    world.folder = mkdtempSync(`${world.server.account.home}/sftp-`);
    chmodSync(world.folder, 0o755);
    world.sftp = await world.open();
  });
  afterAll(async () => {
    await world.sftp[Symbol.asyncDispose]();
    await world.server[Symbol.asyncDispose]();
    await world.setting[Symbol.asyncDispose]();
    rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

export async function failure(promise: Promise<unknown>): Promise<BackupError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof BackupError) return error;
  throw new Error('It should have failed.', { cause: error });
}
