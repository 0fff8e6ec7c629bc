import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/base/log';
import { backUp } from '../../src/jobs/backUp/backUp';
import type { Server } from '../../src/model/configuration/server';
import type { RunReport } from '../../src/report/runReport';
import { Store } from '../../src/store/store';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { startRsyncd, type Rsyncd } from '../servers/rsyncd';
import { serverAt, Setting } from '../ssh/setting';

const setting = new Setting();
let ssh: Openssh;
let daemon: Rsyncd;
let privateKey: string;
let folder: string;

beforeAll(async () => {
  ssh = await startOpenssh();
  daemon = await startRsyncd({ modules: { home: ssh.account.home } });
  privateKey = ssh.writeKey();
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

type Way = 'sftp' | 'sftp with a shell' | 'rsync over ssh' | 'rsync daemon';

function serverOf(way: Way): Server {
  const login = { privateKey, fingerprint: ssh.fingerprint() };
  switch (way) {
    case 'sftp':
      return serverAt(ssh.port, { ...login, include: [folder] });
    case 'sftp with a shell':
      return serverAt(ssh.port, { ...login, include: [folder], shell: true });
    case 'rsync over ssh':
      return serverAt(ssh.port, { ...login, protocol: 'rsync', include: [folder] });
    case 'rsync daemon': {
      const shown = `/home${folder.slice(ssh.account.home.length)}`;
      return serverAt(daemon.port, { protocol: 'rsync', via: 'daemon', include: [shown] });
    }
  }
}

const long = 600_000;
const names = [
  'index.php',
  'deep/shell.php',
  'new\nline',
  String.raw`back\slash\n`,
  "quo'te $(x) `y`",
];

/** Bytes that a small tree is well below. */
function makeSite(): void {
  folder = fs.mkdtempSync(`${ssh.account.home}/reread-`);
  fs.mkdirSync(`${folder}/deep`);
  for (const name of names) fs.writeFileSync(`${folder}/${name}`, `content of ${name}`);
  fs.writeFileSync(Buffer.from(`${folder}/caf\xe9`, 'latin1'), 'not UTF-8');
  fs.writeFileSync(`${folder}/database`, randomBytes(long));
  fs.writeFileSync(`${folder}/-n`, 'looks like an option');
  // Long ago: fresh files are waited for.
  execFileSync('find', [
    folder,
    '-type',
    'f',
    '-exec',
    'touch',
    '-d',
    '@1700000000.123456789',
    '{}',
    '+',
  ]);
  execFileSync('chown', ['-R', ssh.account.name, folder]);
}

/** Writes the same number of bytes and sets the time back. */
function changeSilently(name: string): void {
  const place = `${folder}/${name}`;
  const { mtimeNs, size } = fs.statSync(place, { bigint: true });
  const file = fs.openSync(place, 'r+');
  fs.writeSync(file, 'X', Number(size) - 1);
  fs.closeSync(file);
  // To the nanosecond, as an intruder would.
  execFileSync('touch', [
    '-d',
    `@${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`,
    place,
  ]);
}

function run(way: Way, more: Partial<Server> = {}, reread?: boolean): Promise<RunReport> {
  return backUp({
    server: { ...serverOf(way), ...more },
    store: new Store(`${folder}.backups`, 'test'),
    environment: { ...setting.environment, log: silentLog },
    signal: new AbortController().signal,
    ...(reread !== undefined && { reread }),
  });
}

describe.each(['sftp', 'sftp with a shell', 'rsync over ssh', 'rsync daemon'] as const)(
  'comparing all content over %s',
  (way) => {
    it('finds what changed without another size or time, and transfers as little as it can', async () => {
      makeSite();
      const first = await run(way);
      expect(first.status).toBe('complete');
      for (const name of ['deep/shell.php', 'new\nline']) changeSilently(name);
      expect((await run(way)).changes).toMatchObject({ changed: 0 });
      const reread = await run(way, {}, true);
      expect(reread).toMatchObject({ status: 'complete', reread: true });
      const paths = [`${folder}/deep/shell.php`, `${folder}/new\nline`].map((place) =>
        way === 'rsync daemon' ? `/home${place.slice(ssh.account.home.length)}` : place,
      );
      expect(reread.changes).toMatchObject({
        changed: 2,
        added: 0,
        removed: 0,
        withoutNewTime: { count: 2, paths },
      });
      if (way === 'sftp') expect(reread.receivedBytes).toBeGreaterThan(long);
      else {
        expect(reread.receivedBytes).toBeLessThan(long / 10);
        expect(reread.fetchedFiles).toBe(2);
      }
      // What was read only to be compared takes no space again.
      const store = new Store(`${folder}.backups`, 'test');
      const shown =
        way === 'rsync daemon' ? `/home${folder.slice(ssh.account.home.length)}` : folder;
      const placeIn = (id: string): string => `${store.layout.snapshot(id)}${shown}/database`;
      expect(fs.statSync(placeIn(reread.snapshot)).ino).toBe(
        fs.statSync(placeIn(first.snapshot)).ino,
      );
      const again = await run(way, {}, true);
      expect(again.changes).toMatchObject({ changed: 0 });
      expect(again.changes?.withoutNewTime).toBeUndefined();
      fs.rmSync(folder, { recursive: true });
      fs.rmSync(`${folder}.backups`, { recursive: true });
    });
  },
);

it('is done by itself as often as it is wanted', async () => {
  makeSite();
  const wanted = { reread: 'monthly' } as const;
  expect((await run('sftp', wanted)).reread).toBe(true);
  changeSilently('index.php');
  const second = await run('sftp', wanted);
  expect(second.reread).toBeUndefined();
  expect(second.changes).toMatchObject({ changed: 0 });
  const store = new Store(`${folder}.backups`, 'test');
  const longAgo = new Date(Date.now() - 31 * 86_400_000).toISOString();
  fs.writeFileSync(store.layout.reread, `${JSON.stringify({ started: longAgo })}\n`);
  const third = await run('sftp', wanted);
  expect(third.reread).toBe(true);
  expect(third.changes?.withoutNewTime).toEqual({ count: 1, paths: [`${folder}/index.php`] });
  expect((await run('sftp', wanted)).reread).toBeUndefined();
});

it('reads everything where the server runs nothing but SFTP', async () => {
  await using bare = await startOpenssh({ settings: ['ForceCommand internal-sftp'] });
  makeSite();
  const more = { port: bare.port, privateKey: bare.writeKey(), fingerprint: bare.fingerprint() };
  await run('sftp with a shell', more);
  changeSilently('index.php');
  const reread = await run('sftp with a shell', more, true);
  expect(reread).toMatchObject({ status: 'complete', reread: true });
  expect(reread.changes?.withoutNewTime?.paths).toEqual([`${folder}/index.php`]);
  expect(reread.receivedBytes).toBeGreaterThan(long);
});

it('fetches again what is damaged here, and takes that for no change of the server', async () => {
  makeSite();
  const { snapshot } = await run('rsync over ssh');
  const store = new Store(`${folder}.backups`, 'test');
  const place = `${store.layout.snapshot(snapshot)}${folder}/index.php`;
  const { mtimeMs } = fs.statSync(place);
  fs.chmodSync(place, 0o644);
  fs.writeFileSync(place, 'CONTENT of index.php');
  fs.utimesSync(place, mtimeMs / 1000, mtimeMs / 1000);
  const reread = await run('rsync over ssh', {}, true);
  expect(reread.changes).toMatchObject({ changed: 0 });
  const mended = `${store.layout.snapshot(reread.snapshot)}${folder}/index.php`;
  expect(fs.readFileSync(mended, 'utf8')).toBe('content of index.php');
});
