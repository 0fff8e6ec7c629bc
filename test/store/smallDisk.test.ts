import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import type { Disk } from '../../src/store/disk';
import { nodeDisk } from '../../src/store/nodeDisk';
import { MemoryServer } from '../sources/memoryServer';
import { CheckedStore } from './checkedStore';

/** A real file system of two megabytes, in memory. */
let place = '';

beforeEach(() => {
  place = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-small-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', place]);
});

afterEach(() => {
  execFileSync('umount', [place]);
  fs.rmdirSync(place);
});

const kibibyte = 1024;

/** Does not say how much is free, as other programs may fill it at any moment. */
const unforeseen: Disk = {
  ...nodeDisk,
  space: () => ({ free: Infinity, total: Infinity }),
};

function fixtureWith(files: number, size: number): CheckedStore {
  const fixture = new CheckedStore(new MemoryServer(), place);
  fixture.server.readingWidth = 1;
  for (let file = 0; file < files; file += 1) {
    fixture.server.file(`data/f${file}`, Buffer.alloc(size, `${file}.`));
  }
  return fixture;
}

describe('a disk that is full', () => {
  it.each([
    ['big', 4, 700 * kibibyte],
    ['small', 200, 16 * kibibyte],
  ])(
    'ends the run with %s files, and the next one continues when there is room',
    async (_what, files, size) => {
      const fixture = fixtureWith(1, 10);
      await fixture.run(nodeDisk);
      const before = fixture.states();
      for (let file = 1; file < files; file += 1) {
        fixture.server.file(`data/f${file}`, Buffer.alloc(size, `${file}.`));
      }
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await expect(fixture.run(unforeseen)).rejects.toMatchObject({
          kind: 'disk-full',
          scope: 'run',
          message: expect.stringContaining('Make room') as string,
        });
        await fixture.expectSound(before);
      }
      fixture.server.forget();
      execFileSync('mount', ['-o', 'remount,size=8m', place]);
      const report = await fixture.run(nodeDisk);
      expect(report.status).toBe('complete');
      expect(report.keptFiles).toBeGreaterThan(0);
      expect(fixture.server.total('read')).toBeLessThan(files);
      await fixture.expectRight(report.snapshot);
      await fixture.expectSound(before);
    },
  );

  it('is foreseen: the run ends before it fetches what has no room, and says what is largest', async () => {
    const fixture = fixtureWith(1, 10);
    await fixture.run(nodeDisk);
    const before = fixture.states();
    fixture.server.file('data/huge', Buffer.alloc(3000 * kibibyte, 'x'));
    fixture.server.forget();
    await expect(fixture.run(nodeDisk)).rejects.toMatchObject({
      kind: 'disk-full',
      scope: 'run',
      message: expect.stringMatching(
        /has \d\.\d MB free, and at least 3\.1 MB .* \/data\/huge \(3\.1 MB\)\. Make room .*"keep"/,
      ) as string,
    });
    expect(fixture.server.total('read')).toBe(0);
    await fixture.expectSound(before);
    const report = await fixture.run(nodeDisk, { exclude: ['huge'] });
    expect(report.status).toBe('complete');
  });

  it('says what retention would free', async () => {
    const fixture = fixtureWith(1, 10);
    const keep = { keep: { last: 1 } };
    for (const mtime of [1_700_000_001, 1_700_000_002]) {
      fixture.server.file('data/f0', Buffer.alloc(400 * kibibyte, `${mtime}`), { mtime });
      await fixture.run(nodeDisk, keep);
    }
    fixture.server.file('data/huge', Buffer.alloc(1500 * kibibyte, 'x'));
    await expect(fixture.run(nodeDisk, keep)).rejects.toMatchObject({
      kind: 'disk-full',
      message: expect.stringContaining(
        'Retention would free 410 kB (1 snapshot): sauvegarde prune test',
      ) as string,
    });
  });

  it('is no matter where most of a big file has arrived before', async () => {
    const fixture = fixtureWith(1, 10);
    execFileSync('mount', ['-o', 'remount,size=80m', place]);
    fixture.server.file('data/big', Buffer.alloc(50_000 * kibibyte, 'y'));
    fixture.server.onChunk = (_path, position) => {
      if (position >= 40_000 * kibibyte) throw new BackupError('cancelled', 'Enough.');
    };
    await expect(fixture.run(nodeDisk)).rejects.toMatchObject({ kind: 'cancelled' });
    fixture.server.onChunk = () => undefined;
    expect(nodeDisk.space(place).free).toBeLessThan(50_000 * kibibyte);
    const report = await fixture.run(nodeDisk);
    expect(report.status).toBe('complete');
  });

  it('leaves no lock behind that would keep the next run away', async () => {
    const fixture = fixtureWith(1, 10);
    await fixture.run(nodeDisk);
    const filler = path.join(place, 'filler');
    execFileSync('sh', ['-c', `cat /dev/zero > ${filler} || true`], { stdio: 'ignore' });
    await expect(fixture.run(nodeDisk)).rejects.toMatchObject({ kind: 'disk-full' });
    expect(fs.existsSync(fixture.store.layout.lock)).toBe(false);
    fs.rmSync(filler);
    expect(await fixture.run(nodeDisk)).toMatchObject({ status: 'complete' });
  });
});

describe('a disk that may not be written', () => {
  it('is said to be so, and nothing is changed', async () => {
    const fixture = fixtureWith(3, 10);
    await fixture.run(nodeDisk);
    const before = fixture.states();
    execFileSync('mount', ['-o', 'remount,ro', place]);
    await expect(fixture.run(nodeDisk)).rejects.toMatchObject({ kind: 'permission', scope: 'run' });
    await fixture.expectSound(before);
    execFileSync('mount', ['-o', 'remount,rw', place]);
    expect(await fixture.run(nodeDisk)).toMatchObject({ status: 'complete', linkedFiles: 3 });
  });
});
