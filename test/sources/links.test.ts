import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { MemoryServer } from './memoryServer';
import { listOf, live, soon, walk } from './walking';

describe('links', () => {
  const linked = (): MemoryServer => {
    const server = new MemoryServer();
    server.file('r/data/file');
    server.file('elsewhere/secret');
    server.link('r/file', 'data/file');
    server.link('r/folder', '/r/data');
    server.link('r/up', '..');
    server.link('r/climbs', '../../../../elsewhere');
    server.link('r/outside', '/elsewhere');
    server.link('r/self', 'self');
    server.link('r/data/parent', '../data');
    server.link('r/gone', 'nowhere');
    server.link('r/twice', 'file');
    return server;
  };

  it('are recorded', async () => {
    const scan = walk(linked(), ['/r'], live, 'record');
    const types = new Map<string, string | undefined>();
    for await (const { entry } of scan)
      types.set(entry?.path ?? '', `${entry?.type} ${entry?.target}`);
    expect(types.get('r/folder')).toBe('symlink /r/data');
    expect(types.has('r/folder/file')).toBe(false);
  });

  it('are skipped', async () => {
    expect(await listOf(walk(linked(), ['/r'], live, 'skip'))).toEqual([
      'r',
      'r/data',
      'r/data/file',
    ]);
  });

  it('are followed inside the selection, never up, out or in circles', async () => {
    const found: string[] = [];
    for await (const { entry } of walk(linked(), ['/r'], live, 'follow')) {
      found.push(`${entry?.path} ${entry?.type} ${entry?.readFrom ?? ''}`.trim());
    }
    expect(found).toEqual([
      'r directory',
      'r/climbs symlink',
      'r/data directory',
      'r/data/file file',
      'r/data/parent symlink',
      'r/file file r/data/file',
      'r/folder directory r/data',
      'r/folder/file file r/data/file',
      'r/folder/parent symlink r/data/parent',
      'r/gone symlink',
      'r/outside symlink',
      'r/self symlink',
      'r/twice file r/data/file',
      'r/up symlink',
    ]);
  });

  it('that lead in a circle over several folders end', async () => {
    const server = new MemoryServer();
    server.link('top/x', '/a');
    server.link('a/l', '/b');
    server.link('b/m', '/a');
    server.file('b/file');
    const found = await listOf(walk(server, ['/top', '/a', '/b'], live, 'follow'));
    expect(found).toEqual([
      ...['a', 'a/l', 'a/l/file', 'a/l/m', 'b', 'b/file', 'b/m', 'b/m/l'],
      ...['top', 'top/x', 'top/x/l', 'top/x/l/file', 'top/x/l/m'],
    ]);
  });

  it('are looked at no more at once than folders are listed', async () => {
    const server = new MemoryServer();
    server.listingWidth = 3;
    for (let link = 0; link < 40; link += 1) server.link(`r/f${link % 4}/l${link}`, '/r/data');
    server.folder('r/data');
    server.script = () => soon(1);
    await listOf(walk(server, ['/r'], live, 'follow'));
    expect(server.most.listOrStat).toBeLessThanOrEqual(3);
  });

  it('that cannot be looked at make their folder unknown, not smaller', async () => {
    const server = new MemoryServer();
    server.link('r/a/link', '/r/b');
    server.folder('r/b');
    server.script = (call, path) => {
      if (call === 'stat' && path === 'r/b') throw new BackupError('timeout', 'Silence.');
    };
    expect(await listOf(walk(server, ['/r'], live, 'follow'))).toEqual([
      'r',
      'r/a: timeout',
      'r/b',
    ]);
  });
});
