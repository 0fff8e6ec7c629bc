import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { systemClock } from '../../src/base/clock';
import { Store } from '../../src/store/store';
import { openLocalTarget } from '../../src/targets/disk/openDiskTarget';
import { watchedDisk } from '../store/watchedDisk';
import { ChangedSite } from './changedSite';
import { watchedTarget } from './watchedTarget';

type Fault = 'transient' | 'lasting' | 'the run';

function errorOf(fault: Fault): BackupError {
  switch (fault) {
    case 'transient':
      return new BackupError('connection', 'Made up: the connection was lost.');
    case 'lasting':
      return new BackupError('permission', 'Made up: it may not be written.');
    case 'the run':
      return new BackupError('disk-full', 'Made up: the quota is used up.');
  }
}

const hasty = { ...systemClock, sleep: () => Promise.resolve() };

describe.each([
  ['instead of', 'transient'],
  ['after', 'transient'],
  ['instead of', 'lasting'],
  ['after', 'lasting'],
  ['instead of', 'the run'],
] as const)('a fault %s any operation of the target (%s)', (when, fault) => {
  it('leaves no half file, and the same restore goes on to the end', async () => {
    using site = new ChangedSite();
    site.original();
    const { snapshot } = await site.run();
    const wanted = site.state();
    let n = 1;
    for (; ; n += 1) {
      site.changed();
      const before = site.state();
      let left = n;
      let failed: string | undefined;
      const fail = (operation: string, place: string): void => {
        left -= 1;
        if (left !== 0) return;
        failed = `operation ${n}: ${operation} ${place}`;
        throw errorOf(fault);
      };
      const nothing = (): void => undefined;
      const report = await site
        .restore(snapshot, {
          delete: true,
          environment: { ...site.environment, clock: hasty },
          open: () => {
            const target = openLocalTarget('local://');
            return Promise.resolve(
              when === 'after' ? watchedTarget(target, nothing, fail) : watchedTarget(target, fail),
            );
          },
        })
        .catch((error: unknown) => error as BackupError);
      if (failed === undefined) break;
      site.expectNoHalf(before, wanted);
      if (fault === 'transient') expect(report, failed).toMatchObject({ status: 'complete' });
      const again = await site.restore(snapshot, { delete: true });
      expect(again, failed).toMatchObject({ status: 'complete', failed: [] });
      expect(site.state(), failed).toEqual(wanted);
    }
    expect(n).toBeGreaterThan(20);
  });
});

it('writes nothing if what would be overwritten cannot be saved first', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  site.changed();
  const before = site.state();
  const target = openLocalTarget('local://');
  const written: string[] = [];
  const watched = watchedTarget(target, (operation, place) => {
    if (!place.includes('.sauvegarde-')) written.push(`${operation} ${place}`);
  });
  const reader = new Proxy(target.reader, {
    get(_reader, name) {
      const found: unknown = Reflect.get(target.reader, name, target.reader);
      if (name === 'read') {
        return () => Promise.reject(new BackupError('permission', 'Made up: it may not be read.'));
      }
      return typeof found === 'function' ? (found.bind(target.reader) as unknown) : found;
    },
  });
  const open = (): Promise<typeof target> =>
    Promise.resolve(
      new Proxy(watched, {
        get: (_watched, name) =>
          name === 'reader' ? reader : (Reflect.get(watched, name) as unknown),
      }),
    );
  await expect(site.restore(snapshot, { delete: true, open })).rejects.toMatchObject({
    kind: 'permission',
    scope: 'run',
    message: expect.stringContaining('Nothing was written') as string,
  });
  expect(written).toEqual([]);
  expect(site.state()).toEqual(before);
  expect(await site.store.ids()).toEqual([snapshot]);
});

it('leaves no tree without a manifest if what would be overwritten was saved all but its name', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  site.changed();
  const disk = watchedDisk((operation, about) => {
    if (operation === 'rename' && about.endsWith('.ndjson')) throw new Error('EIO: made up');
  });
  const store = new Store(path.dirname(site.store.layout.root), 'test', disk);
  const to = { server: site.server(), store };
  await expect(site.restore(snapshot, { delete: true, store, to })).rejects.toThrow('made up');
  const found = fs.readdirSync(site.store.layout.root).sort();
  expect(found).toEqual(['.sauvegarde', snapshot]);
});
