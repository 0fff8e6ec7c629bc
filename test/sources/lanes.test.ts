import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { Setting } from './laneSetting';
import { soon } from './walking';

const reset = (): BackupError => new BackupError('connection', 'The connection was lost.');

describe('reading over lanes', () => {
  it('reads every file once, no more at once than the server can take', async () => {
    const setting = new Setting();
    setting.files(50);
    setting.server.readingWidth = 3;
    setting.server.script = () => soon(1);
    await setting.fetch();
    expect(setting.sink.kept.size).toBe(50);
    expect(setting.sink.kept.get('f7')).toBe('content of f7');
    expect(setting.server.total('read')).toBe(50);
    expect(setting.server.most.read).toBe(3);
    expect(setting.sink.open).toBe(0);
  });

  it('goes on with fewer lanes when the server can take fewer', async () => {
    const setting = new Setting();
    setting.files(40);
    setting.server.readingWidth = 8;
    let late = 0;
    setting.server.script = async (_call, path) => {
      if (path === 'f10') setting.server.readingWidth = 0;
      await soon(1);
      if (Number(path.slice(1)) > 30) late = Math.max(late, setting.server.readingWidth);
    };
    await setting.fetch();
    expect(setting.sink.kept.size).toBe(40);
    expect(late).toBe(0);
  });

  it('tries transient failures again from where it stopped, and gives up after four', async () => {
    const setting = new Setting();
    setting.server.readingWidth = 1;
    setting.server.chunkBytes = 4;
    setting.server.file('good', '0123456789');
    setting.server.file('bad', '0123456789');
    setting.server.onChunk = (path, position) => {
      if (path === 'bad' || (position === 8 && setting.server.count('read', path) === 1))
        throw reset();
    };
    await setting.fetch();
    expect(setting.sink.kept).toEqual(new Map([['good', '0123456789']]));
    expect(setting.sink.offsets).toEqual([0, 8, 0, 0, 0, 0]);
    expect(setting.sink.skipped).toEqual(new Map([['bad', 'connection']]));
    expect(setting.clock.slept).toBe(250 + 250 + 500 + 1000);
  });

  it('skips what may not be read, without trying again', async () => {
    const setting = new Setting();
    setting.files(3);
    setting.server.script = (_call, path) => {
      if (path === 'f1') throw new BackupError('permission', 'No.');
    };
    await setting.fetch();
    expect([...setting.sink.kept.keys()]).toEqual(['f0', 'f2']);
    expect(setting.sink.skipped.get('f1')).toBe('permission');
    expect(setting.server.count('read', 'f1')).toBe(1);
  });
});

describe('a file that changes', () => {
  it('is read again as it is then', async () => {
    const setting = new Setting();
    setting.server.file('f', 'before');
    setting.server.onChunk = () => {
      if (setting.server.count('read', 'f') === 1)
        setting.server.file('f', 'afterwards', { mtime: 5 });
    };
    await setting.fetch();
    expect(setting.sink.kept.get('f')).toBe('afterwards');
  });

  it('is read again only when a further write must get another time', async () => {
    const setting = new Setting();
    const now = Math.floor(setting.clock.now() / 1000);
    setting.server.file('f', 'before', { mtime: now });
    let described = 0;
    let readAt = 0;
    setting.server.script = (call) => {
      if (call === 'stat') described = setting.clock.now();
      if (call === 'read') readAt = setting.clock.now();
    };
    setting.server.onChunk = () => {
      if (setting.server.count('read', 'f') === 1)
        setting.server.file('f', 'afterwards', { mtime: now, granularity: 1 });
    };
    await setting.fetch();
    expect(setting.sink.kept.get('f')).toBe('afterwards');
    expect(readAt - described).toBeGreaterThan(1000);
  });

  it('is kept with its first bytes, and a warning, if it grows all the time', async () => {
    const setting = new Setting();
    setting.server.file('log', 'line');
    setting.server.onChunk = () => {
      setting.server.file('log', `${setting.server.node('log')!.content.toString()}+`);
    };
    await setting.fetch();
    expect(setting.sink.kept.get('log')).toBe('line++');
    expect(setting.sink.warned).toEqual([
      'log: The file kept growing; its first 6 bytes are kept.',
    ]);
  });

  it('is kept too if it grows and the connection is lost in between', async () => {
    const setting = new Setting();
    setting.server.file('log', 'line');
    setting.server.onChunk = () => {
      if (setting.server.count('read', 'log') <= 3) throw reset();
      setting.server.file('log', 'line and more');
    };
    await setting.fetch();
    expect(setting.sink.kept.get('log')).toBe('line');
  });

  it('is skipped if it changes every time', async () => {
    const setting = new Setting();
    setting.server.file('f', 'before');
    setting.server.onChunk = () =>
      setting.server.file('f', 'after!', { mtime: setting.server.count('read', 'f') });
    await setting.fetch();
    expect(setting.sink.skipped).toEqual(new Map([['f', 'changed']]));
    expect(setting.server.count('read', 'f')).toBe(3);
    expect(setting.sink.open).toBe(0);
  });

  it.each([
    ['vanished', 'not-found'],
    ['became a folder', 'changed'],
  ])('is skipped if it %s', async (what, kind) => {
    const setting = new Setting();
    setting.server.file('f', 'before');
    setting.server.onChunk = () => {
      if (what === 'vanished') setting.server.remove('f');
      else setting.server.file('f/inside');
      throw new BackupError('changed', 'It is not what it was.');
    };
    await setting.fetch();
    expect(setting.sink.skipped).toEqual(new Map([['f', kind]]));
  });

  it('is asked about again if the connection is lost just then', async () => {
    const setting = new Setting();
    setting.server.file('f', 'before');
    setting.server.script = (call, _path, count) => {
      if (call === 'stat' && count === 1) throw reset();
    };
    setting.server.onChunk = () => {
      if (setting.server.count('read', 'f') === 1)
        setting.server.file('f', 'afterwards', { mtime: 5 });
    };
    await setting.fetch();
    expect(setting.sink.kept.get('f')).toBe('afterwards');
  });
});

describe('a file that ends where 32 bits do', () => {
  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32])(
    'after %i bytes is cut off',
    async (end) => {
      const setting = new Setting();
      setting.server.file('f', '', { listed: 6_000_000_000 });
      setting.sink.receive = () =>
        Promise.resolve({
          offset: end - 5,
          write: () => undefined,
          finish: () => Promise.resolve(),
          abandon: () => Promise.resolve(),
        });
      setting.server.read = async (_entry, offset, write) => {
        if (offset < end) await write(Buffer.alloc(5));
        return { grown: false, short: true };
      };
      await setting.fetch();
      expect(setting.sink.skipped).toEqual(new Map([['f', 'protocol']]));
    },
  );
});

describe('a server that is gone', () => {
  it('ends the run after twelve failures in a row', async () => {
    const setting = new Setting();
    setting.files(20);
    setting.server.readingWidth = 1;
    setting.server.script = () => {
      throw reset();
    };
    await expect(setting.fetch()).rejects.toMatchObject({ kind: 'connection', scope: 'run' });
    expect(setting.server.total('read')).toBe(12);
    await soon(2);
    expect(setting.released).toBe(true);
  });

  it('is not concluded from failures with successes between them', async () => {
    const setting = new Setting();
    setting.files(30);
    setting.server.readingWidth = 1;
    setting.server.script = (_call, _path, count) => {
      if (count < 4) throw reset();
    };
    await setting.fetch();
    expect(setting.sink.kept.size).toBe(30);
  });

  it('is not concluded from one connection that took many lanes with it', async () => {
    const setting = new Setting();
    setting.files(100);
    setting.server.readingWidth = 64;
    let lost = false;
    setting.server.script = async () => {
      if (lost) return;
      await soon(3);
      lost = true;
      throw reset();
    };
    await setting.fetch();
    expect(setting.sink.kept.size).toBe(100);
  });
});

describe('a failure that concerns the run', () => {
  it('ends all lanes, and is the one that is thrown', async () => {
    const setting = new Setting();
    setting.files(20);
    let aborted = 0;
    setting.server.script = (_call, path, _count, signal) => {
      if (path === 'f2') throw new BackupError('authentication', 'Not any more.');
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(reset());
        }),
      );
    };
    await expect(setting.fetch()).rejects.toMatchObject({ kind: 'authentication' });
    expect(aborted).toBeGreaterThan(0);
    expect(setting.sink.open).toBe(0);
    expect(setting.sink.skipped.size).toBe(0);
  });

  it('may come from our own disk', async () => {
    const setting = new Setting();
    setting.files(20);
    setting.sink.onFinish = (path) => {
      if (path === 'f3') throw new BackupError('disk-full', 'Full.');
    };
    await expect(setting.fetch()).rejects.toMatchObject({ kind: 'disk-full' });
    expect(setting.server.total('read')).toBeLessThan(20);
  });

  it('may come from who names the files', async () => {
    const setting = new Setting();
    setting.files(3);
    const wanted = setting.wanted.bind(setting);
    setting.wanted = async function* () {
      yield* wanted();
      throw new BackupError('protocol', 'The plan is damaged.', { scope: 'run' });
    };
    await expect(setting.fetch()).rejects.toMatchObject({ message: 'The plan is damaged.' });
  });

  it.each([1, 2, 3, 5, 8, 13, 20])('cancelling at reading %i ends promptly', async (at) => {
    const setting = new Setting();
    setting.files(30);
    const stop = new AbortController();
    setting.server.script = async (_call, _path, _count, signal) => {
      if (setting.server.total('read') === at) stop.abort();
      await soon(1);
      if (signal.aborted) throw reset();
    };
    await expect(setting.fetch(stop.signal)).rejects.toMatchObject({ kind: 'cancelled' });
    expect(setting.server.total('read')).toBeLessThanOrEqual(at + setting.server.readingWidth);
    expect([setting.sink.open, setting.sink.skipped.size]).toEqual([0, 0]);
  });
});
