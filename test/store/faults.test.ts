import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskError } from '../../src/store/diskError';
import type { Disk } from '../../src/store/disk';
import { setVersion } from './changingTree';
import { CheckedStore } from './checkedStore';
import { watchedDisk } from './watchedDisk';

/** What changes nothing cannot find the disk full. */
const looking = new Set(['stat', 'readFile', 'readWhole', 'look', 'read', 'namesIn', 'nodesIn']);

type When = 'instead of' | 'after';

/** The real disk, whose N-th operation fails: does nothing, or does its work and then says otherwise. */
class FailingDisk {
  readonly disk: Disk;
  failed: string | undefined;
  #left: number;

  constructor(n: number, when: When, code: string) {
    this.#left = n;
    const fail = (operation: string, about: string): void => {
      if (looking.has(operation) && (when === 'after' || code === 'ENOSPC')) return;
      this.#left -= 1;
      if (this.#left !== 0) return;
      this.failed = `${operation} ${about}`;
      throw diskError(Object.assign(new Error(`${code}: made up`), { code }));
    };
    const nothing = (): void => undefined;
    this.disk = when === 'after' ? watchedDisk(nothing, fail) : watchedDisk(fail);
  }
}

function openFiles(): number {
  return fs.readdirSync('/proc/self/fd').length;
}

describe.each([
  ['instead of', 'EIO'],
  ['instead of', 'ENOSPC'],
  ['after', 'EIO'],
] as const)('a fault %s any operation of the disk (%s)', (when, code) => {
  it('leaves the old snapshots as they were, and the next run succeeds', async () => {
    using fixture = new CheckedStore();
    setVersion(fixture.server, 1);
    await fixture.run();
    const files = openFiles();
    let version = 1;
    for (let n = 1; ; n += 1) {
      version += 1;
      setVersion(fixture.server, version);
      const before = fixture.states();
      const failing = new FailingDisk(n, when, code);
      const error = await fixture.run(failing.disk).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      if (failing.failed === undefined) break;
      const label = `operation ${n}: ${failing.failed}`;
      if (code === 'ENOSPC' && error) expect(error, label).toMatchObject({ kind: 'disk-full' });
      expect(openFiles(), label).toBeLessThanOrEqual(files + 1);
      await fixture.expectSound(before);
      const report = await fixture.run();
      await fixture.expectSound(before);
      expect(
        report.skipped.map((skipped) => skipped.path),
        label,
      ).toEqual(['/data/dark', '/data/secret']);
      await fixture.expectRight(report.snapshot);
      fixture.expectTidy();
      fixture.forgetOldest();
    }
    expect(version).toBeGreaterThan(60);
  });

  it('in the first run of all leaves nothing that keeps the next one from succeeding', async () => {
    for (let n = 1; ; n += 1) {
      using fixture = new CheckedStore();
      setVersion(fixture.server, 1);
      const failing = new FailingDisk(n, when, code);
      const error = await fixture.run(failing.disk).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      if (failing.failed === undefined) break;
      if (code === 'ENOSPC' && error)
        expect(error, failing.failed).toMatchObject({ kind: 'disk-full' });
      await fixture.expectSound(new Map());
      const report = await fixture.run();
      expect(report.status, failing.failed).toBe('complete');
      await fixture.expectRight(report.snapshot);
      fixture.expectTidy();
      expect(fs.existsSync(path.join(fixture.workspace, 'backups/.gitignore'))).toBe(true);
    }
  });
});
