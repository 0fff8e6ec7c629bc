import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { planRetention } from '../../src/jobs/retention/retention';
import { rootPath } from '../../src/model/remotePath';
import type { RunReport } from '../../src/report/runReport';
import { freeingOf } from '../../src/store/freeing';
import { emptyTrash } from '../../src/store/removal';
import { watchedDisk } from '../store/watchedDisk';
import { kilobyte, optionsOf, retain, runWith, signal, withFiles } from './retained';

const refused = new BackupError('permission', 'Permission denied.');

describe('retention', () => {
  it('removes what no rule keeps, tells what stays and why, and frees what only that had', async () => {
    using fixture = withFiles();
    const runs: RunReport[] = [];
    for (const changed of [0, 1, 2, 1]) runs.push(await runWith(fixture, changed));
    const before = fixture.states();
    const ids = runs.map(({ snapshot }) => snapshot).reverse();
    const result = await retain(fixture, { keep: { last: 1, daily: 1 } });
    expect(result.decisions.map(({ reasons }) => reasons)).toEqual([
      ['last 1', 'daily 2026-11-23', 'newest complete'],
      [],
      [],
      [],
    ]);
    expect(result.removed).toEqual(ids.slice(1));
    expect(ids.slice(1).map((id) => result.freeing.each.get(id))).toEqual([
      // f0 of it is gone in the next one; f1 lives on.
      kilobyte,
      kilobyte,
      // f0 and f1 at first; f1 is shared by the first two only, so that both must go.
      kilobyte,
    ]);
    expect(result.freedBytes).toBe(4 * kilobyte);
    const [newest] = ids;
    expect(fixture.states()).toEqual(new Map([[newest, before.get(newest ?? '')]]));
    await emptyTrash(fixture.store);
    expect(fs.readdirSync(fixture.store.layout.trash)).toEqual([]);
    expect(fs.readdirSync(fixture.store.layout.inodes)).toEqual([newest]);
  });

  it('frees on the disk just what it said', async () => {
    using fixture = withFiles(40);
    for (const changed of [0, 12, 30, 7, 21, 3]) await runWith(fixture, changed);
    const size = (): number => bytesOnDisk(fixture.store.layout.root);
    const before = size();
    const { freedBytes } = await retain(fixture, { keep: { last: 2 } });
    await emptyTrash(fixture.store);
    expect(before - size()).toBe(freedBytes);
  });

  it('counts the same by contents, where the disk clones and links tell nothing', async () => {
    using fixture = withFiles(20);
    for (const changed of [0, 5, 11, 3, 0, 7]) await runWith(fixture, changed);
    const going = (await fixture.store.ids()).slice(1, 5);
    const byLinks = await freeingOf(fixture.store, going, signal);
    const description = fixture.store.layout.description;
    const text = fs.readFileSync(description, 'utf8');
    fs.writeFileSync(description, text.replace('"link"', '"clone"'));
    expect(await freeingOf(fixture.store, going, signal)).toEqual(byLinks);
  });

  it('keeps everything without "keep"', async () => {
    using fixture = withFiles();
    for (let run = 0; run < 3; run += 1) await fixture.run();
    const result = await retain(fixture, {});
    expect(result.removed).toEqual([]);
    expect(result.decisions.every(({ reasons }) => reasons.includes('no rule'))).toBe(true);
  });

  it('only says what it would do, if it is asked so', async () => {
    using fixture = withFiles();
    for (let run = 0; run < 3; run += 1) await fixture.run();
    const before = fixture.states();
    const { decisions } = await planRetention(optionsOf(fixture, { keep: { last: 1 } }));
    expect(decisions.filter(({ keep }) => !keep)).toHaveLength(2);
    expect(fixture.states()).toEqual(before);
  });

  it('leaves alone what is pinned, what a restore saved, what is damaged and what is of the future', async () => {
    using fixture = withFiles();
    const ids: string[] = [];
    for (let run = 0; run < 6; run += 1) ids.push((await fixture.run()).snapshot);
    const { store } = fixture;
    const [pinned = '', safety = '', damaged = '', plain = '', newest = '', future = ''] = ids;
    await store.pins.set(pinned, 'by-hand');
    await store.pins.set(safety, 'before-restore');
    fs.truncateSync(store.layout.manifest(damaged), 100);
    fixture.clock.advance(-30_000);
    const { removed, decisions } = await retain(fixture, { keep: { last: 1 } });
    expect(removed).toEqual([plain]);
    expect(new Map(decisions.map(({ id, reasons }) => [id, reasons]))).toEqual(
      new Map([
        [future, ['dated in the future']],
        [newest, ['last 1', 'newest complete']],
        [plain, []],
        [damaged, ['damaged: to be looked at']],
        [safety, ['pinned: before a restore']],
        [pinned, ['pinned']],
      ]),
    );
  });

  it('relies on no snapshot whose manifest was edited, be it the newest complete one', async () => {
    using fixture = withFiles();
    const ids: string[] = [];
    for (let run = 0; run < 3; run += 1) ids.push((await fixture.run()).snapshot);
    const newest = fixture.store.layout.manifest(ids[2] ?? '');
    fs.writeFileSync(newest, fs.readFileSync(newest, 'utf8').replace('"size":1000', '"size":1001'));
    const { removed, decisions } = await retain(fixture, { keep: { last: 1 } });
    expect(removed).toEqual([ids[0]]);
    expect(decisions.map(({ reasons }) => reasons)).toEqual([
      ['damaged: to be looked at'],
      ['last 1', 'newest complete'],
      [],
    ]);
  });

  it('keeps the only one that has what another carried over', async () => {
    using fixture = withFiles();
    const first = await fixture.run();
    fixture.server.file('data/sub/kept');
    const second = await fixture.run();
    fixture.server.file('data/sub/kept', 'is read no more', { mtime: 1_700_000_999 });
    fixture.server.script = (call) => {
      if (call === 'read') throw refused;
    };
    const third = await fixture.run();
    expect(third.status).toBe('incomplete');
    fixture.server.script = () => undefined;
    const fourth = await fixture.run();
    await fixture.store.pins.set(third.snapshot, 'by-hand');
    const keep = { keep: { last: 1 } };
    const plan = await planRetention(optionsOf(fixture, keep));
    const goes = (id: string): boolean => plan.decisions.some((one) => one.id === id && !one.keep);
    expect([first, second].every(({ snapshot }) => goes(snapshot))).toBe(true);
    const carried = (await fixture.entries(third.snapshot)).get('data/sub/kept');
    expect(carried?.carried).toBe(second.snapshot);
    fs.rmSync(fixture.place(third.snapshot, carried ?? expect.fail()));
    const { removed, decisions } = await retain(fixture, keep);
    expect(removed).toEqual([first.snapshot]);
    expect(decisions.find(({ id }) => id === second.snapshot)?.reasons).toEqual([
      `needed by ${third.snapshot}`,
    ]);
    expect(decisions[0]?.id).toBe(fourth.snapshot);
  });

  it('keeps the only one that has what another one lost, so that this can be mended', async () => {
    using fixture = withFiles();
    const [first, second] = [await runWith(fixture, 0), await runWith(fixture, 2)];
    fixture.server.remove('data/f4');
    const third = await runWith(fixture, 2);
    const { store } = fixture;
    await store.pins.set(first.snapshot, 'by-hand');
    const lost = (await fixture.entries(first.snapshot)).get('data/f4') ?? expect.fail();
    await store.damage.set(first.snapshot, [{ path: lost.path, kind: 'missing' }]);
    const keep = { keep: { last: 1 } };
    const { decisions } = await planRetention(optionsOf(fixture, keep));
    expect(decisions.find(({ id }) => id === second.snapshot)?.reasons).toEqual([
      `needed by ${first.snapshot}`,
    ]);
    await store.damage.set(second.snapshot, [{ path: lost.path, kind: 'missing' }]);
    expect((await retain(fixture, keep)).removed).toEqual([second.snapshot]);
    expect([...fixture.states().keys()].sort()).toEqual([first.snapshot, third.snapshot]);
  });

  it('goes on while the manifest of one that stays is damaged', async () => {
    using fixture = withFiles();
    const [first, second] = [await runWith(fixture, 0), await runWith(fixture, 1)];
    const third = await runWith(fixture, 1);
    const { store } = fixture;
    await store.pins.set(first.snapshot, 'by-hand');
    const text = fs.readFileSync(store.layout.manifest(first.snapshot), 'utf8');
    fs.writeFileSync(store.layout.manifest(first.snapshot), text.replace('"path"', '"path'));
    await store.damage.set(first.snapshot, [{ path: rootPath, kind: 'manifest' }]);
    expect((await retain(fixture, { keep: { last: 1 } })).removed).toEqual([second.snapshot]);
    expect(await store.ids()).toEqual([third.snapshot, first.snapshot]);
  });

  it('stands still while a snapshot is suspicious, and goes on once that is accepted', async () => {
    using fixture = withFiles(10);
    const keep = { keep: { last: 1 } };
    const good = await fixture.run();
    for (let file = 0; file < 6; file += 1) fixture.server.remove(`data/f${file}`);
    const bad = await fixture.run();
    expect(bad.suspicious).toEqual({ reason: 'files-lost', lost: 6, of: 10 });
    const stopped = await retain(fixture, keep);
    expect(stopped.removed).toEqual([]);
    expect(stopped.suspicions).toMatchObject([{ snapshot: bad.snapshot }]);
    expect(stopped.decisions[1]).toEqual({
      id: good.snapshot,
      keep: true,
      reasons: [`retention stopped: ${bad.snapshot} is suspicious`],
    });
    fixture.store.guard.accept(bad.snapshot);
    expect((await retain(fixture, keep)).removed).toEqual([good.snapshot]);
  });

  it('goes on with "guard": false, also for what was found before', async () => {
    using fixture = withFiles(10);
    const good = await fixture.run();
    for (let file = 0; file < 6; file += 1) fixture.server.remove(`data/f${file}`);
    await fixture.run();
    const result = await retain(fixture, { keep: { last: 1 }, guard: false });
    expect(result.removed).toEqual([good.snapshot]);
  });

  it('removes nothing while a run is under way', async () => {
    using fixture = withFiles();
    for (let run = 0; run < 3; run += 1) await fixture.run();
    await using _run = fixture.store.lock(fixture.clock);
    await expect(retain(fixture, { keep: { last: 1 } })).rejects.toMatchObject({ kind: 'locked' });
    expect(fixture.states().size).toBe(3);
  });

  it('leaves alone what a person pinned in the meantime', async () => {
    using fixture = withFiles();
    for (let run = 0; run < 3; run += 1) await fixture.run();
    const oldest = (await fixture.store.ids()).at(-1) ?? '';
    const disk = watchedDisk((operation, about) => {
      if (operation === 'makeFolder' && about.endsWith('trash')) {
        fs.mkdirSync(fixture.store.layout.pins);
        fs.writeFileSync(fixture.store.layout.pin(oldest), '');
      }
    });
    const { removed } = await retain(fixture, { keep: { last: 1 } }, disk);
    expect(removed).toHaveLength(1);
    expect(fixture.states().has(oldest)).toBe(true);
  });
});

function bytesOnDisk(root: string): number {
  const seen = new Set<number>();
  let bytes = 0;
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const found = fs.lstatSync(path.join(root, name));
    const isOfSnapshot = !name.startsWith('.sauvegarde') || name.includes('trash');
    if (!found.isFile() || name.endsWith('.ndjson') || !isOfSnapshot || seen.has(found.ino))
      continue;
    seen.add(found.ino);
    bytes += found.size;
  }
  return bytes;
}
