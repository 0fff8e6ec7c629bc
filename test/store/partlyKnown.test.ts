import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { childPath, type RemotePath } from '../../src/model/remotePath';
import type { FileServer } from '../../src/sources/fileServer';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const strange = new BackupError('protocol', 'A line is not understood: "b, since yesterday".');

/** From now on the listing of the folder is partly unknown: some names are missing from it. */
function obscure(fixture: CheckedStore, folder: string, ...missing: readonly string[]): void {
  const { server } = fixture;
  const list = server.list.bind(server);
  const obscured: FileServer['list'] = async (path, signal, onUnknown) => {
    const found = await list(path, signal);
    if (path !== folder) return found;
    onUnknown?.({ error: strange });
    return found.filter((entry) => !missing.some((name) => entry.path === childPath(path, name)));
  };
  Object.assign(server, { list: obscured });
}

describe('a folder of which not every line was understood', () => {
  it('keeps what is missing from it, reports itself with the line, and makes the run incomplete', async () => {
    using fixture = new CheckedStore();
    for (const path of ['data/f/a', 'data/f/b', 'data/f/c/x', 'data/f/d/x', 'data/f/d/y']) {
      fixture.server.file(path);
    }
    const first = await fixture.run();
    fixture.server.remove('data/f/d/y');
    obscure(fixture, 'data/f', 'b', 'c');
    const second = await fixture.run();
    expect(second.status).toBe('incomplete');
    expect(second.skipped).toEqual([
      { path: '/data/f', kind: 'protocol', message: strange.message },
    ]);
    const entries = await fixture.entries(second.snapshot);
    const carried = ['data/f/b', 'data/f/c', 'data/f/c/x'];
    // What is missing from a folder of which everything was understood is gone.
    expect([...entries.keys()]).toEqual([
      ...['data', 'data/f', 'data/f/a', ...carried, 'data/f/d', 'data/f/d/x'],
    ]);
    for (const path of carried) expect(entries.get(path)?.carried).toBe(first.snapshot);
    await fixture.expectWhole(second.snapshot);
  });

  it('is reported where it is the root, which is no entry', async () => {
    using fixture = new CheckedStore();
    for (const path of ['a', 'b', 'c/x']) fixture.server.file(path);
    const root = { include: ['/'] };
    const first = await fixture.run(quickDisk, root);
    obscure(fixture, '', 'b');
    const second = await fixture.run(quickDisk, root);
    expect(second.status).toBe('incomplete');
    expect(second.skipped).toEqual([{ path: '/', kind: 'protocol', message: strange.message }]);
    const entries = await fixture.entries(second.snapshot);
    expect([...entries.keys()]).toEqual(['a', 'b', 'c', 'c/x']);
    expect(entries.get('b')?.carried).toBe(first.snapshot);
    await fixture.expectWhole(second.snapshot);
  });

  it('keeps nothing that the rules exclude by now', async () => {
    using fixture = new CheckedStore();
    for (const path of ['data/a', 'data/b.log']) fixture.server.file(path);
    await fixture.run();
    obscure(fixture, 'data', 'b.log');
    const second = await fixture.run(quickDisk, { exclude: ['*.log'] });
    expect([...(await fixture.entries(second.snapshot)).keys()]).toEqual(['data', 'data/a']);
  });
});

describe('an entry of which only the name is known', () => {
  it('is carried over with all below it, or reported where there is nothing of it', async () => {
    using fixture = new CheckedStore();
    for (const path of ['data/a', 'data/b/x', 'data/c']) fixture.server.file(path);
    const first = await fixture.run();
    const { server } = fixture;
    const list = server.list.bind(server);
    const error = new BackupError('protocol', 'It is told twice.');
    const obscured: FileServer['list'] = async (folder, signal, onUnknown) => {
      const found = await list(folder, signal);
      if (folder !== 'data') return found;
      for (const name of ['b', 'new']) onUnknown?.({ path: childPath(folder, name), error });
      return found.filter(({ path }) => path !== 'data/b');
    };
    Object.assign(server, { list: obscured });
    const second = await fixture.run();
    const { message } = error;
    expect(second.skipped).toEqual([
      { path: '/data/b', kind: 'protocol', message },
      { path: '/data/new', kind: 'protocol', message },
    ]);
    const entries = await fixture.entries(second.snapshot);
    expect(entries.get('data/b/x')?.carried).toBe(first.snapshot);
    expect(entries.get('data/new')?.sha256).toBeUndefined();
    await fixture.expectWhole(second.snapshot);
  });
});

describe('a folder that is empty all of a sudden', () => {
  it('is looked at in a second way if the last snapshot has something in it', async () => {
    using fixture = new CheckedStore();
    for (const path of ['data/a/x', 'data/b/x']) fixture.server.file(path);
    fixture.server.folder('data/empty');
    await fixture.run();
    const { server } = fixture;
    const list = server.list.bind(server);
    const empty: FileServer['list'] = async (folder, signal) =>
      folder === 'data' ? await list(folder, signal) : [];
    const asked: RemotePath[] = [];
    const listOtherwise: FileServer['listOtherwise'] = (folder, signal) => {
      asked.push(folder);
      return list(folder, signal);
    };
    Object.assign(server, { list: empty, listOtherwise });
    const second = await fixture.run();
    expect(asked.sort()).toEqual(['data/a', 'data/b']);
    expect(second).toMatchObject({ status: 'complete', files: 2, linkedFiles: 2 });
    await fixture.expectRight(second.snapshot);
  });
});
