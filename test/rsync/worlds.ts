/** A real rsync on loopback, over OpenSSH and as a daemon, and our source connected to either. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { BackupError } from '../../src/base/errors';
import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import { remotePath, type RemotePath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import type { Incoming, Sink, Wanted } from '../../src/model/transfer';
import type { Environment } from '../../src/sources/environment';
import type { Scanned } from '../../src/sources/source';
import { usualOptions, type RsyncOptions } from '../../src/sources/rsync/rsyncServer';
import { openRsyncSource, type RsyncSource } from '../../src/sources/rsync/rsyncSource';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { startRsyncd, type Rsyncd } from '../servers/rsyncd';
import { never, serverAt, Setting } from '../ssh/setting';

export type Way = 'ssh' | 'daemon';

export class RsyncWorld {
  readonly setting = new Setting();
  ssh!: Openssh;
  daemon!: Rsyncd;
  privateKey!: string;
  /** A folder of the account; the daemon's module "home" is the account's home. */
  folder!: string;

  open(
    way: Way,
    options: Partial<RsyncOptions> = {},
    more: Partial<Server> = {},
    environment: Environment = this.setting.environment,
  ): Promise<RsyncSource> {
    const all = { ...usualOptions, ...options };
    const server =
      way === 'ssh'
        ? serverAt(this.ssh.port, {
            protocol: 'rsync',
            privateKey: this.privateKey,
            fingerprint: this.ssh.fingerprint(),
            ...more,
          })
        : serverAt(this.daemon.port, { protocol: 'rsync', via: 'daemon', ...more });
    return openRsyncSource(server, environment, never, all);
  }

  /** How the server calls a place of the account. */
  shown(way: Way, place: string): RemotePath {
    const home = this.ssh.account.home;
    return remotePath(way === 'ssh' ? place : `/home${place.slice(home.length)}`);
  }

  /** A new folder with files in it. */
  tree(name: string, files: Readonly<Record<string, string | Buffer>>): string {
    const place = `${this.folder}/${name}`;
    mkdirSync(place);
    for (const [file, content] of Object.entries(files)) writeFileSync(`${place}/${file}`, content);
    this.handOver();
    return place;
  }

  handOver(): void {
    const { uid, gid } = this.ssh.account;
    execFileSync('chown', ['-R', '-h', `${uid}:${gid}`, this.folder]);
  }
}

export function rsyncWorld(): RsyncWorld {
  const world = new RsyncWorld();
  beforeAll(async () => {
    world.ssh = await startOpenssh();
    world.privateKey = world.ssh.writeKey();
    const { home } = world.ssh.account;
    world.daemon = await startRsyncd({ modules: { home, 'second one': home } });
    world.folder = mkdtempSync(`${home}/rsync-`);
    chmodSync(world.folder, 0o755);
  });
  afterAll(async () => {
    await world.ssh[Symbol.asyncDispose]();
    await world.daemon[Symbol.asyncDispose]();
    await world.setting[Symbol.asyncDispose]();
    rmSync(world.folder, { recursive: true, force: true });
  });
  return world;
}

/** Keeps the digests of what arrives, and what was skipped. */
export class DigestSink implements Sink {
  readonly arrived = new Map<string, string>();
  readonly skipped = new Map<string, BackupError>();
  readonly warnings: string[] = [];
  onReceive: ((entry: Entry) => void) | undefined;

  receive(wanted: Wanted, entry: Entry): Promise<Incoming> {
    this.onReceive?.(entry);
    const hash = createHash('sha256');
    return Promise.resolve({
      offset: 0,
      write: (chunk: Buffer) => void hash.update(chunk),
      finish: () => {
        this.arrived.set(wanted.entry.path, hash.digest('hex'));
        return Promise.resolve();
      },
      abandon: () => Promise.resolve(),
    });
  }

  left(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  skip(wanted: Wanted, error: BackupError): Promise<void> {
    this.skipped.set(wanted.entry.path, error);
    return Promise.resolve();
  }

  warn(_wanted: Wanted, message: string): void {
    this.warnings.push(message);
  }
}

export async function scanned(
  source: RsyncSource,
  root: RemotePath,
  selection = new Selection([`/${Buffer.from(root, 'latin1').toString('utf8')}`], [], 'record'),
): Promise<Scanned[]> {
  const found: Scanned[] = [];
  for await (const one of source.scan(selection, never)) found.push(one);
  return found;
}

/** All files of a scan, as wanted, with a basis where there is one. */
export async function* wantedOf(
  found: readonly Scanned[],
  basisOf: (path: RemotePath) => Wanted['basis'] = () => undefined,
): AsyncGenerator<Wanted, void, undefined> {
  let number = 0;
  for (const { entry, error } of found) {
    if (error ?? entry.type !== 'file') continue;
    const basis = basisOf(entry.path);
    number += 1;
    await Promise.resolve();
    yield { entry, number, ...(basis && { basis }) };
  }
}

export async function failure(promise: Promise<unknown>): Promise<BackupError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof BackupError) return error;
  throw new Error('It should have failed.', { cause: error });
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
