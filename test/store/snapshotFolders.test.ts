import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  compareInFolderOrder,
  isWithin,
  parentOf,
  type RemotePath,
} from '../../src/model/remotePath';
import { silentLog } from '../../src/base/log';
import { resolveSnapshot } from '../../src/model/snapshotId';
import { discardSnapshot, emptyTrash } from '../../src/store/removal';
import { SnapshotFolders } from '../../src/store/snapshotFolders';
import { StoreFixture } from './storeFixture';

const name = fc.constantFrom('a', 'a-', 'a.b', 'b', 'z', 'é');
const paths = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/')),
  { maxLength: 25 },
);

function manifestOf(lines: readonly { path: string; type: string }[], folder: string): string {
  const file = path.join(folder, 'manifest');
  const all = [{ format: 1 }, ...lines, { digest: '' }];
  fs.writeFileSync(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

it('lists the same children as a look at all paths does', async () => {
  using fixture = new StoreFixture();
  await fc.assert(
    fc.asyncProperty(paths, fc.boolean(), async (leaves, named) => {
      const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
      const folders = new Set<string>();
      for (const leaf of leaves.map(bytes)) {
        for (let at = parentOf(leaf as RemotePath); at !== ''; at = parentOf(at)) folders.add(at);
      }
      const types = new Map(leaves.map((leaf) => [bytes(leaf), 'file']));
      if (named) for (const folder of folders) types.set(folder, 'directory');
      else for (const folder of folders) types.delete(folder);
      const lines = [...types]
        .sort(([a], [b]) => compareInFolderOrder(a, b))
        .map(([at, type]) => ({ path: Buffer.from(at, 'latin1').toString('utf8'), type }));
      const file = manifestOf(lines, fixture.workspace);
      const opened = await SnapshotFolders.open(fixture.store.disk, file);
      const all = new Set([...types.keys(), ...folders]);
      for (const folder of ['', ...folders] as RemotePath[]) {
        const expected = [...all]
          .filter((at) => parentOf(at as RemotePath) === folder)
          .sort(compareInFolderOrder);
        const found = await opened.list(folder);
        expect(found.map((entry) => entry.path)).toEqual(expected);
        expect(found.map(({ type }) => type)).toEqual(
          expected.map((at) => (folders.has(at) ? 'directory' : 'file')),
        );
      }
      for (const at of all) expect((await opened.find(at as RemotePath))?.path).toBe(at);
      expect(await opened.find('not/there' as RemotePath)).toBeUndefined();
      expect([...all].every((at) => isWithin(at as RemotePath, '' as RemotePath))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

it('leaps over a big subfolder', async () => {
  using fixture = new StoreFixture();
  const inside = Array.from({ length: 100_000 }, (_none, index) => ({
    path: `a/${String(index).padStart(6, '0')}`,
    type: 'file',
  }));
  const lines = [{ path: 'a', type: 'directory' }, ...inside, { path: 'b', type: 'file' }];
  const { disk } = fixture.store;
  let chunks = 0;
  const counting: typeof disk = {
    ...disk,
    async *readFile(from, start) {
      for await (const chunk of disk.readFile(from, start)) {
        chunks += 1;
        yield chunk;
      }
    },
  };
  const opened = await SnapshotFolders.open(counting, manifestOf(lines, fixture.workspace));
  const whole = chunks;
  chunks = 0;
  expect((await opened.list('' as RemotePath)).map((entry) => entry.path)).toEqual(['a', 'b']);
  expect(chunks).toBeLessThan(whole / 2);
});

it('refuses a manifest out of order', async () => {
  using fixture = new StoreFixture();
  const file = manifestOf(
    ['b', 'a'].map((at) => ({ path: at, type: 'file' })),
    fixture.workspace,
  );
  await expect(SnapshotFolders.open(fixture.store.disk, file)).rejects.toThrow(/folder order/);
});

it('a discarded snapshot is gone, the others stay as they were', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  fixture.server.file('data/one');
  const first = await fixture.run();
  const second = await fixture.run();
  const before = fixture.stateOf(second.snapshot);
  await fixture.store.pins.set(first.snapshot, 'by-hand');
  await discardSnapshot(fixture.store, first.snapshot, fixture.clock);
  expect(await fixture.store.ids()).toEqual([second.snapshot]);
  expect(fs.existsSync(fixture.store.layout.snapshot(first.snapshot))).toBe(false);
  await emptyTrash(fixture.store);
  expect(fs.readdirSync(fixture.store.layout.trash)).toEqual([]);
  expect(fs.readdirSync(fixture.store.layout.pins)).toEqual([]);
  expect(fixture.stateOf(second.snapshot)).toBe(before);
  expect((await fixture.run()).fetchedFiles).toBe(0);
});

it('a deletion that was cut off is ended by the next one', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  fixture.server.file('data/one');
  const { snapshot } = await fixture.run();
  const { layout } = fixture.store;
  fs.renameSync(layout.manifest(snapshot), path.join(layout.trash, `${snapshot}.ndjson`));
  await emptyTrash(fixture.store);
  expect(fs.existsSync(layout.snapshot(snapshot))).toBe(false);
  expect(fs.readdirSync(layout.trash)).toEqual([]);
});

it('a deletion waits for a run to end', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  const { snapshot } = await fixture.run();
  await using _run = fixture.store.lock(fixture.clock);
  await expect(discardSnapshot(fixture.store, snapshot, fixture.clock)).rejects.toMatchObject({
    kind: 'locked',
  });
  expect(await fixture.store.ids()).toEqual([snapshot]);
});

it('a pin is set, seen and taken away', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  const { snapshot } = await fixture.run();
  for (const pinned of [true, true, false, false]) {
    if (pinned) await fixture.store.pins.set(snapshot, 'by-hand');
    else fixture.store.pins.remove(snapshot);
    expect((await fixture.store.snapshots())[0]?.pinned).toBe(pinned);
  }
});

it('what a restore saved stands in the list, and is neither the latest nor compared with', async () => {
  using fixture = new StoreFixture();
  fixture.server.folder('data');
  fixture.server.file('data/kept.txt', 'kept');
  const backup = await fixture.run();
  const saved = await fixture.run();
  await fixture.store.pins.set(saved.snapshot, 'before-restore');
  const [newest] = await fixture.store.snapshots();
  expect(newest).toMatchObject({ id: saved.snapshot, pinned: true, safety: true });
  expect(await fixture.store.backupIds()).toEqual([backup.snapshot]);
  expect((await fixture.store.newest(silentLog))?.id).toBe(backup.snapshot);
  expect(resolveSnapshot('latest', await fixture.store.ids(), [backup.snapshot])).toEqual({
    id: backup.snapshot,
  });
  expect(() => fixture.store.pins.remove(saved.snapshot)).toThrow('stays pinned');
});
