import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { provenSince } from '../../src/store/proofs';
import { turnBit, VerifyFixture } from './verifyFixture';

async function made(files = 40): Promise<VerifyFixture> {
  const fixture = new VerifyFixture();
  for (let file = 0; file < files; file += 1) {
    fixture.server.file(`data/f${file}`, `content of ${file} `.repeat(1 + (file % 7)));
  }
  await fixture.run();
  fixture.server.file('data/new', 'only in the new one');
  await fixture.run();
  return fixture;
}

async function since(fixture: VerifyFixture): Promise<(string | undefined)[]> {
  const { disk, layout } = fixture.store;
  const proven = await provenSince(disk, layout.proven);
  return (await fixture.store.ids()).map((id) => proven.get(id));
}

describe('a sample', () => {
  it('goes round: as many as it takes cover every content of every snapshot', async () => {
    using fixture = await made();
    const [recent = '', old = ''] = await fixture.store.ids();
    // A file that both snapshots share, and one that only the old one has.
    fixture.server.remove('data/f3');
    await fixture.run();
    turnBit(fixture.placeOf(old, 'data/f3'), 5);
    turnBit(fixture.placeOf(recent, 'data/new'), 7);
    const found = new Set<string>();
    let most = 0;
    for (let round = 0; round < 10; round += 1) {
      const verified = await fixture.verify({ amount: { share: 0.1 } });
      const bytes = verified.reduce((sum, { checkedBytes }) => sum + checkedBytes, 0);
      most = Math.max(most, bytes);
      for (const { snapshot, damaged } of verified) {
        for (const { path } of damaged) found.add(`${snapshot} ${path}`);
      }
    }
    expect([...found].filter((name) => name.startsWith(old))).toEqual([`${old} /data/f3`]);
    expect([...found].some((name) => name.endsWith('/data/new'))).toBe(true);
    const all = fs
      .readdirSync(fixture.placeOf(recent, 'data'))
      .reduce((sum, name) => sum + fs.statSync(fixture.placeOf(recent, `data/${name}`)).size, 0);
    // A tenth, the last file of it, and what is known to be damaged.
    expect(most).toBeLessThan(0.4 * all);
  });

  it('reads each content once until all were read, and then those first that wait longest', async () => {
    using fixture = await made(30);
    const read = async (): Promise<number> => {
      const verified = await fixture.verify({ amount: { share: 0.25 } });
      return verified.reduce((sum, { checkedBytes }) => sum + checkedBytes, 0);
    };
    const sizes = [await read(), await read(), await read(), await read()];
    const whole = await fixture.verify({ scope: 'all' });
    const all = whole.reduce((sum, { checkedBytes }) => sum + checkedBytes, 0);
    expect(sizes.slice(0, 3).reduce((sum, size) => sum + size, 0)).toBeLessThan(all);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(all);
    expect(Math.max(...sizes)).toBeLessThan(0.5 * all);
  });

  it('says since when all of each snapshot is proven', async () => {
    using fixture = await made(20);
    expect(await since(fixture)).toEqual([undefined, undefined]);
    await fixture.verify({ amount: { share: 0.5 } });
    expect(await since(fixture)).toEqual([undefined, undefined]);
    const half = fixture.clock.now();
    await fixture.verify({ amount: { share: 0.6 } });
    const [recent, old] = await since(fixture);
    // As old as the oldest part.
    expect(Date.parse(recent ?? '')).toBeLessThanOrEqual(half);
    expect(Date.parse(recent ?? '')).toBeGreaterThan(half - 120_000);
    expect(old).toBe(recent);
    const [newest = ''] = await fixture.store.ids();
    turnBit(fixture.placeOf(newest, 'data/new'), 1);
    await fixture.verify();
    expect((await since(fixture))[0]).toBeUndefined();
    expect((await since(fixture))[1]).toBe(recent);
  });

  it('keeps within its time, and goes on there the next time', async () => {
    using fixture = await made(20);
    const disk = fixture.store.disk;
    let reads = 0;
    // Each read takes a second.
    const slow = {
      ...disk,
      look: (...args: Parameters<typeof disk.look>) => {
        if (String(args[0]).includes('/data/')) {
          reads += 1;
          fixture.clock.advance(1000);
        }
        return disk.look(...args);
      },
    };
    const store = fixture.storeOn(slow);
    const seen: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = reads;
      await fixture.verify({ store, amount: { milliseconds: 5000 } });
      seen.push(reads - before);
    }
    expect(seen.slice(0, 4)).toEqual([5, 5, 5, 5]);
    expect(await since(fixture)).toEqual([
      expect.any(String) as string,
      expect.any(String) as string,
    ]);
  });

  it('looks at what is known to be damaged every time, and forgets what was mended by hand', async () => {
    using fixture = await made(50);
    const [recent = ''] = await fixture.store.ids();
    const place = fixture.placeOf(recent, 'data/new');
    turnBit(place, 3);
    await fixture.verify();
    for (let round = 0; round < 3; round += 1) {
      const verified = await fixture.verify({ amount: { share: 0.001 } });
      expect(verified.filter(({ status }) => status === 'damaged')).toMatchObject([
        { snapshot: recent, damaged: [{ path: '/data/new', kind: 'changed' }] },
      ]);
    }
    turnBit(place, 3);
    const mended = await fixture.verify({ amount: { share: 0.001 } });
    expect(mended.every(({ status }) => status === 'whole')).toBe(true);
    expect(fixture.store.damage.has(recent)).toBe(false);
  });

  it('believes no time that is still to come, and survives a file that is damaged', async () => {
    using fixture = await made(10);
    fs.writeFileSync(
      fixture.store.layout.proven,
      'no line\n{"at":"2999-01-01T00:00:00.000Z","contents":"AAAA"}\n{"snapshot":"..","since":1}\n{"half',
    );
    await fixture.verify({ amount: { share: 1 } });
    expect(await since(fixture)).toEqual([
      expect.any(String) as string,
      expect.any(String) as string,
    ]);
    expect(fs.readFileSync(fixture.store.layout.proven, 'utf8')).not.toContain('half');
  });

  it('writes down no more than is needed, however often it is taken', async () => {
    using fixture = await made(300);
    let longest = 0;
    for (let round = 0; round < 60; round += 1) {
      await fixture.verify();
      longest = Math.max(longest, fs.statSync(fixture.store.layout.proven).size);
    }
    expect(longest).toBeLessThan(64 * 1024 + 8 * 1024 + 2 * 300 * 11);
    expect((await since(fixture))[0]).toBeDefined();
  });
});
