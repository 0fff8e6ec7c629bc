import fs from 'node:fs';
import { expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import type { Disk } from '../../src/store/disk';
import { quickDisk, StoreFixture } from './storeFixture';

it('a run whose changes cannot be told after publishing has not failed', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  fixture.server.file('data/one');
  const first = await fixture.run();
  fixture.server.file('data/two');
  const { layout } = fixture.store;
  const isPublished = (): boolean => fs.readdirSync(layout.manifests).length > 1;
  const disk: Disk = {
    ...quickDisk,
    async *readFile(path, start) {
      if (isPublished() && String(path) === layout.manifest(first.snapshot)) {
        throw new BackupError('protocol', 'The disk gave nothing back.');
      }
      yield* quickDisk.readFile(path, start);
    },
  };
  const second = await fixture.run(disk);
  expect(second.status).toBe('complete');
  expect(second.changes).toBeUndefined();
  expect(await fixture.store.ids()).toEqual([second.snapshot, first.snapshot]);
});
