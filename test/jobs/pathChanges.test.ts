import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { PathHistory } from '../../src/jobs/history/pathChanges';
import type { RemotePath } from '../../src/model/remotePath';
import type { Disk } from '../../src/store/disk';
import { Store } from '../../src/store/store';
import { StoreFixture } from '../store/storeFixture';

const { signal } = new AbortController();
const at = (path: string): RemotePath => path as RemotePath;

describe('in which snapshots a path changed', () => {
  async function changes(fixture: StoreFixture, path: string): Promise<string[]> {
    const found = await new PathHistory(fixture.store, at(path)).changes(signal);
    return [...found].map(([id, change]) => `${id} ${change}`);
  }

  it('tells when a file came, changed, went and came back, newest first', async () => {
    using fixture = new StoreFixture();
    const { server } = fixture;
    server.folder('data');
    server.file('data/other');
    await fixture.run();
    server.file('data/one', 'first');
    const added = await fixture.run();
    server.file('data/other', 'else');
    await fixture.run();
    server.file('data/one', 'second');
    const changed = await fixture.run();
    server.remove('data/one');
    const removed = await fixture.run();
    await fixture.run();
    server.file('data/one', 'second');
    const again = await fixture.run();
    expect(await changes(fixture, 'data/one')).toEqual([
      `${again.snapshot} added`,
      `${removed.snapshot} removed`,
      `${changed.snapshot} changed`,
      `${added.snapshot} added`,
    ]);
    expect(await changes(fixture, 'data/never')).toEqual([]);
  });

  it('takes for the change of a folder what changes anywhere below it', async () => {
    using fixture = new StoreFixture();
    const { server } = fixture;
    for (const folder of ['data', 'data/deep', 'data2']) server.folder(folder);
    server.file('data/deep/one', 'first');
    server.file('data2/one', 'first');
    const first = await fixture.run();
    server.file('data2/one', 'second');
    await fixture.run();
    server.file('data/deep/two');
    const second = await fixture.run();
    expect(await changes(fixture, 'data')).toEqual([
      `${second.snapshot} changed`,
      `${first.snapshot} added`,
    ]);
  });

  it('goes by what was carried over, and tells what a damaged manifest hides at the next one', async () => {
    using fixture = new StoreFixture();
    const { server, store } = fixture;
    server.folder('data');
    server.file('data/one', 'first');
    const first = await fixture.run();
    server.file('data/one', 'second');
    const damaged = await fixture.run();
    server.file('data/one', 'third');
    server.script = (call, path) => {
      if (call === 'read' && path === 'data/one') throw new BackupError('permission', 'No.');
    };
    const carried = await fixture.run();
    server.script = () => undefined;
    const last = await fixture.run();
    fs.writeFileSync(store.layout.manifest(damaged.snapshot), 'nonsense\n');
    expect(await changes(fixture, 'data/one')).toEqual([
      `${last.snapshot} changed`,
      `${carried.snapshot} changed`,
      `${first.snapshot} added`,
    ]);
  });

  it('looks at a snapshot only once, and stops when it is told to', async () => {
    using fixture = new StoreFixture();
    fixture.server.folder('data');
    fixture.server.file('data/one');
    await fixture.run();
    const { disk, layout } = fixture.store;
    const read: unknown[] = [];
    const watched: Disk = {
      ...disk,
      readFile: (place, start) => {
        read.push(place);
        return disk.readFile(place, start);
      },
    };
    const { root } = layout;
    const store = new Store(path.dirname(root), path.basename(root), watched);
    const history = new PathHistory(store, at('data/one'));
    expect((await history.changes(signal)).size).toBe(1);
    fixture.server.file('data/one', 'other');
    const { snapshot } = await fixture.run();
    read.length = 0;
    expect((await history.changes(signal)).size).toBe(2);
    expect(new Set(read)).toEqual(new Set([layout.manifest(snapshot)]));
    const anew = new PathHistory(fixture.store, at('data'));
    await expect(anew.changes(AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
