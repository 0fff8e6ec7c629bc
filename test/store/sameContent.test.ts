import fs from 'node:fs';
import { expect, it } from 'vitest';
import { findIntact, placesOfContents } from '../../src/store/sameContent';
import { StoreFixture } from './storeFixture';

const { signal } = new AbortController();

async function twoSnapshots(fixture: StoreFixture): Promise<{ old: string; recent: string }> {
  const { server } = fixture;
  server.file('data/a', 'the same');
  server.file('data/b', 'the same');
  server.file('data/"sha256":"c', 'other');
  const old = await fixture.run();
  server.remove('data/a');
  server.file('data/moved', 'the same');
  const recent = await fixture.run();
  return { old: old.snapshot, recent: recent.snapshot };
}

it('finds a content at every path of every snapshot, newest first', async () => {
  using fixture = new StoreFixture();
  const { old, recent } = await twoSnapshots(fixture);
  const { sha256 = '' } = (await fixture.entries(old)).get('data/a')!;
  const found = [];
  for await (const { snapshot, entry, place } of placesOfContents(
    fixture.store,
    new Set([sha256]),
    signal,
  )) {
    found.push([snapshot, entry.path]);
    expect(fs.readFileSync(place, 'utf8')).toBe('the same');
  }
  expect(found).toEqual([
    [recent, 'data/b'],
    [recent, 'data/moved'],
    [old, 'data/a'],
    [old, 'data/b'],
  ]);
});

it('takes only a file that still has the content, and says nothing of what no file has', async () => {
  using fixture = new StoreFixture();
  const { old, recent } = await twoSnapshots(fixture);
  const entries = await fixture.entries(recent);
  for (const name of ['data/b', 'data/moved']) {
    const place = fixture.place(recent, entries.get(name)!);
    fs.chmodSync(place, 0o644);
    fs.writeFileSync(place, 'THE SAME');
  }
  const { sha256 = '' } = entries.get('data/b')!;
  const nowhere = '0'.repeat(64);
  const found = await findIntact(fixture.store, [sha256, nowhere], signal);
  expect([...found.keys()]).toEqual([sha256]);
  expect(found.get(sha256)).toMatchObject({ snapshot: old, entry: { path: 'data/a' } });
  const none = await findIntact(
    fixture.store,
    [sha256],
    signal,
    ({ entry }) => entry.path !== 'data/a',
  );
  expect(none.size).toBe(0);
});

it('reads on in the other manifests where one is damaged', async () => {
  using fixture = new StoreFixture();
  const { old, recent } = await twoSnapshots(fixture);
  const { sha256 = '' } = (await fixture.entries(old)).get('data/a')!;
  fs.writeFileSync(
    fixture.store.layout.manifest(recent),
    `{"format":1}\nno line\n"sha256":"${sha256}"\n`,
  );
  const found = await findIntact(fixture.store, [sha256], signal);
  expect(found.get(sha256)?.snapshot).toBe(old);
});
