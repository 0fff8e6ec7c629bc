import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
        await expect(fixture.run(nodeDisk)).rejects.toMatchObject({
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
