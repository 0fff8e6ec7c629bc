import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { compareInFolderOrder, isWithin, type RemotePath } from '../../src/model/remotePath';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const name = fc.constantFrom('a', 'a-', 'a.b', 'b', 'z');
const files = fc
  .uniqueArray(fc.array(name, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 10,
    selector: String,
  })
  .map((all) => all.map((names) => `data/${names.join('/')}`));

function put(fixture: CheckedStore, all: readonly string[]): void {
  fixture.server.remove('data');
  fixture.server.folder('data');
  // A path that is a folder already stays one.
  for (const path of all) if (!fixture.server.node(path)) fixture.server.file(path);
}

describe('what is unknown this time', () => {
  it('is carried over from the last snapshot, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        files,
        fc.array(fc.nat(20), { maxLength: 3 }),
        async (before, after, picks) => {
          using fixture = new CheckedStore();
          put(fixture, before);
          const first = await fixture.run();
          const former = await fixture.entries(first.snapshot);
          put(fixture, after);
          const folders = fixture.server.paths.filter(
            (path) => path !== 'data' && fixture.server.node(path)?.type === 'directory',
          );
          const dark = new Set(picks.map((pick) => folders[pick % Math.max(1, folders.length)]));
          fixture.server.script = (call, path) => {
            if (call === 'list' && dark.has(path)) throw new BackupError('permission', 'No.');
          };
          const second = await fixture.run();
          const inTheDark = (path: string): boolean =>
            [...dark].some(
              (folder) =>
                folder !== undefined &&
                folder !== path &&
                isWithin(path as RemotePath, folder as RemotePath),
            );
          const seen = fixture.server.paths.filter((path) => !inTheDark(path));
          const carried = [...former.keys()].filter(inTheDark);
          const entries = await fixture.entries(second.snapshot);
          expect([...entries.keys()]).toEqual([...seen, ...carried].sort(compareInFolderOrder));
          for (const path of carried) expect(entries.get(path)?.carried).toBe(first.snapshot);
          for (const path of seen) expect(entries.get(path)?.carried).toBeUndefined();
          await fixture.expectWhole(second.snapshot);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the name of the snapshot it comes from, and is asked for again', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/dark/x');
    fixture.server.file('data/dark/y');
    const first = await fixture.run();
    fixture.server.script = (call, path) => {
      if (call === 'list' && path === 'data/dark') throw new BackupError('permission', 'No.');
    };
    await fixture.run();
    const third = await fixture.run();
    expect((await fixture.entries(third.snapshot)).get('data/dark/x')?.carried).toBe(
      first.snapshot,
    );
    fixture.server.script = () => undefined;
    const fourth = await fixture.run();
    expect(fourth).toMatchObject({ status: 'complete', fetchedFiles: 2 });
    await fixture.expectRight(fourth.snapshot);
  });

  it('is reported lost if its file in the last snapshot was edited', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/dark/x');
    fixture.server.file('data/dark/y');
    const first = await fixture.run();
    const edited = fixture.place(
      first.snapshot,
      (await fixture.entries(first.snapshot)).get('data/dark/x')!,
    );
    fs.chmodSync(edited, 0o644);
    fs.writeFileSync(edited, 'CONTENT of data/dark/x');
    fixture.server.script = (call, path) => {
      if (call === 'list' && path === 'data/dark') throw new BackupError('permission', 'No.');
    };
    const second = await fixture.run();
    expect(second.skipped.map(({ path }) => path)).toEqual(['/data/dark', '/data/dark/x']);
    expect(second.changes).toMatchObject({ changed: 1 });
    const entries = await fixture.entries(second.snapshot);
    expect(entries.get('data/dark/x')?.sha256).toBeUndefined();
    expect(entries.get('data/dark/y')?.carried).toBe(first.snapshot);
  });

  it('is not what the rules exclude by now', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/dark/x.log');
    fixture.server.file('data/dark/y');
    await fixture.run();
    fixture.server.script = (call, path) => {
      if (call === 'list' && path === 'data/dark') throw new BackupError('permission', 'No.');
    };
    const second = await fixture.run(quickDisk, { exclude: ['*.log'] });
    expect([...(await fixture.entries(second.snapshot)).keys()]).toEqual([
      'data',
      'data/dark',
      'data/dark/y',
    ]);
  });

  it('ends the run if it is everything, the root itself as well', async () => {
    for (const include of ['/data', '/']) {
      using fixture = new CheckedStore();
      fixture.server.file('data/x');
      await fixture.run(quickDisk, { include: [include] });
      const before = fixture.states();
      fixture.server.script = (call) => {
        if (call === 'list') throw new BackupError('permission', 'No.');
      };
      await expect(fixture.run(quickDisk, { include: [include] })).rejects.toMatchObject({
        kind: 'permission',
        scope: 'run',
      });
      await fixture.expectSound(before);
      expect(fixture.states().size).toBe(1);
    }
  });
});
