import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const mebibyte = 1024 * 1024;

/** Cancels the first run when it has come so far, and leaves what it has got. */
async function interrupted(
  fixture: CheckedStore,
  at: (path: string, position: number) => boolean,
): Promise<void> {
  const stop = new AbortController();
  fixture.server.onChunk = async (file, position) => {
    if (!at(file, position)) return;
    // What has been delivered is being written meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
  };
  await expect(fixture.run(quickDisk, {}, stop.signal)).rejects.toMatchObject({
    kind: 'cancelled',
  });
  fixture.server.onChunk = () => undefined;
  fixture.server.forget();
}

/** Content that is not the same anywhere. */
function counted(bytes: number, seed = 1): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4)
    content.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at);
  return content;
}

const staged = (fixture: CheckedStore, name: string): string =>
  path.join(fixture.store.layout.partialTree, name);

function bigFixture(): CheckedStore {
  const fixture = new CheckedStore();
  fixture.server.readingWidth = 1;
  fixture.server.chunkBytes = mebibyte;
  fixture.server.file('data/a', 'a');
  fixture.server.file('data/b', counted(30 * mebibyte));
  return fixture;
}

const halfWay = (file: string, position: number): boolean =>
  file === 'data/b' && position === 20 * mebibyte;

describe('the run after an interrupted one', () => {
  it('continues within a big file, and fetches no file again', async () => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    const received = fixture.server.receivedBytes;
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', keptFiles: 1, fetchedFiles: 1 });
    expect(fixture.server.count('read', 'data/a')).toBe(0);
    expect(fixture.server.receivedBytes - received).toBe(10 * mebibyte);
    await fixture.expectRight(report.snapshot);
    fixture.expectTidy();
  });

  it.each([
    ['in the middle', (file: string) => fs.writeFileSync(file, 'x', { flag: 'r+' })],
    ['at its end', (file: string) => fs.truncateSync(file, 5 * mebibyte)],
    ['by another file', (file: string) => fs.rmSync(file)],
    [
      'by a link',
      (file: string) => {
        fs.rmSync(file);
        fs.symlinkSync('/etc/passwd', file);
      },
    ],
    [
      'by a folder',
      (file: string) => {
        fs.rmSync(file);
        fs.mkdirSync(path.join(file, 'inside'), { recursive: true });
      },
    ],
  ])('does not use a beginning that was changed %s', async (_how, change) => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    fs.chmodSync(staged(fixture, 'data/b'), 0o644);
    change(staged(fixture, 'data/b'));
    const received = fixture.server.receivedBytes;
    const report = await fixture.run();
    expect(fixture.server.receivedBytes - received).toBe(30 * mebibyte);
    await fixture.expectRight(report.snapshot);
  });

  it('does not use a beginning of another state of the file', async () => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    fixture.server.file('data/b', counted(30 * mebibyte, 2), { mtime: 1_650_000_000 });
    await fixture.expectRight((await fixture.run()).snapshot);
  });

  it('never writes through to a file that has another name', async () => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    const other = path.join(fixture.workspace, 'other');
    fs.linkSync(staged(fixture, 'data/b'), other);
    const before = fs.readFileSync(other);
    await fixture.expectRight((await fixture.run()).snapshot);
    expect(fs.readFileSync(other).equals(before)).toBe(true);
    expect(fs.statSync(other).nlink).toBe(1);
  });

  it('leaves nothing of what stood behind the proven beginning, where the file has a hole', async () => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    fs.chmodSync(staged(fixture, 'data/b'), 0o644);
    fs.appendFileSync(staged(fixture, 'data/b'), Buffer.alloc(8 * mebibyte, 'garbage'));
    const holes = counted(30 * mebibyte);
    holes.fill(0, 20 * mebibyte);
    fixture.server.file('data/b', holes);
    await fixture.expectRight((await fixture.run()).snapshot);
  });

  it('trusts a time of a day no more than the day after', async () => {
    for (const [age, kept] of [
      [3600, 0],
      [4 * 86_400, 1],
    ] as const) {
      using fixture = new CheckedStore();
      fixture.server.readingWidth = 1;
      const coarse = { mtime: Math.floor(Date.now() / 1000) - age, granularity: 86_400 };
      fixture.server.file('data/a', 'before', coarse);
      fixture.server.file('data/b', 'b');
      await interrupted(fixture, (file) => file === 'data/b');
      fixture.server.file('data/a', kept === 1 ? 'before' : 'after!', coarse);
      const report = await fixture.run();
      expect(report.keptFiles).toBe(kept);
      await fixture.expectRight(report.snapshot);
    }
  });

  it.each([
    [
      'is torn',
      (journal: string) => fs.appendFileSync(journal, 'settled\t1\t5 5 5\t{"path":"data/x","ty'),
    ],
    ['ends in zeros', (journal: string) => fs.appendFileSync(journal, Buffer.alloc(3 * mebibyte))],
    [
      'has zeros and a line behind them',
      (journal: string) => fs.appendFileSync(journal, '\0\0\0\n'),
    ],
    [
      'names a path outside',
      (journal: string) =>
        fs.appendFileSync(journal, 'settled\t1\t\t{"path":"../x","type":"file"}\n'),
    ],
  ])('does without the end of a journal that %s', async (_how, damage) => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    damage(fixture.store.layout.inPartial('journal'));
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', keptFiles: 1 });
    await fixture.expectRight(report.snapshot);
    fixture.expectTidy();
  });

  it('removes what is not on the server any more', async () => {
    using fixture = bigFixture();
    fixture.server.file('data/Folder/inside');
    fixture.server.file('data/Folder/stays');
    await interrupted(fixture, halfWay);
    expect(fs.existsSync(staged(fixture, 'data/Folder/inside'))).toBe(true);
    fixture.server.remove('data/Folder/inside');
    fixture.server.remove('data/a');
    const { snapshot } = await fixture.run();
    await fixture.expectRight(snapshot);
    const { layout } = fixture.store;
    expect(fs.readdirSync(path.join(layout.snapshot(snapshot), 'data')).sort()).toEqual([
      'Folder',
      'b',
    ]);
    expect(fs.readdirSync(path.join(layout.snapshot(snapshot), 'data/Folder'))).toEqual(['stays']);
  });

  it('copes with files that became folders, and the other way round', async () => {
    using fixture = bigFixture();
    fixture.server.file('data/a1');
    fixture.server.file('data/a2/x/y');
    await interrupted(fixture, halfWay);
    fixture.server.file('data/a1/x/y');
    fixture.server.file('data/a2');
    await interrupted(fixture, (file) => file === 'data/b');
    fixture.server.file('data/a1');
    fixture.server.file('data/a2/x/y');
    await fixture.expectRight((await fixture.run()).snapshot);
  });

  it('copes with a file where the way to an included one leads now', async () => {
    using fixture = bigFixture();
    await interrupted(fixture, halfWay);
    fixture.server.file('data/a/b/c');
    const report = await fixture.run(quickDisk, { include: ['/data/a/b/c'] });
    expect(report).toMatchObject({ status: 'complete', files: 1 });
  });

  it('never writes through links that stand in its unfinished tree', async () => {
    using fixture = bigFixture();
    const outside = path.join(fixture.workspace, 'outside');
    fs.mkdirSync(outside);
    for (const place of ['data', 'data/deep', '']) {
      fixture.server.file('data/deep/file', `written for ${place}`);
      await interrupted(fixture, halfWay);
      fs.rmSync(staged(fixture, place), { recursive: true });
      fs.symlinkSync(outside, staged(fixture, place).replace(/\/$/, ''));
      await fixture.expectRight((await fixture.run()).snapshot);
      expect(fs.readdirSync(outside)).toEqual([]);
      fixture.server.file('data/b', counted(30 * mebibyte, place.length), { mtime: place.length });
    }
  });
});

describe('a run that was interrupted between moving its tree and its manifest', () => {
  async function unpublished(fixture: CheckedStore): Promise<string> {
    const { snapshot } = await fixture.run();
    const { layout } = fixture.store;
    fs.mkdirSync(layout.partial);
    fs.renameSync(layout.manifest(snapshot), layout.inPartial('manifest'));
    fixture.server.forget();
    return snapshot;
  }

  it('is continued: its tree goes back', async () => {
    using fixture = bigFixture();
    const id = await unpublished(fixture);
    expect(await fixture.store.snapshots()).toEqual([]);
    const report = await fixture.run();
    await fixture.expectRight(report.snapshot);
    expect(fs.existsSync(fixture.store.layout.snapshot(id))).toBe(false);
    fixture.expectTidy();
  });

  it.each(['../..', '../../..', '', 'data'])(
    'is not believed if its manifest names %j',
    async (id) => {
      using fixture = bigFixture();
      const snapshot = await unpublished(fixture);
      const precious = path.join(fixture.workspace, 'precious');
      fs.writeFileSync(precious, 'kept');
      const manifest = fixture.store.layout.inPartial('manifest');
      const lines = fs.readFileSync(manifest, 'utf8');
      fs.writeFileSync(
        manifest,
        lines.replace(`"snapshot":"${snapshot}"`, `"snapshot":${JSON.stringify(id)}`),
      );
      await fixture.expectRight((await fixture.run()).snapshot);
      expect(fs.readFileSync(precious, 'utf8')).toBe('kept');
      expect(fs.existsSync(fixture.store.layout.snapshot(snapshot))).toBe(true);
    },
  );
});
