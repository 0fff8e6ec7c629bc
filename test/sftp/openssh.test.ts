import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { BackupError } from '../../src/base/errors';
import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import { bytesOf, fromBytes, remotePath, type RemotePath } from '../../src/model/remotePath';
import type { FileServer } from '../../src/sources/fileServer';
import { openSftpServer } from '../../src/sources/sftp/sftpServer';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { never, serverAt, Setting } from '../ssh/setting';

let server: Openssh;
let setting: Setting;
let sftp: FileServer;
let folder: string;
let privateKey: string;
beforeAll(async () => {
  setting = new Setting();
  server = await startOpenssh();
  privateKey = server.writeKey();
  folder = mkdtempSync(`${server.account.home}/sftp-`);
  chmodSync(folder, 0o755);
  sftp = await open();
});
afterAll(async () => {
  await sftp[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function open(more: Partial<Server> = {}, to: Openssh = server): Promise<FileServer> {
  const fingerprint = to.fingerprint();
  const configured = serverAt(to.port, { privateKey, fingerprint, ...more });
  return openSftpServer(configured, setting.environment, never);
}

const pathOf = (name: string): RemotePath => remotePath(`${folder}/${name}`);

/** A new folder with files in it. */
function tree(name: string, files: Readonly<Record<string, string | Buffer>> = {}): string {
  const path = `${folder}/${name}`;
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(`${path}/${file}`, content);
  return path;
}

async function read(entry: Entry, offset = 0, from = sftp): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await from.read(entry, offset, (chunk) => void chunks.push(chunk), never);
  return Buffer.concat(chunks);
}

async function failure(promise: Promise<unknown>): Promise<BackupError> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof BackupError) return error;
  throw new Error('It should have failed.', { cause: error });
}

describe('listing', () => {
  test('files, folders, links and others, with sizes, times and modes', async () => {
    const path = tree('kinds', { file: 'hello', empty: '' });
    utimesSync(`${path}/file`, 1_600_000_000, 1_600_000_000);
    chmodSync(`${path}/file`, 0o4640);
    chownSync(`${path}/file`, server.account.uid, server.account.gid);
    chmodSync(`${path}/file`, 0o4640);
    mkdirSync(`${path}/sub`);
    symlinkSync('../somewhere/else', `${path}/dangling`);
    symlinkSync(Buffer.from('t\xe9st', 'latin1'), `${path}/latin1`);
    execFileSync('mkfifo', [`${path}/fifo`]);
    const entries = await sftp.list(pathOf('kinds'), never);
    const byName = Object.fromEntries(
      entries.map((entry) => [entry.path.split('/').at(-1), entry]),
    );
    expect(byName).toMatchObject({
      file: { type: 'file', size: 5, mtime: 1_600_000_000, mode: 0o4640, granularity: 1 },
      empty: { type: 'file', size: 0 },
      sub: { type: 'directory', size: 0 },
      dangling: { type: 'symlink', target: '../somewhere/else' },
      latin1: { type: 'symlink', target: 't\xe9st' },
      fifo: { type: 'other' },
    });
    for (const entry of entries) expect(await sftp.stat(entry.path, never)).toEqual(entry);
  });

  // What version 3 can carry: see `secondsOf`.
  test.each([
    ['1936', -1_072_915_200],
    ['1960', -315_619_200],
    ['1969', -31_536_000],
    ['a second before 1970', -1],
    ['1970', 0],
    ['2038, before the turn', 2 ** 31 - 1],
    ['2038, after the turn', 2 ** 31],
    ['2040', 2_208_988_800],
    ['2071', 3_187_296_000],
  ])('the year %s', async (name, mtime) => {
    const path = tree(`year ${name}`, { file: 'x' });
    execFileSync('touch', ['-d', `@${mtime}`, `${path}/file`]);
    const [entry] = await sftp.list(pathOf(`year ${name}`), never);
    expect(entry?.mtime).toBe(mtime);
    // The time after reading is understood in the same way.
    expect((await read(entry!)).toString()).toBe('x');
  });

  test('many files', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `file number ${index}`);
    tree('many', Object.fromEntries(names.map((name) => [name, ''])));
    const entries = await sftp.list(pathOf('many'), never);
    expect(entries.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([...names].sort());
  });

  test('many links', async () => {
    const path = tree('links');
    for (let index = 0; index < 500; index += 1) symlinkSync(`target ${index}`, `${path}/${index}`);
    const entries = await sftp.list(pathOf('links'), never);
    expect(entries).toHaveLength(500);
    for (const { path: link, target } of entries)
      expect(target).toBe(`target ${link.split('/').at(-1)}`);
  });

  test('the root', async () => {
    const names = (await sftp.list(remotePath('/'), never)).map(({ path }) => path as string);
    expect(names).toContain('etc');
    expect(await sftp.stat(remotePath('/'), never)).toMatchObject({ path: '', type: 'directory' });
  });

  test('what cannot be listed is an error, never empty', async () => {
    const path = tree('forbidden', { file: 'x' });
    chownSync(path, 0, 0);
    chmodSync(path, 0o700);
    expect(await failure(sftp.list(pathOf('forbidden'), never))).toMatchObject({
      kind: 'permission',
    });
    expect(await failure(sftp.stat(pathOf('forbidden/file'), never))).toMatchObject({
      kind: 'permission',
    });
    expect(await failure(sftp.list(pathOf('missing'), never))).toMatchObject({ kind: 'not-found' });
    expect(await failure(sftp.stat(pathOf('missing'), never))).toMatchObject({ kind: 'not-found' });
    tree('with file', { file: 'x' });
    const noFolder = await failure(sftp.list(pathOf('with file/file'), never));
    expect(['not-found', 'protocol']).toContain(noFolder.kind);
  });
});

describe('names are bytes', () => {
  const names: readonly [string, Buffer][] = [
    ['Latin-1', Buffer.from('caf\xe9', 'latin1')],
    [
      'any bytes',
      Buffer.from(
        Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 47),
      ),
    ],
    ['a line feed', Buffer.from('a\nb')],
    ['a carriage return', Buffer.from('a\rb')],
    ['a tab', Buffer.from('a\tb')],
    ['a backslash', Buffer.from('a\\..\\b')],
    ['spaces', Buffer.from(' a b ')],
    ['an arrow', Buffer.from('a -> b')],
    ['patterns', Buffer.from('*?[x]~#%41"\'`$(x)')],
    ['a dash', Buffer.from('-rf')],
    ['dots', Buffer.from('...')],
    ['emoji', Buffer.from('👩‍👩‍👧 🎉')],
    ['composed accents', Buffer.from('é'.normalize('NFC'))],
    ['decomposed accents', Buffer.from('é'.normalize('NFD'))],
    ['255 bytes', Buffer.alloc(255, 'x')],
    ['names of devices', Buffer.from('aux.txt')],
  ];

  test.each(names)('%s', async (what, name) => {
    const path = tree(`name ${what}`);
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), name]), `content of ${what}`);
    const [entry] = await sftp.list(pathOf(`name ${what}`), never);
    expect(bytesOf(entry!.path.slice(entry!.path.lastIndexOf('/') + 1)).equals(name)).toBe(true);
    expect((await read(entry!)).toString()).toBe(`content of ${what}`);
    const again = fromBytes(Buffer.concat([Buffer.from(`${path.slice(1)}/`), name]));
    expect(await sftp.stat(again, never)).toEqual(entry);
  });

  test('a folder of them, several levels deep', async () => {
    const deep = Buffer.concat([
      Buffer.from(`${tree('deep')}/`),
      Buffer.from('d\xe9/\nx/y', 'latin1'),
    ]);
    mkdirSync(deep, { recursive: true });
    writeFileSync(Buffer.concat([deep, Buffer.from('/z')]), 'deep');
    let [entry] = await sftp.list(pathOf('deep'), never);
    while (entry?.type === 'directory') [entry] = await sftp.list(entry.path, never);
    expect((await read(entry!)).toString()).toBe('deep');
  });
});

describe('reading', () => {
  test.each([0, 1, 32_767, 32_768, 32_769, 65_536, 1_000_003, 9_000_001])(
    '%i bytes',
    async (size) => {
      const content = randomBytes(size);
      tree(`size ${size}`, { file: content });
      const [entry] = await sftp.list(pathOf(`size ${size}`), never);
      expect((await read(entry!)).equals(content)).toBe(true);
      for (const offset of [1, size >> 1, size].filter((value) => value <= size)) {
        expect((await read(entry!, offset)).equals(content.subarray(offset))).toBe(true);
      }
    },
  );

  test('300 files at once', async () => {
    const contents = Array.from({ length: 300 }, () =>
      randomBytes(Math.floor(Math.random() * 80_000)),
    );
    tree('crowd', Object.fromEntries(contents.map((content, index) => [`${index}`, content])));
    const entries = await sftp.list(pathOf('crowd'), never);
    const received = await Promise.all(entries.map((entry) => read(entry)));
    for (const [index, entry] of entries.entries()) {
      const content = contents[Number(entry.path.split('/').at(-1))]!;
      expect(received[index]!.equals(content)).toBe(true);
    }
  });

  test('what may not be read, be it empty', async () => {
    const path = tree('unreadable', { full: 'x', empty: '' });
    for (const name of ['full', 'empty']) chmodSync(`${path}/${name}`, 0);
    for (const entry of await sftp.list(pathOf('unreadable'), never)) {
      expect(await failure(read(entry))).toMatchObject({ kind: 'permission', scope: 'entry' });
    }
  });

  test('what has gone, grown, shrunk or changed since it was listed', async () => {
    const path = tree('moving', {
      gone: 'x',
      grown: 'x',
      shrunk: 'xyz',
      changed: 'x',
      folder: 'x',
    });
    const entries = await sftp.list(pathOf('moving'), never);
    const entry = (name: string): Entry => entries.find((one) => one.path.endsWith(name))!;
    rmSync(`${path}/gone`);
    appendFileSync(`${path}/grown`, 'yz');
    truncateSync(`${path}/shrunk`, 1);
    utimesSync(`${path}/changed`, 5, 5);
    rmSync(`${path}/folder`);
    mkdirSync(`${path}/folder`);
    expect(await failure(read(entry('gone')))).toMatchObject({ kind: 'not-found' });
    const outcome = await sftp.read(entry('grown'), 0, () => undefined, never);
    expect(outcome).toEqual({ grown: true });
    expect((await read(entry('grown'))).toString()).toBe('x');
    for (const name of ['shrunk', 'changed', 'folder']) {
      expect(await failure(read(entry(name)))).toMatchObject({ kind: 'changed' });
    }
  });

  test('a file that shrinks, grows or is rewritten while it is read', async () => {
    const size = 30_000_000;
    const path = tree('while', {
      shrinks: Buffer.alloc(size),
      grows: Buffer.alloc(size),
      rewritten: Buffer.alloc(size),
    });
    const old = new Date(1_600_000_000_000);
    for (const name of ['shrinks', 'grows', 'rewritten']) utimesSync(`${path}/${name}`, old, old);
    const during = async (name: string, happen: () => void) => {
      const entry = await sftp.stat(pathOf(`while/${name}`), never);
      let received = 0;
      let happened = false;
      const outcome = await sftp.read(
        entry,
        0,
        (chunk) => {
          received += chunk.length;
          if (received < size / 2 || happened) return undefined;
          happened = true;
          happen();
          return undefined;
        },
        never,
      );
      return { ...outcome, received };
    };
    const shrunk = during('shrinks', () => truncateSync(`${path}/shrinks`, 1000));
    expect(await failure(shrunk)).toMatchObject({ kind: 'changed' });
    const grown = await during('grows', () => appendFileSync(`${path}/grows`, 'more'));
    expect(grown).toEqual({ grown: true, received: size });
    const rewritten = during('rewritten', () => utimesSync(`${path}/rewritten`, 7, 7));
    expect(await failure(rewritten)).toMatchObject({ kind: 'changed' });
  });

  test('cancelled at any point', async () => {
    tree('cancel', { file: randomBytes(3_000_000) });
    const [entry] = await sftp.list(pathOf('cancel'), never);
    for (const after of [0, 1, 100_000, 2_900_000]) {
      const stop = new AbortController();
      let received = 0;
      if (after === 0) queueMicrotask(() => stop.abort());
      const reading = sftp.read(
        entry!,
        0,
        (chunk) => {
          received += chunk.length;
          if (received >= after) stop.abort();
          return undefined;
        },
        stop.signal,
      );
      expect(await failure(reading)).toMatchObject({ kind: 'cancelled' });
    }
    expect(await read(entry!)).toHaveLength(3_000_000);
  });
});

describe('connections', () => {
  test('one that is cut in the middle fails the read, and the next one works', async () => {
    tree('cut', { file: randomBytes(20_000_000) });
    await using own = await open();
    const entry = await own.stat(pathOf('cut/file'), never);
    let cut = false;
    const reading = own.read(
      entry,
      0,
      () => {
        if (!cut) server.breakConnections();
        cut = true;
        return undefined;
      },
      never,
    );
    expect(await failure(reading)).toMatchObject({ kind: 'connection', transient: true });
    expect(await read(entry, 19_000_000, own)).toHaveLength(1_000_000);
  });

  test('a server that stands still', async () => {
    tree('still', { file: randomBytes(20_000_000) });
    await using own = await open({ timeout: 700 });
    const entry = await own.stat(pathOf('still/file'), never);
    let stopped: number[] = [];
    const reading = own.read(
      entry,
      0,
      () => {
        if (stopped.length === 0) stopped = server.pauseConnections();
        return undefined;
      },
      never,
    );
    const error = await failure(reading);
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    expect(error).toMatchObject({ kind: 'timeout', transient: true });
    expect(await read(entry, 19_999_999, own)).toHaveLength(1);
  });

  test('idle for longer than the timeout is no fault', async () => {
    await using own = await open({ timeout: 300 });
    await sleep(700);
    expect(await own.list(pathOf('.'.slice(1)), never)).not.toHaveLength(0);
  });

  test('an account that is locked into a folder, with one channel', async () => {
    const root = mkdtempSync('/srv/sauvegarde-chroot-');
    chmodSync(root, 0o755);
    writeFileSync(`${root}/inside`, 'locked in');
    try {
      const options = { chroot: root, forcedCommand: 'internal-sftp', maxSessions: 1 };
      await using locked = await startOpenssh(options);
      await using own = await open({ privateKey: locked.writeKey() }, locked);
      const entries = await own.list(remotePath('/'), never);
      expect(entries).toMatchObject([{ path: 'inside', type: 'file' }]);
      expect((await read(entries[0]!, 0, own)).toString()).toBe('locked in');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test('an account without SFTP', async () => {
    await using closed = await startOpenssh({ forcedCommand: '/bin/false' });
    const error = await failure(open({ privateKey: closed.writeKey() }, closed));
    expect(error).toMatchObject({ kind: 'protocol', scope: 'run' });
  });

  test('received bytes are counted', async () => {
    tree('counted', { file: randomBytes(1_000_000) });
    const before = sftp.receivedBytes;
    await read(await sftp.stat(pathOf('counted/file'), never));
    expect(sftp.receivedBytes - before).toBeGreaterThan(1_000_000);
    expect(sftp.receivedBytes - before).toBeLessThan(1_100_000);
  });
});
