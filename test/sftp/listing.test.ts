import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { nameOf, remotePath } from '../../src/model/remotePath';
import { never } from '../ssh/setting';
import { failure, opensshWorld } from './opensshWorld';

const world = opensshWorld();

describe('listing', () => {
  test('files, folders, links and others, with sizes, times and modes', async () => {
    const path = world.tree('kinds', { file: 'hello', empty: '' });
    utimesSync(`${path}/file`, 1_600_000_000, 1_600_000_000);
    chmodSync(`${path}/file`, 0o4640);
    chownSync(`${path}/file`, world.server.account.uid, world.server.account.gid);
    chmodSync(`${path}/file`, 0o4640);
    mkdirSync(`${path}/sub`);
    symlinkSync('../somewhere/else', `${path}/dangling`);
    symlinkSync(Buffer.from('t\xe9st', 'latin1'), `${path}/latin1`);
    execFileSync('mkfifo', [`${path}/fifo`]);
    const entries = await world.sftp.list(world.pathOf('kinds'), never);
    const byName: Record<string, unknown> = {};
    for (const entry of entries) byName[nameOf(entry.path)] = entry;
    expect(byName).toMatchObject({
      file: { type: 'file', size: 5, mtime: 1_600_000_000, mode: 0o4640, granularity: 1 },
      empty: { type: 'file', size: 0 },
      sub: { type: 'directory', size: 0 },
      dangling: { type: 'symlink', target: '../somewhere/else' },
      latin1: { type: 'symlink', target: 't\xe9st' },
      fifo: { type: 'other' },
    });
    for (const entry of entries) expect(await world.sftp.stat(entry.path, never)).toEqual(entry);
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
    const path = world.tree(`year ${name}`, { file: 'x' });
    execFileSync('touch', ['-d', `@${mtime}`, `${path}/file`]);
    const [entry] = await world.sftp.list(world.pathOf(`year ${name}`), never);
    expect(entry?.mtime).toBe(mtime);
    // The time after reading is understood in the same way.
    expect((await world.read(entry!)).toString()).toBe('x');
  });

  test('many files', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `file number ${index}`);
    world.tree('many', Object.fromEntries(names.map((name) => [name, ''])));
    const entries = await world.sftp.list(world.pathOf('many'), never);
    expect(entries.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([...names].sort());
  });

  test('many links', async () => {
    const path = world.tree('links');
    for (let index = 0; index < 500; index += 1) symlinkSync(`target ${index}`, `${path}/${index}`);
    const entries = await world.sftp.list(world.pathOf('links'), never);
    expect(entries).toHaveLength(500);
    for (const { path: link, target } of entries)
      expect(target).toBe(`target ${link.split('/').at(-1)}`);
  });

  test('the root', async () => {
    const names = (await world.sftp.list(remotePath('/'), never)).map(({ path }) => path as string);
    expect(names).toContain('etc');
    expect(await world.sftp.stat(remotePath('/'), never)).toMatchObject({
      path: '',
      type: 'directory',
    });
  });

  test('what cannot be listed is an error, never empty', async () => {
    const path = world.tree('forbidden', { file: 'x' });
    chownSync(path, 0, 0);
    chmodSync(path, 0o700);
    expect(await failure(world.sftp.list(world.pathOf('forbidden'), never))).toMatchObject({
      kind: 'permission',
    });
    expect(await failure(world.sftp.stat(world.pathOf('forbidden/file'), never))).toMatchObject({
      kind: 'permission',
    });
    expect(await failure(world.sftp.list(world.pathOf('missing'), never))).toMatchObject({
      kind: 'not-found',
    });
    expect(await failure(world.sftp.stat(world.pathOf('missing'), never))).toMatchObject({
      kind: 'not-found',
    });
    world.tree('with file', { file: 'x' });
    const noFolder = await failure(world.sftp.list(world.pathOf('with file/file'), never));
    expect(['not-found', 'protocol']).toContain(noFolder.kind);
  });
});
