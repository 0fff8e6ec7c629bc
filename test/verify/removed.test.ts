import fs from 'node:fs';
import { expect, it } from 'vitest';
import type { VerifyOptions } from '../../src/jobs/verify/verify';
import type { Disk } from '../../src/store/disk';
import { VerifyFixture } from './verifyFixture';

/** The same disk, where `before` is called in front of each operation. */
function interruptedDisk(disk: Disk, before: () => void): Disk {
  return new Proxy(disk, {
    get(_target, name) {
      const found: unknown = Reflect.get(disk, name, disk);
      if (typeof found !== 'function') return found;
      return (...parameters: unknown[]): unknown => {
        before();
        return Reflect.apply(found, disk, parameters);
      };
    },
  });
}

/** Removes a snapshot as retention does, which waits for who holds the lock. */
function removeUnlocked({ store: { layout } }: VerifyFixture, id: string): boolean {
  if (fs.existsSync(layout.lock)) return false;
  fs.rmSync(layout.manifest(id));
  fs.rmSync(layout.snapshot(id), { recursive: true });
  for (const place of [layout.inodesOf(id), layout.parityOf(id), layout.damageOf(id)]) {
    fs.rmSync(place, { force: true });
  }
  return true;
}

const ways: readonly (readonly [string, Partial<VerifyOptions>])[] = [
  ['all', { scope: 'all' }],
  ['all, with a repair', { scope: 'all', repair: true }],
  ['a sample', { amount: { share: 0.9 } }],
];

it.each(ways)('%s: the others are proven, whenever one is removed', async (_way, options) => {
  let operations = 1;
  for (let at = 1; at <= operations; at += 1) {
    using fixture = new VerifyFixture();
    fixture.server.file('data/a', 'content of a');
    const { snapshot: old } = await fixture.run();
    fixture.server.file('data/a', 'another content');
    const { snapshot: recent } = await fixture.run();
    operations = 0;
    let isRemoved = false;
    const disk = interruptedDisk(fixture.store.disk, () => {
      operations += 1;
      if (operations >= at && !isRemoved) isRemoved = removeUnlocked(fixture, old);
    });
    const verified = await fixture.verify({ ...options, store: fixture.storeOn(disk) });
    const told = verified.map(({ snapshot, status }) => `${snapshot} ${status}`);
    expect(told, `removed at operation ${at}`).toContain(`${recent} whole`);
    // One that was proven before it was removed may be told.
    expect(told.filter((text) => text !== `${old} whole`)).toEqual([`${recent} whole`]);
  }
});
