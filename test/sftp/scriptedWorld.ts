import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach } from 'vitest';

import { BackupError } from '../../src/base/errors';
import type { Entry } from '../../src/model/entry';
import { remotePath } from '../../src/model/remotePath';
import type { FileServer, ReadOutcome } from '../../src/sources/fileServer';
import { openSftpServer } from '../../src/sources/sftp/sftpServer';
import { ScriptedSftp, type Script } from '../servers/scriptedSftp';
import { never, serverAt, Setting } from '../ssh/setting';

/** Milliseconds: short, as many tests wait for it. */
/** Long enough that a busy machine is not taken for a silent server. */
export const timeout = 1500;

/** A scripted server and our connection to it, new for each test. */
export class ScriptedWorld {
  setting = new Setting();
  scripted!: ScriptedSftp;
  sftp!: FileServer;

  /** @param patience milliseconds */
  async open(script: Script, patience = timeout): Promise<void> {
    this.scripted = await ScriptedSftp.start(script);
    this.setting.write('known_hosts', this.scripted.knownHostsLine);
    const server = serverAt(this.scripted.port, { timeout: patience });
    this.sftp = await openSftpServer(server, this.setting.environment, never, { names: 20_000 });
  }

  async read(
    entry: Entry,
    offset = 0,
    signal = never,
  ): Promise<ReadOutcome & { readonly content: Buffer }> {
    const chunks: Buffer[] = [];
    const write = (chunk: Buffer): undefined => void chunks.push(chunk);
    const outcome = await this.sftp.read(entry, offset, write, signal);
    return { ...outcome, content: Buffer.concat(chunks) };
  }
}

export function scriptedWorld(): ScriptedWorld {
  const world = new ScriptedWorld();
  beforeEach(() => {
    world.setting = new Setting();
  });
  afterEach(async () => {
    await world.sftp[Symbol.asyncDispose]();
    await world.scripted[Symbol.asyncDispose]();
    await world.setting[Symbol.asyncDispose]();
  });
  return world;
}

/** The file that every path of a scripted server is: `content`, of the second 1000. */
export function file(size: number, mtime = 1000): Entry {
  return { path: remotePath('/file'), type: 'file', size, mtime, granularity: 1 };
}

/** Every failure is a `BackupError`, and comes in time. */
export async function failure(promise: Promise<unknown>): Promise<BackupError> {
  const succeeded = promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  const late = sleep(12 * timeout, new Error('nothing happened'));
  const error = await Promise.race([succeeded, late]);
  if (error instanceof BackupError) return error;
  throw error as Error;
}
