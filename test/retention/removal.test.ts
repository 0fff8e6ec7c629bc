import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock';
import { discardSnapshots, emptyTrash } from '../../src/store/removal';
import type { Disk } from '../../src/store/disk';
import { quickDisk, type StoreFixture } from '../store/storeFixture';
import { watchedDisk } from '../store/watchedDisk';
import { retain, runWith, signal, withFiles } from './retained';

describe('the removal of many', () => {
  it('lets the lock go between them, and a run that waits gets it', async () => {
    using fixture = withFiles(1);
    const ids: string[] = [];
    for (let run = 0; run < 12; run += 1) ids.push((await fixture.run()).snapshot);
    let held = 0;
    let longest = 0;
    const disk = watchedDisk((operation, about) => {
      if (operation === 'makeFolder' && about.endsWith('trash')) held = 0;
      if (operation !== 'rename') return;
      held += 1;
      longest = Math.max(longest, held);
      // Each takes its time, as on a disk over the network.
      fixture.clock.advance(150);
    });
    const going = ids.slice(0, 10);
    const removing = discardSnapshots(fixture.storeOn(disk), going, fixture.clock, signal);
    // However busy this machine is: it looks again when there is something to be seen.
    const untilFree = async (): Promise<void> => {
      while (fs.existsSync(fixture.store.layout.lock)) await setTimeout(1);
    };
    const { clock } = fixture;
    const waiting: Clock = { now: clock.now, monotonic: clock.monotonic, sleep: untilFree };
    await using lock = await fixture.store.lockPatiently(waiting, signal);
    lock.check();
    await lock[Symbol.asyncDispose]();
    expect(await removing).toEqual(going);
    expect(longest).toBeLessThanOrEqual(4);
    expect([...fixture.states().keys()].sort()).toEqual(ids.slice(10));
  });

  it('fails at any operation of the disk without leaving half a snapshot, and goes on the next time', async () => {
    for (let number = 1; ; number += 1) {
      using fixture = withFiles(3);
      for (const changed of [0, 1, 1]) await runWith(fixture, changed);
      const before = fixture.states();
      let count = 0;
      const disk = watchedDisk(() => {
        count += 1;
        if (count === number) throw refusedByDisk();
      });
      const first = await pruneAll(fixture, disk).then(
        () => 'done',
        () => 'failed',
      );
      for (const [id, state] of fixture.states()) expect(state, id).toBe(before.get(id));
      await pruneAll(fixture, quickDisk);
      expectOnlyNewest(fixture, before);
      expect((await fixture.run()).status).toBe('complete');
      if (first === 'done' && count < number) return;
    }
  });
});

async function pruneAll(fixture: StoreFixture, disk: Disk): Promise<void> {
  await retain(fixture, { keep: { last: 1 } }, disk);
  await emptyTrash(fixture.storeOn(disk));
}

function expectOnlyNewest(fixture: StoreFixture, before: ReadonlyMap<string, string>): void {
  const newest = [...before.keys()].sort().at(-1) ?? '';
  const { layout } = fixture.store;
  expect(fixture.states()).toEqual(new Map([[newest, before.get(newest)]]));
  expect(fs.readdirSync(layout.root).sort()).toEqual(['.sauvegarde', newest]);
  expect(fs.readdirSync(layout.trash)).toEqual([]);
}

function refusedByDisk(): Error {
  return Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
}
