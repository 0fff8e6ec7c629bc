import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BackUpFixture } from '../conformance/backUpFixture';
import { CuttingProxy } from '../servers/cuttingProxy';
import { failure, rsyncWorld, type Way } from './worlds';

const world = rsyncWorld();
const ways: readonly Way[] = ['ssh', 'daemon'];
const size = 30_000_000;
const then = 1_700_000_000;

interface Cut extends AsyncDisposable {
  readonly fixture: BackUpFixture;
  readonly proxy: CuttingProxy;
  readonly file: string;
  /** SHA-256 of the file in the snapshot. */
  digest(snapshot: string): Promise<string>;
}

/** A server behind a proxy that cuts the connection in the middle of its only file. */
async function cutServer(way: Way, name: string): Promise<Cut> {
  const place = world.tree(`${name}-${way}`, { dump: randomBytes(size) });
  const file = `${place}/dump`;
  fs.utimesSync(file, then, then);
  const proxy = new CuttingProxy(way === 'ssh' ? world.ssh.port : world.daemon.port);
  const port = await proxy.listen();
  const { account } = world.ssh;
  const own =
    way === 'ssh'
      ? { username: account.name, fingerprint: world.ssh.fingerprint() }
      : { via: 'daemon' as const };
  const include = [`/${world.shown(way, place)}`];
  const connection = { protocol: 'rsync', host: '127.0.0.1', port, include, timeout: 5 } as const;
  const fixture = new BackUpFixture({ ...connection, ...own }, { password: account.password });
  proxy.cutAfter = size / 2;
  return {
    fixture,
    proxy,
    file,
    async digest(snapshot) {
      for await (const entry of fixture.store.entries(snapshot)) {
        if (entry.type !== 'file') continue;
        const content = fs.readFileSync(fixture.store.place(snapshot, entry));
        const digest = createHash('sha256').update(content).digest('hex');
        expect(entry.sha256).toBe(digest);
        return digest;
      }
      throw new Error('There is no file.');
    },
    async [Symbol.asyncDispose]() {
      fixture[Symbol.dispose]();
      await proxy[Symbol.asyncDispose]();
      fs.rmSync(place, { recursive: true });
    },
  };
}

const digestOf = (path: string): string =>
  createHash('sha256').update(fs.readFileSync(path)).digest('hex');

/** A run that gets so many bytes, and then nothing any more. */
async function failedAfter({ proxy, fixture }: Cut, bytes: number): Promise<void> {
  proxy.cutAfter = bytes;
  proxy.passed = 0;
  const watch = setInterval(() => (proxy.refuses ||= proxy.passed >= bytes), 1);
  const error = await failure(fixture.run());
  clearInterval(watch);
  expect(['connection', 'timeout']).toContain(error.kind);
}

describe.each(ways)('a big file that was cut off, over %s', (way) => {
  it('goes on within the run', async () => {
    await using cut = await cutServer(way, 'within');
    const report = await cut.fixture.run();
    expect(report.status).toBe('complete');
    expect(report.receivedBytes).toBeLessThan(size * 1.2);
    expect(await cut.digest(report.snapshot)).toBe(digestOf(cut.file));
  });

  it('is not shown to another server', async () => {
    await using cut = await cutServer(way, 'other');
    const { proxy, fixture, file } = cut;
    const watch = setInterval(() => (proxy.refuses ||= proxy.passed >= size / 2), 1);
    await failure(fixture.run());
    clearInterval(watch);
    // The same data at another address.
    const port = way === 'ssh' ? world.ssh.port : world.daemon.port;
    const report = await fixture.run({ port });
    expect(report.receivedBytes).toBeGreaterThan(size);
    expect(await cut.digest(report.snapshot)).toBe(digestOf(file));
  });

  it.each(['nothing', 'its beginning, unseen', 'its beginning', 'its length'])(
    'goes on in the next run, after a change of %s',
    async (change) => {
      await using cut = await cutServer(way, `next-${change.length}`);
      const { proxy, fixture, file } = cut;
      // From the first cut on, nothing is let through.
      const watch = setInterval(() => (proxy.refuses ||= proxy.passed >= size / 2), 1);
      const error = await failure(fixture.run());
      clearInterval(watch);
      expect(['connection', 'timeout']).toContain(error.kind);
      const before = fs.statSync(file);
      if (change.startsWith('its beginning')) {
        const open = fs.openSync(file, 'r+');
        fs.writeSync(open, 'something else', 100);
        fs.closeSync(open);
      } else if (change === 'its length') fs.appendFileSync(file, 'and more');
      const isSeen = change === 'its beginning' || change === 'its length';
      fs.utimesSync(file, before.atime, isSeen ? then + 60 : before.mtime);
      proxy.mend();
      const report = await fixture.run();
      expect(report).toMatchObject({ status: 'complete', skipped: [] });
      expect(report.receivedBytes).toBeLessThan(size * 0.7);
      expect(await cut.digest(report.snapshot)).toBe(digestOf(file));
    },
  );

  it('goes on after a second cut at once: the half is kept until more has come', async () => {
    await using cut = await cutServer(way, 'twice');
    const { proxy, fixture, file } = cut;
    await failedAfter(cut, size / 2);
    proxy.mend();
    // The server begins to deliver the file anew, and comes no further than its first blocks.
    await failedAfter(cut, 2000);
    proxy.mend();
    const report = await fixture.run();
    expect(report.status).toBe('complete');
    expect(report.receivedBytes).toBeLessThan(size * 0.7);
    expect(await cut.digest(report.snapshot)).toBe(digestOf(file));
  });

  it('goes on in the next run, where the last snapshot has a larger one of it', async () => {
    await using cut = await cutServer(way, 'larger');
    const { proxy, fixture, file } = cut;
    proxy.mend();
    await fixture.run();
    fs.writeFileSync(file, randomBytes(size - 1000));
    fs.utimesSync(file, then + 60, then + 60);
    await failedAfter(cut, size / 2);
    proxy.mend();
    const report = await fixture.run();
    expect(report.status).toBe('complete');
    expect(report.receivedBytes).toBeLessThan(size * 0.7);
    expect(await cut.digest(report.snapshot)).toBe(digestOf(file));
  });
});
