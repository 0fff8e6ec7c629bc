import fs from 'node:fs';
import { expect, it } from 'vitest';
import { diskError } from '../../src/store/diskError';
import { watchedDisk } from '../store/watchedDisk';
import { turnBit, VerifyFixture } from './verifyFixture';

async function made(): Promise<VerifyFixture> {
  const fixture = new VerifyFixture();
  fixture.server.file('data/shared', 'in both of them');
  fixture.server.file('data/deep/lost', 'its folder goes');
  fixture.server.file('data/deep/twin', 'in both of them');
  await fixture.run();
  fixture.server.file('data/newer', 'only in the newer one');
  await fixture.run();
  return fixture;
}

async function damage(fixture: VerifyFixture): Promise<void> {
  const [recent = '', old = ''] = await fixture.store.ids();
  turnBit(fixture.placeOf(recent, 'data/shared'), 9);
  turnBit(fixture.placeOf(recent, 'data/newer'), 9);
  turnBit(fixture.store.layout.manifest(recent), 3000);
  fs.rmSync(fixture.placeOf(old, 'data/deep'), { recursive: true });
  fs.writeFileSync(fixture.placeOf(old, 'extra'), 'x');
}

it.each([
  ['instead of', 'EIO'],
  ['after', 'EIO'],
  ['instead of', 'ENOSPC'],
] as const)(
  'a fault %s any operation of a repair (%s) is mended by the next one',
  async (when, code) => {
    let n = 0;
    for (let isOver = false; !isOver;) {
      n += 1;
      const failed: string[] = [];
      using fixture = await made();
      const before = fixture.states();
      await damage(fixture);
      let left = n;
      const fail = (operation: string, about: string): void => {
        if (/^(?:stat|look|read|nodesIn|namesIn)/.test(operation)) return;
        left -= 1;
        if (left !== 0) return;
        failed.push(`${operation} ${about}`);
        throw diskError(Object.assign(new Error(`${code}: made up`), { code }));
      };
      const disk = when === 'after' ? watchedDisk(() => undefined, fail) : watchedDisk(fail);
      await fixture
        .verify({ scope: 'all', repair: true, store: fixture.storeOn(disk) })
        .catch(() => undefined);
      const label = `operation ${n}: ${failed.join('')}`;
      // Whatever happened, what is wrong is found, and nothing that was right became wrong.
      const verified = await fixture.verify({ scope: 'all', repair: true });
      expect(
        verified.map(({ status }) => status),
        label,
      ).toEqual(['whole', 'whole']);
      expect(fixture.store.damage.has((await fixture.store.ids())[0] ?? ''), label).toBe(false);
      isOver = failed.length === 0;
      // The times of folders are the last that is put right.
      if (isOver) expect(fixture.states()).toEqual(before);
    }
    expect(n).toBeGreaterThan(20);
  },
  120_000,
);
