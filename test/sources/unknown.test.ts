import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import type { Entry } from '../../src/model/entry';
import { childPath, remotePath, type RemotePath } from '../../src/model/remotePath';
import type { Scanned } from '../../src/sources/source';
import { MemoryServer } from './memoryServer';
import { listOf, live, walk } from './walking';

describe('a scan', () => {
  it('takes an entry that is told twice in the same words for one', async () => {
    const server = new MemoryServer();
    server.file('r/a/x');
    const list = server.list.bind(server);
    server.list = async (folder, signal) => {
      const found = await list(folder, signal);
      return [...found, ...found];
    };
    expect(await listOf(walk(server, ['/r']))).toEqual(['r', 'r/a', 'r/a/x']);
  });

  it('knows nothing of an entry that is told twice in different words, and goes on', async () => {
    const server = new MemoryServer();
    for (const path of ['r/a', 'r/b', 'r/c/x', 'r/d']) server.file(path);
    const list = server.list.bind(server);
    server.list = async (folder, signal) => {
      const found = await list(folder, signal);
      const others = found
        .filter(({ path }) => path === 'r/b' || path === 'r/c')
        .map((entry): Entry => ({ ...entry, type: 'file', size: 999 }));
      return [...found, ...others];
    };
    const expected = ['r', 'r/a', 'r/b: protocol', 'r/c: protocol', 'r/d'];
    expect(await listOf(walk(server, ['/r']))).toEqual(expected);
  });

  it('gives out what is only partly known, the root too', async () => {
    const server = new MemoryServer();
    for (const path of ['r/a', 'r/b']) server.file(path);
    const error = new BackupError('protocol', 'A line is not understood.');
    const list = server.list.bind(server);
    server.list = (folder, signal, onUnknown) => {
      if (folder === 'r') onUnknown?.({ path: childPath(folder, 'c'), error });
      onUnknown?.({ error });
      return list(folder, signal);
    };
    const scanned: Scanned[] = [];
    for await (const one of walk(server, ['/'])) scanned.push(one);
    expect(scanned).toMatchObject([
      { entry: { path: '' }, partly: error },
      { entry: { path: 'r' }, partly: error },
      { entry: { path: 'r/a' } },
      { entry: { path: 'r/b' } },
      { path: 'r/c', error },
    ]);
  });

  describe('of a folder that is empty all of a sudden', () => {
    const emptied = (other: () => Promise<Entry[]>): MemoryServer => {
      const server = new MemoryServer();
      for (const path of ['r/a/x', 'r/b/y', 'r/c/z']) server.file(path);
      const list = server.list.bind(server);
      server.list = async (folder, signal) => {
        const found = await list(folder, signal);
        return folder === 'r/c' ? found : found.filter(({ type }) => type === 'directory');
      };
      return Object.assign(server, { listOtherwise: other });
    };

    it('asks in a second way, and only of one that had content', async () => {
      const asked: RemotePath[] = [];
      const x: Entry = { path: remotePath('r/a/x'), type: 'file', size: 1, granularity: 1 };
      const server = emptied(() => Promise.resolve([x]));
      const scan = walk(server, ['/r'], live, 'record', [], (folder) => {
        asked.push(folder);
        return Promise.resolve(folder === 'r/a');
      });
      expect(await listOf(scan)).toEqual(['r', 'r/a', 'r/a/x', 'r/b', 'r/c', 'r/c/z']);
      expect(asked.sort()).toEqual(['r/a', 'r/b']);
    });

    it('takes a failure of the second look for ignorance', async () => {
      const server = emptied(() => Promise.reject(new BackupError('protocol', 'No.')));
      const scan = walk(server, ['/r'], live, 'record', [], () => Promise.resolve(true));
      const expected = ['r', 'r/a: protocol', 'r/b: protocol', 'r/c', 'r/c/z'];
      expect(await listOf(scan)).toEqual(expected);
    });

    it('believes it if the second look shows nothing either', async () => {
      const server = emptied(() => Promise.resolve([]));
      const scan = walk(server, ['/r'], live, 'record', [], () => Promise.resolve(true));
      expect(await listOf(scan)).toEqual(['r', 'r/a', 'r/b', 'r/c', 'r/c/z']);
    });
  });
});
