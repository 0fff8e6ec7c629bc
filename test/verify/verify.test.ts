import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock';
import { BackupError } from '../../src/base/errors';
import type { Verified } from '../../src/jobs/verify/verified';
import { StoreLock } from '../../src/store/lock';
import { turnBit, VerifyFixture } from './verifyFixture';

const damages = (verified: readonly Verified[]): string[][] => VerifyFixture.damages(verified);

async function made(): Promise<{ fixture: VerifyFixture; old: string; recent: string }> {
  const fixture = new VerifyFixture();
  fixture.server.file('data/a', 'content of a');
  fixture.server.file('data/deep/b', 'content of b');
  fixture.server.file('data/deep/twin', 'content of b');
  fixture.server.file('data/n\xe4me \xff', 'odd name');
  fixture.server.file('data/empty', '');
  fixture.server.folder('data/hollow');
  const old = await fixture.run();
  fixture.server.file('data/a', 'another content');
  const recent = await fixture.run();
  return { fixture, old: old.snapshot, recent: recent.snapshot };
}

describe('a verification', () => {
  it('reads a file that several snapshots share once, and looks at each of its names', async () => {
    const { fixture, old, recent } = await made();
    using _ = fixture;
    const verified = await fixture.verify({ scope: 'all' });
    const contents = ['another content', 'content of b', 'content of b', 'odd name'];
    const bytes = contents.join('').length;
    expect(verified).toMatchObject([
      { snapshot: recent, status: 'whole', checkedFiles: 5, checkedBytes: bytes },
      { snapshot: old, status: 'whole', checkedFiles: 5, checkedBytes: 'content of a'.length },
    ]);
    fs.rmSync(fixture.placeOf(old, 'data/deep/b'));
    expect(damages(await fixture.verify({ scope: 'all' }))).toEqual([[], ['missing /data/deep/b']]);
  });

  it('tells what is wrong, whatever stands in a place', async () => {
    const { fixture, recent } = await made();
    using _ = fixture;
    const at = (name: string): string => fixture.placeOf(recent, `data/${name}`);
    fs.rmdirSync(at('hollow'));
    fs.writeFileSync(at('hollow'), 'no folder');
    fs.rmSync(at('empty'));
    fs.mkdirSync(at('empty'));
    fs.writeFileSync(at('empty/inside'), '');
    fs.rmSync(at('a'));
    fs.symlinkSync(at('deep/b'), at('a'));
    fs.renameSync(at('deep'), `${fixture.workspace}/elsewhere`);
    fs.symlinkSync(`${fixture.workspace}/elsewhere`, at('deep'));
    fs.writeFileSync(`${fixture.store.layout.snapshot(recent)}/top`, 'x');
    const [found] = damages(await fixture.verify());
    expect(found?.sort()).toEqual([
      'extra /data/a',
      'extra /data/deep',
      'extra /data/empty/inside',
      'extra /data/hollow',
      'extra /top',
      'missing /data/a',
      'missing /data/deep',
      'missing /data/deep/b',
      'missing /data/deep/twin',
      'missing /data/empty',
      'missing /data/hollow',
    ]);
    const repaired = await fixture.verify({ repair: true });
    expect(repaired[0]).toMatchObject({ status: 'whole' });
    expect(fs.readFileSync(at('deep/b'), 'utf8')).toBe('content of b');
    expect(fs.lstatSync(at('deep')).isDirectory()).toBe(true);
    // What a person may miss is kept.
    expect(fs.readFileSync(`${fixture.store.layout.quarantine}/${recent}/top`, 'utf8')).toBe('x');
    expect(fs.readFileSync(`${fixture.workspace}/elsewhere/b`, 'utf8')).toBe('content of b');
    expect((await fixture.verify({ scope: 'all' })).every(({ status }) => status === 'whole')).toBe(
      true,
    );
  });

  it('puts everything back where the whole folder of a snapshot is gone', async () => {
    const { fixture, old, recent } = await made();
    using _ = fixture;
    const before = fixture.stateOf(old);
    fs.rmSync(fixture.store.layout.snapshot(old), { recursive: true });
    const verified = await fixture.verify({ scope: { snapshots: [old] }, repair: true });
    // The one file that the newer snapshot and the server have in another version.
    expect(damages(verified)[0]?.filter((text) => !text.startsWith('+'))).toEqual([
      'missing /data/a',
    ]);
    fixture.server.file('data/a', 'content of a');
    await fixture.verify({ scope: { snapshots: [old] }, repair: true });
    expect(fixture.stateOf(old)).toBe(before);
    expect(fs.statSync(fixture.placeOf(old, 'data/deep/b')).ino).toBe(
      fs.statSync(fixture.placeOf(recent, 'data/deep/b')).ino,
    );
  });

  it('keeps what somebody wrote into a snapshot, and gives all that shared it the right content', async () => {
    const { fixture, old, recent } = await made();
    using _ = fixture;
    const place = fixture.placeOf(recent, 'data/deep/b');
    fs.chmodSync(place, 0o644);
    fs.writeFileSync(place, 'precious');
    const verified = await fixture.verify({ scope: { snapshots: [old] }, repair: true });
    expect(damages(verified)).toEqual([['+changed /data/deep/b']]);
    for (const id of [old, recent]) {
      expect(fs.readFileSync(fixture.placeOf(id, 'data/deep/b'), 'utf8')).toBe('content of b');
    }
    const kept = `${fixture.store.layout.quarantine}/${old}/data/deep/b`;
    expect(fs.readFileSync(kept, 'utf8')).toBe('precious');
  });

  it('takes from the server only that very version', async () => {
    const { fixture, recent } = await made();
    using _ = fixture;
    turnBit(fixture.placeOf(recent, 'data/a'), 3);
    // The same size and time, and another content.
    const { mtime, mode } = fixture.server.node('data/a')!;
    fixture.server.file('data/a', 'yet one content', { mtime, mode });
    const [first] = await fixture.verify({ repair: true });
    expect(first).toMatchObject({
      status: 'damaged',
      damaged: [{ path: '/data/a', message: expect.stringContaining('another version') as string }],
    });
    const gone = new BackupError('connection', 'The host is gone.', { scope: 'run' });
    const [second] = await fixture.verify({ repair: true, open: () => Promise.reject(gone) });
    expect(second?.damaged[0]?.message).toContain('The host is gone.');
    fixture.server.file('data/a', 'another content', { mtime, mode });
    expect(await fixture.verify({ repair: true })).toMatchObject([{ status: 'whole' }]);
  });

  it('takes it from another file that had it, where the first one has been edited without a new time', async () => {
    using fixture = new VerifyFixture();
    for (const name of ['a', 'b', 'c']) {
      fixture.server.file(`data/${name}`, 'shared content', { mtime: 1_700_000_000 });
    }
    const { snapshot } = await fixture.run();
    for (const name of ['a', 'b', 'c']) fs.rmSync(fixture.placeOf(snapshot, `data/${name}`));
    for (const name of ['a', 'b']) {
      fixture.server.file(`data/${name}`, 'edited content', { mtime: 1_700_000_000 });
    }
    expect(await fixture.verify({ repair: true })).toMatchObject([{ status: 'whole' }]);
  });

  it('marks what is damaged in all snapshots that share it: none lends it to the next', async () => {
    const { fixture, old, recent } = await made();
    using _ = fixture;
    turnBit(fixture.placeOf(old, 'data/deep/b'), 3);
    await fixture.verify({ scope: { snapshots: [old] } });
    for (const id of [old, recent]) expect(fixture.store.damage.has(id)).toBe(true);
    fixture.server.forget();
    const next = await fixture.run();
    expect(fixture.server.count('read', 'data/deep/b')).toBe(1);
    expect(fixture.server.total('read')).toBe(1);
    expect(await fixture.verify()).toMatchObject([{ snapshot: next.snapshot, status: 'whole' }]);
    expect(await fixture.store.snapshots()).toMatchObject([
      { damaged: 0 },
      { damaged: 1, status: 'complete' },
      { damaged: 1 },
    ]);
    // The fetched one mends both.
    await fixture.verify({ scope: { snapshots: [old] }, repair: true });
    for (const id of [old, recent]) expect(fixture.store.damage.has(id)).toBe(false);
    expect(await fixture.verify({ scope: 'all' })).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'whole' })),
    );
  });

  it('looks at the newest complete snapshot, and at newer ones that cannot be told to be complete', async () => {
    const { fixture, recent } = await made();
    using _ = fixture;
    fixture.server.script = (call, name) => {
      if (call === 'read' && name === 'data/new') throw new BackupError('permission', 'No.');
    };
    fixture.server.file('data/new');
    const incomplete = await fixture.run();
    expect((await fixture.verify()).map(({ snapshot }) => snapshot)).toEqual([recent]);
    fs.truncateSync(fixture.store.layout.manifest(incomplete.snapshot), 500);
    const verified = await fixture.verify();
    expect(verified.map(({ snapshot, status }) => [snapshot, status])).toEqual([
      [incomplete.snapshot, 'damaged'],
      [recent, 'whole'],
    ]);
    await fixture.verify({ scope: 'all', repair: true });
    expect((await fixture.verify()).map(({ snapshot }) => snapshot)).toEqual([recent]);
  });

  it('mends a manifest that lost a part, and knows when it lost too much', async () => {
    const { fixture } = await made();
    using _ = fixture;
    for (let file = 0; file < 200; file += 1) fixture.server.file(`data/deep/file ${file}`);
    const { snapshot } = await fixture.run();
    const manifest = fixture.store.layout.manifest(snapshot);
    const before = fs.readFileSync(manifest);
    const overwrite = (from: number, length: number): void => {
      const file = fs.openSync(manifest, 'r+');
      fs.writeSync(file, Buffer.alloc(length, 0x5a), 0, length, from);
      fs.closeSync(file);
    };
    overwrite(3000, 4096);
    expect(damages(await fixture.verify())).toEqual([
      [expect.stringMatching(/^manifest /) as string],
    ]);
    await fixture.verify({ repair: true });
    expect(fs.readFileSync(manifest).equals(before)).toBe(true);
    fs.appendFileSync(manifest, '{"more":1}\n');
    await fixture.verify({ repair: true, scope: 'all' });
    expect(fs.readFileSync(manifest).equals(before)).toBe(true);
    overwrite(3000, 20_000);
    const verified = await fixture.verify({ repair: true });
    expect(verified).toMatchObject([{ snapshot, status: 'damaged' }]);
  });

  it.each(['all', 'some'])(
    'mends the manifests of %s before it seeks in them what is lost',
    async (which) => {
      using fixture = new VerifyFixture();
      fixture.server.file('data/kept', 'the only content');
      const old = await fixture.run();
      fixture.server.remove('data/kept');
      fixture.server.file('data/moved', 'the only content');
      const recent = await fixture.run();
      fixture.server.remove('data/moved');
      fs.rmSync(fixture.placeOf(recent.snapshot, 'data/moved'));
      const manifest = fixture.store.layout.manifest(old.snapshot);
      turnBit(manifest, 8 * (fs.readFileSync(manifest).indexOf('"sha256":"') + 20));
      const scope = which === 'all' ? which : { snapshots: [recent.snapshot, old.snapshot] };
      const verified = await fixture.verify({ scope, repair: true });
      expect(verified).toMatchObject([{ status: 'whole' }, { status: 'whole' }]);
    },
  );

  it('proves a snapshot of an older version by itself, last line included, and gives it a parity', async () => {
    const { fixture, recent } = await made();
    using _ = fixture;
    const { layout } = fixture.store;
    fs.rmSync(layout.parity, { recursive: true });
    const whole = fs.readFileSync(layout.manifest(recent), 'utf8');
    fs.writeFileSync(layout.manifest(recent), whole.replace('"files":5', '"files":4'));
    expect(await fixture.verify()).toMatchObject([{ status: 'damaged' }]);
    fs.writeFileSync(layout.manifest(recent), whole);
    expect(await fixture.verify()).toMatchObject([{ status: 'whole' }]);
    fs.writeFileSync(
      layout.manifest(recent),
      whole.replace('"fetchedFiles":1', '"fetchedFiles":0'),
    );
    expect(await fixture.verify({ repair: true })).toMatchObject([{ status: 'whole' }]);
    expect(fs.readFileSync(layout.manifest(recent), 'utf8')).toBe(whole);
  });

  it('hinders no run, and no other one starts beside it', async () => {
    const { fixture } = await made();
    using _ = fixture;
    const { layout } = fixture.store;
    {
      await using _lock = StoreLock.acquire(layout.verifyLock, fixture.clock);
      await expect(fixture.verify()).rejects.toMatchObject({ kind: 'locked' });
      await fixture.run();
    }
    await using _lock = StoreLock.acquire(layout.lock, fixture.clock);
    expect(await fixture.verify()).toMatchObject([{ status: 'whole' }]);
  });

  it('waits to mend for who holds the lock only for a moment, and for nobody else', async () => {
    const { fixture, recent } = await made();
    using _ = fixture;
    const { layout, disk } = fixture.store;
    const damage = (): void => {
      turnBit(fixture.placeOf(recent, 'data/a'), 3);
      turnBit(layout.manifest(recent), 3000);
    };
    damage();
    {
      await using _run = StoreLock.acquire(layout.lock, fixture.clock);
      await expect(fixture.verify({ repair: true })).rejects.toMatchObject({ kind: 'locked' });
    }
    // A retention takes the lock between the two things that are mended, too.
    let brief: StoreLock | undefined = StoreLock.acquire(layout.lock, fixture.clock, 'brief');
    let waited = 0;
    const patient: Clock = {
      now: fixture.clock.now,
      monotonic: fixture.clock.monotonic,
      sleep: async () => {
        waited += 1;
        await brief?.[Symbol.asyncDispose]();
        brief = undefined;
      },
    };
    const store = fixture.storeOn({
      ...disk,
      nodesIn: (place) => {
        if (waited === 1) brief ??= StoreLock.acquire(layout.lock, fixture.clock, 'brief');
        return disk.nodesIn(place);
      },
    });
    expect(await fixture.verify({ repair: true, store }, patient)).toMatchObject([
      { status: 'whole' },
    ]);
    expect(waited).toBe(2);
  });

  it('ends when it is cancelled, and keeps what it has proven', async () => {
    const { fixture } = await made();
    using _ = fixture;
    const stop = new AbortController();
    const { disk } = fixture.store;
    const store = fixture.storeOn({
      ...disk,
      look: (place, longest) => {
        if (String(place).endsWith('/data/empty')) stop.abort();
        return disk.look(place, longest);
      },
    });
    await expect(fixture.verify({ store, signal: stop.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(fs.readFileSync(fixture.store.layout.proven, 'utf8')).toContain('"contents"');
    expect(await fixture.verify()).toMatchObject([{ status: 'whole' }]);
  });
});
