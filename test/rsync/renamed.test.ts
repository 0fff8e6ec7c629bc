import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/runReport';
import { diskAbilities } from '../../src/store/description';
import { BackUpFixture } from '../conformance/backUpFixture';
import { startRsyncd } from '../servers/rsyncd';
import { rsyncWorld, type Way } from './worlds';

const world = rsyncWorld();
const ways: readonly Way[] = ['ssh', 'daemon'];
/** Seconds since 1970, long past: nothing is taken for fresh. */
const then = 1_700_000_000;

/** A workspace that backs up a place of the account. */
function fixtureOf(way: Way, place: string): BackUpFixture {
  const { account } = world.ssh;
  const own =
    way === 'ssh'
      ? { port: world.ssh.port, username: account.name, fingerprint: world.ssh.fingerprint() }
      : { port: world.daemon.port, via: 'daemon' as const };
  return new BackUpFixture(
    { protocol: 'rsync', host: '127.0.0.1', include: [`/${world.shown(way, place)}`], ...own },
    { password: account.password },
  );
}

/** Old times for all files of a folder, so that they are read at once. */
function age(place: string): void {
  for (const name of fs.readdirSync(place, { recursive: true }) as string[]) {
    fs.utimesSync(`${place}/${name}`, then, then);
  }
}

async function stored(
  fixture: BackUpFixture,
  { snapshot }: RunReport,
  name: string,
): Promise<fs.Stats & { readonly sha256: string }> {
  for await (const entry of fixture.store.entries(snapshot)) {
    if (!entry.path.endsWith(`/${name}`)) continue;
    const path = fixture.store.place(snapshot, entry);
    const sha256 = createHash('sha256').update(fs.readFileSync(path)).digest('hex');
    expect(entry.sha256, name).toBe(sha256);
    return Object.assign(fs.lstatSync(path), { sha256 });
  }
  throw new Error(`There is no ${name}.`);
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

describe.each(ways)('what was renamed or moved on the server, over %s', (way) => {
  it('does not travel again and takes no space again', async () => {
    const size = 20_000_000;
    const content = randomBytes(size);
    const place = world.tree(`renamed-${way}`, { 'dump.sql': content });
    fs.mkdirSync(`${place}/old`);
    let moved = 0;
    for (let at = 0; at < 60; at += 1) {
      // Many have the same size and time.
      const length = 20_000 + (at % 3);
      fs.writeFileSync(`${place}/old/photo${at}`, randomBytes(length));
      moved += length;
    }
    age(place);
    world.handOver();
    using fixture = fixtureOf(way, place);
    const first = await fixture.run();
    const before = await stored(fixture, first, 'photo7');
    fs.renameSync(`${place}/dump.sql`, `${place}/dump.1.sql`);
    fs.mkdirSync(`${place}/new`);
    fs.renameSync(`${place}/old`, `${place}/new/place`);
    const second = await fixture.run();
    expect(second).toMatchObject({ status: 'complete', fetchedFiles: 61 });
    expect(second.receivedBytes).toBeLessThan((size + moved) / 100);
    const after = await stored(fixture, second, 'dump.1.sql');
    expect(after.sha256).toBe(digestOf(content));
    const photo = await stored(fixture, second, 'place/photo7');
    expect(photo.sha256).toBe(before.sha256);
    const { share } = await diskAbilities(fixture.store.disk, fixture.store.layout);
    if (share === 'link') expect([after.nlink, photo.nlink]).toEqual([2, 2]);
    const third = await fixture.run();
    expect(third).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 61 });
    expect(third.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
  });

  it('a moved folder of small files receives less than a hundredth of its size', async () => {
    const place = world.tree(`folder-${way}`, {});
    fs.mkdirSync(`${place}/old`);
    let size = 0;
    for (let at = 0; at < 400; at += 1) {
      const length = 4_000 + 57 * at;
      fs.writeFileSync(`${place}/old/page${at}.html`, randomBytes(length));
      size += length;
    }
    age(place);
    world.handOver();
    using fixture = fixtureOf(way, place);
    await fixture.run();
    fs.renameSync(`${place}/old`, `${place}/new`);
    const second = await fixture.run();
    expect(second).toMatchObject({ status: 'complete', fetchedFiles: 400 });
    expect(second.receivedBytes / size).toBeLessThan(0.01);
  });

  it('is fetched if only its size and time are the same, and so is an empty one', async () => {
    const place = world.tree(`alike-${way}`, { one: randomBytes(300_000), empty: '' });
    age(place);
    world.handOver();
    using fixture = fixtureOf(way, place);
    await fixture.run();
    const other = randomBytes(300_000);
    fs.writeFileSync(`${place}/two`, other);
    fs.renameSync(`${place}/empty`, `${place}/void`);
    age(place);
    world.handOver();
    const second = await fixture.run();
    expect(second).toMatchObject({ status: 'complete', fetchedFiles: 2, linkedFiles: 1 });
    expect((await stored(fixture, second, 'two')).sha256).toBe(digestOf(other));
    expect((await stored(fixture, second, 'void')).size).toBe(0);
    expect(second.receivedBytes).toBeGreaterThan(300_000);
  });

  it('logs that rotate find their content under the older name', async () => {
    const [recent, older] = [randomBytes(2_000_000), randomBytes(3_000_000)];
    const place = world.tree(`logs-${way}`, { 'log.1': recent, 'log.2': older });
    age(place);
    world.handOver();
    using fixture = fixtureOf(way, place);
    await fixture.run();
    fs.renameSync(`${place}/log.2`, `${place}/log.3`);
    fs.renameSync(`${place}/log.1`, `${place}/log.2`);
    const second = await fixture.run();
    expect(second.receivedBytes).toBeLessThan(50_000);
    expect((await stored(fixture, second, 'log.2')).sha256).toBe(digestOf(recent));
    expect((await stored(fixture, second, 'log.3')).sha256).toBe(digestOf(older));
  });

  it.each(['changed', 'cut', 'replaced by a link'])(
    'an older copy that somebody has %s is not spread',
    async (how) => {
      const content = randomBytes(500_000);
      const place = world.tree(`edited-${way}-${how.length}`, { before: content });
      age(place);
      world.handOver();
      using fixture = fixtureOf(way, place);
      const first = await fixture.run();
      const copy = `${fixture.store.layout.snapshot(first.snapshot)}${place}/before`;
      const shown = way === 'ssh' ? copy : copy.replace(world.ssh.account.home, '/home');
      fs.chmodSync(shown, 0o644);
      const edited = Buffer.from(content);
      if (how === 'changed') fs.writeFileSync(shown, edited.fill('!', 1000, 1010));
      else if (how === 'cut') fs.truncateSync(shown, 1000);
      else {
        fs.renameSync(shown, `${fixture.workspace}/elsewhere`);
        fs.symlinkSync(`${fixture.workspace}/elsewhere`, shown);
      }
      if (how === 'changed') fs.utimesSync(shown, then, then);
      fs.renameSync(`${place}/before`, `${place}/after`);
      const second = await fixture.run();
      expect(second).toMatchObject({ status: 'complete', skipped: [] });
      const after = await stored(fixture, second, 'after');
      expect(after.sha256).toBe(digestOf(content));
      expect(after.isFile()).toBe(true);
      expect(after.nlink).toBe(1);
    },
  );
});

describe('a basis', () => {
  it('is never shown to another server of the same name', async () => {
    const content = randomBytes(400_000);
    const place = world.tree('other', { file: content });
    age(place);
    world.handOver();
    using fixture = fixtureOf('daemon', place);
    await fixture.run();
    await using other = await startRsyncd({ modules: { home: world.ssh.account.home } });
    fs.renameSync(`${place}/file`, `${place}/moved`);
    const second = await fixture.run({ port: other.port });
    expect(second).toMatchObject({ status: 'complete', fetchedFiles: 1 });
    expect(second.receivedBytes).toBeGreaterThan(400_000);
  });
});
