import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelled } from '../../src/base/abort';
import { BackupError } from '../../src/base/errors';
import { compareInFolderOrder } from '../../src/model/remotePath';
import { MemoryServer } from './memoryServer';
import { listOf, live, shown, soon, walk } from './walking';

const run = (kind: 'authentication' | 'connection' = 'connection'): BackupError =>
  new BackupError(kind, 'The server is gone.', { scope: 'run' });

const unhandled: unknown[] = [];
const keep = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => void process.on('unhandledRejection', keep));
afterEach(async () => {
  await soon(5);
  process.off('unhandledRejection', keep);
  expect(unhandled.splice(0)).toEqual([]);
});

function next(numbers: fc.Stream<number>): number {
  const found = numbers.next();
  return found.done ? 0 : found.value;
}

const name = fc.constantFrom('a', 'a-', 'a.b', 'a b', 'b', 'b!', 'z', '\xe9');
const tree = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 5 }), {
  selector: (names) => names.join('/'),
  maxLength: 25,
});

describe('a scan', () => {
  it('gives all of any tree in folder order, and lists each folder once', async () => {
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (paths, width, delays) => {
          const server = new MemoryServer();
          server.listingWidth = width;
          server.script = () => soon(next(delays));
          server.folder('r');
          for (const path of paths)
            if (!server.node(`r/${path.join('/')}`)) server.file(`r/${path.join('/')}`);
          const wanted = server.paths.sort(compareInFolderOrder);
          expect(await listOf(walk(server, ['/r']))).toEqual(wanted);
          for (const path of server.paths) {
            expect(server.count('list', path)).toBe(
              server.node(path)?.type === 'directory' ? 1 : 0,
            );
          }
          expect(server.most.list).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives included paths in folder order, single files and links among them', async () => {
    const server = new MemoryServer();
    for (const path of ['b/x', 'a/y', 'c', 'real/inside']) server.file(path);
    server.link('link', 'real');
    server.link('dangling', 'nowhere');
    const found = await listOf(walk(server, ['/c', '/link', '/b', '/a', '/dangling', '/gone']));
    expect(found).toEqual([
      'a',
      'a/y',
      'b',
      'b/x',
      'c',
      'dangling',
      'gone: not-found',
      'link',
      'link/inside',
    ]);
  });

  it('of the root gives no entry for the root itself', async () => {
    const server = new MemoryServer();
    server.file('a/b');
    expect(await listOf(walk(server, ['/']))).toEqual(['a', 'a/b']);
  });

  it('lists ahead of a slow consumer, but only so far', async () => {
    const server = new MemoryServer();
    server.listingWidth = 8;
    for (let folder = 0; folder < 600; folder += 1) server.folder(`r/${folder}`);
    const scan = walk(server, ['/r']);
    await scan.next();
    await soon(2000);
    expect(server.total('list')).toBeGreaterThan(100);
    expect(server.total('list')).toBeLessThanOrEqual(258);
    await scan.return();
  });

  it('holds no more entries ahead than about ten thousand', async () => {
    const server = new MemoryServer();
    server.listingWidth = 1;
    for (let folder = 0; folder < 30; folder += 1) server.folder(`r/${folder}`);
    const entries = Array.from({ length: 2000 }, (_none, file) => file);
    const list = server.list.bind(server);
    server.list = async (folder, signal) => {
      const found = await list(folder, signal);
      if (folder === 'r') return found;
      return entries.map((file) => ({
        ...found[0],
        ...{ path: `${folder}/${file}` as typeof folder, type: 'file', size: 0, granularity: 1 },
      }));
    };
    const scan = walk(server, ['/r']);
    await scan.next();
    await soon(500);
    expect(server.total('list')).toBeLessThanOrEqual(7);
    await scan.return();
  });

  it('reports folders that cannot be listed, and goes on', async () => {
    const server = new MemoryServer();
    for (const path of ['r/a/x', 'r/b/x', 'r/c/x']) server.file(path);
    server.script = (call, path) => {
      if (call === 'list' && path === 'r/b') throw new BackupError('permission', 'No.');
    };
    expect(await listOf(walk(server, ['/r']))).toEqual([
      'r',
      'r/a',
      'r/a/x',
      'r/b: permission',
      'r/c',
      'r/c/x',
    ]);
  });

  it('tells what the folder was that could not be listed', async () => {
    const server = new MemoryServer();
    server.folder('r/a');
    server.script = (call, path) => {
      if (call === 'list' && path === 'r/a') throw new BackupError('permission', 'No.');
    };
    const scan = walk(server, ['/r']);
    await scan.next();
    expect((await scan.next()).value).toMatchObject({ path: 'r/a', entry: { type: 'directory' } });
    expect((await scan.next()).done).toBe(true);
  });

  it('tries transient failures again, four times in all', async () => {
    const server = new MemoryServer();
    for (const path of ['r/a/x', 'r/b/x']) server.file(path);
    server.script = (call, path, count) => {
      const often = path === 'r/a' ? 3 : path === 'r/b' ? 4 : 0;
      if (call === 'list' && count <= often) throw new BackupError('timeout', 'Silence.');
    };
    expect(await listOf(walk(server, ['/r']))).toEqual(['r', 'r/a', 'r/a/x', 'r/b: timeout']);
    expect([server.count('list', 'r/a'), server.count('list', 'r/b')]).toEqual([4, 4]);
  });

  it('leaves out what the rules exclude without listing it', async () => {
    const server = new MemoryServer();
    for (const path of ['r/cache/x', 'r/.../y', 'r/keep']) server.file(path);
    const found = await listOf(walk(server, ['/'], live, 'record', ['cache/']));
    expect(found).toEqual(['r', 'r/...', 'r/.../y', 'r/keep']);
    expect(server.count('list', 'r/cache')).toBe(0);
  });
});

describe('a failure that concerns the run', () => {
  it('ends the scan at once, though the scan is not there yet and other listings are under way', async () => {
    const server = new MemoryServer();
    for (const folder of ['a', 'b', 'c', 'd', 'e']) server.file(`r/${folder}/deep/x`);
    let aborted = 0;
    server.script = (call, path, _count, signal) => {
      if (call !== 'list' || path === 'r') return;
      if (path === 'r/c') throw run('authentication');
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(cancelled());
        }),
      );
    };
    await expect(listOf(walk(server, ['/r']))).rejects.toMatchObject({ kind: 'authentication' });
    expect(aborted).toBe(3);
    const listed = server.total('list');
    await soon(20);
    expect(server.total('list')).toBe(listed);
  });

  it('also ends a scan whose server does not heed the signal', async () => {
    const server = new MemoryServer();
    for (const folder of ['a', 'b']) server.file(`r/${folder}/x`);
    server.script = (call, path) => {
      if (path === 'r/b') throw run();
      return call === 'list' && path === 'r/a' ? new Promise(() => undefined) : undefined;
    };
    await expect(listOf(walk(server, ['/r']))).rejects.toMatchObject({
      message: 'The server is gone.',
    });
  });

  it('is thrown as it is, mistakes of ours too', async () => {
    const server = new MemoryServer();
    server.file('r/a/x');
    server.script = (call, path) => {
      if (call === 'list' && path === 'r/a') throw new TypeError('ours');
    };
    await expect(listOf(walk(server, ['/r']))).rejects.toThrow(TypeError);
  });
});

describe('a scan that is left', () => {
  it('asks for nothing more', async () => {
    const server = new MemoryServer();
    server.listingWidth = 2;
    for (let folder = 0; folder < 100; folder += 1) server.file(`r/${folder}/x`);
    server.script = () => soon(2);
    for await (const scanned of walk(server, ['/r'])) if (shown(scanned) === 'r/1') break;
    const listed = server.total('list');
    await soon(50);
    expect(server.total('list')).toBe(listed);
  });

  it.each([1, 2, 3, 5, 8, 13, 21, 34, 55])(
    'ends at once when it is cancelled at call %i',
    async (at) => {
      const server = new MemoryServer();
      for (let folder = 0; folder < 30; folder += 1) server.file(`r/${folder}/${folder}/x`);
      const stop = new AbortController();
      let calls = 0;
      server.script = () => {
        calls += 1;
        if (calls < at) return;
        // From here on the server is silent, whatever happens.
        stop.abort();
        return new Promise(() => undefined);
      };
      await expect(listOf(walk(server, ['/r'], stop.signal))).rejects.toMatchObject({
        kind: 'cancelled',
      });
      expect(server.total('list') + server.total('stat')).toBeLessThanOrEqual(
        at + server.listingWidth,
      );
    },
  );

  it('has begun nothing if it was cancelled before', async () => {
    const server = new MemoryServer();
    server.file('r/x');
    const stop = new AbortController();
    stop.abort(new BackupError('disk-full', 'Full.'));
    await expect(listOf(walk(server, ['/r'], stop.signal))).rejects.toMatchObject({
      kind: 'disk-full',
    });
    expect(server.total('stat')).toBe(0);
  });
});
