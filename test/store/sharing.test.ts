import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskError } from '../../src/store/diskError';
import type { Disk } from '../../src/store/disk';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

function threeFiles(): CheckedStore {
  const fixture = new CheckedStore();
  for (const name of ['one', 'two', 'three']) fixture.server.file(`data/${name}`);
  return fixture;
}

const failing = (code: string): never => {
  throw diskError(Object.assign(new Error(code), { code })) as Error;
};

function fileOf(fixture: CheckedStore, id: string, name: string): string {
  return path.join(fixture.store.layout.snapshot(id), 'data', name);
}

describe('an unchanged file', () => {
  it('is linked: no transfer, no space', async () => {
    using fixture = threeFiles();
    const first = await fixture.run();
    fixture.server.forget();
    const second = await fixture.run();
    expect(second).toMatchObject({
      fetchedFiles: 0,
      linkedFiles: 3,
    });
    expect(fixture.server.total('read')).toBe(0);
    const inode = (id: string): number => fs.statSync(fileOf(fixture, id, 'one')).ino;
    expect(inode(second.snapshot)).toBe(inode(first.snapshot));
  });

  it.each([
    ['with the same size', 'CONTENT of data/one'],
    ['with another size', 'short'],
    ['to nothing', ''],
  ])(
    'that was edited in the last snapshot (%s) is fetched again, and only that one',
    async (_how, edited) => {
      using fixture = threeFiles();
      const first = await fixture.run();
      const place = fileOf(fixture, first.snapshot, 'one');
      const { atime, mtime } = fs.statSync(place);
      fs.chmodSync(place, 0o644);
      fs.writeFileSync(place, edited);
      // Whoever did it even put the time back.
      fs.utimesSync(place, atime, mtime);
      fixture.server.forget();
      const second = await fixture.run();
      expect(second).toMatchObject({ status: 'complete', fetchedFiles: 1, linkedFiles: 2 });
      expect(fixture.server.count('read', 'data/one')).toBe(1);
      await fixture.expectRight(second.snapshot);
      expect(fs.readFileSync(place, 'utf8')).toBe(edited);
    },
  );

  it('is read again where nothing is known of its inode, and then linked', async () => {
    using fixture = threeFiles();
    const first = await fixture.run();
    fs.rmSync(fixture.store.layout.inodesOf(first.snapshot));
    expect(await fixture.run()).toMatchObject({ fetchedFiles: 0, linkedFiles: 3 });
  });

  it('is fetched again if its place is gone or something else', async () => {
    using fixture = threeFiles();
    const first = await fixture.run();
    fs.rmSync(fileOf(fixture, first.snapshot, 'one'));
    fs.rmSync(fileOf(fixture, first.snapshot, 'two'));
    fs.symlinkSync('three', fileOf(fixture, first.snapshot, 'two'));
    const second = await fixture.run();
    expect(second).toMatchObject({ fetchedFiles: 2, linkedFiles: 1 });
    await fixture.expectRight(second.snapshot);
  });

  it.each([
    ['mode', { mode: 0o600 }],
    ['a time within the same tick', { mtime: 1_700_000_000.25 }],
  ])(
    'with another %s is copied, not linked, and the old one keeps its own',
    async (_what, change) => {
      using fixture = threeFiles();
      const first = await fixture.run();
      const before = fixture.states();
      fixture.server.file('data/one', undefined, change);
      const second = await fixture.run();
      expect(second).toMatchObject({ fetchedFiles: 0, linkedFiles: 3 });
      await fixture.expectSound(before);
      await fixture.expectRight(second.snapshot);
      expect(fs.statSync(fileOf(fixture, second.snapshot, 'one')).nlink).toBe(1);
      expect(fs.statSync(fileOf(fixture, first.snapshot, 'two')).nlink).toBe(2);
    },
  );

  it.each(['EMLINK', 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'])(
    'is copied where the disk refuses one more link (%s)',
    async (code) => {
      using fixture = threeFiles();
      await fixture.run();
      const disk: Disk = { ...quickDisk, link: () => failing(code) };
      const second = await fixture.run(disk);
      expect(second).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 3 });
      await fixture.expectRight(second.snapshot);
      expect(fs.statSync(fileOf(fixture, second.snapshot, 'one')).nlink).toBe(1);
    },
  );

  it('is copied on a disk that has no links at all', async () => {
    using fixture = threeFiles();
    const disk: Disk = { ...quickDisk, link: () => failing('EPERM') };
    await fixture.run(disk);
    const second = await fixture.run(disk);
    expect(second).toMatchObject({ fetchedFiles: 0, linkedFiles: 3 });
    await fixture.expectRight(second.snapshot);
  });

  it('is cloned where the disk can, and copied where a clone fails', async () => {
    using fixture = threeFiles();
    let clones = 0;
    const disk: Disk = {
      ...quickDisk,
      clone: async (from, to) => {
        clones += 1;
        if (to.toString().endsWith('/two')) failing('EOPNOTSUPP');
        await quickDisk.copy(from, to);
      },
    };
    await fixture.run(disk);
    const probes = clones;
    const second = await fixture.run(disk);
    expect(second).toMatchObject({ fetchedFiles: 0, linkedFiles: 3 });
    expect(clones - probes).toBe(3);
    await fixture.expectRight(second.snapshot);
    expect(fs.statSync(fileOf(fixture, second.snapshot, 'one')).nlink).toBe(1);
  });

  it('has its rights whatever the umask is', async () => {
    using fixture = threeFiles();
    fixture.server.file('data/big', Buffer.alloc(200_000), { mode: 0o755 });
    const umask = process.umask(0o077);
    try {
      await fixture.expectRight((await fixture.run()).snapshot);
    } finally {
      process.umask(umask);
    }
  });
});

describe('a last snapshot that is not whole', () => {
  it.each([
    ['its manifest was edited', (file: string) => fs.appendFileSync(file, '{}\n')],
    [
      'its manifest lost its end',
      (file: string) => fs.truncateSync(file, fs.statSync(file).size - 20),
    ],
    ['its manifest is empty', (file: string) => fs.truncateSync(file, 0)],
    [
      'its manifest is another one',
      (file: string) => {
        const folder = path.dirname(file);
        fs.copyFileSync(path.join(folder, fs.readdirSync(folder).sort()[0]!), file);
      },
    ],
  ])('is not compared with when %s; the one before it is', async (_how, damage) => {
    using fixture = threeFiles();
    const first = await fixture.run();
    fixture.server.file('data/one', 'another one', { mtime: 5 });
    const second = await fixture.run();
    damage(fixture.store.layout.manifest(second.snapshot));
    const third = await fixture.run();
    expect(third).toMatchObject({ status: 'complete', fetchedFiles: 1, linkedFiles: 2 });
    expect(third.changes?.comparedWith).toBe(first.snapshot);
    await fixture.expectRight(third.snapshot);
  });
});

describe('what is known of the disk', () => {
  it.each([
    '',
    'x',
    '{}',
    '{"format":1}',
    '{"format":1,"disk":{"share":"link","forbidden":5}}',
    'null',
  ])('is found out again if its file says %j', async (text) => {
    using fixture = threeFiles();
    await fixture.run();
    fs.writeFileSync(fixture.store.layout.description, `${text}\n`);
    expect(await fixture.run()).toMatchObject({ status: 'complete', linkedFiles: 3 });
    expect(fs.readFileSync(fixture.store.layout.description, 'utf8')).toContain('"share":"link"');
  });

  it('is not touched if a newer version wrote it', async () => {
    using fixture = threeFiles();
    await fixture.run();
    fs.writeFileSync(fixture.store.layout.description, '{"format":2}\n');
    await expect(fixture.run()).rejects.toMatchObject({ kind: 'configuration' });
  });
});
