import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { compareSnapshots } from '../../src/jobs/compare/compareSnapshots';
import { Moves } from '../../src/jobs/compare/moves';
import type { Difference } from '../../src/model/difference';
import type { ManifestEntry } from '../../src/model/manifest';
import { compareInFolderOrder, rootPath, type RemotePath } from '../../src/model/remotePath';
import { ManifestWriter } from '../../src/store/manifestFile';
import { quickDisk, StoreFixture } from '../store/storeFixture';

const { signal } = new AbortController();

async function differences(
  fixture: StoreFixture,
  from: string,
  to: string,
  within = rootPath,
): Promise<string[]> {
  const found: string[] = [];
  for await (const one of compareSnapshots(fixture.store, from, to, within, signal)) {
    found.push(wordsOf(one));
  }
  return found;
}

function wordsOf({ kind, path, from }: Difference): string {
  return from === undefined ? `${kind} ${path}` : `${kind} ${from} -> ${path}`;
}

async function between(
  change: (fixture: StoreFixture) => void,
  within?: string,
): Promise<string[]> {
  using fixture = new StoreFixture();
  for (const name of ['a', 'b', 'c/d', 'c/e']) fixture.server.file(`data/${name}`);
  fixture.server.link('data/link', 'a');
  const first = await fixture.run();
  change(fixture);
  const second = await fixture.run();
  expect(await differences(fixture, first.snapshot, first.snapshot)).toEqual([]);
  return await differences(
    fixture,
    first.snapshot,
    second.snapshot,
    within as RemotePath | undefined,
  );
}

describe('two snapshots', () => {
  it.each<[string, (fixture: StoreFixture) => void, string[]]>([
    ['nothing', () => undefined, []],
    ['an addition', ({ server }) => server.file('data/f'), ['added data/f']],
    ['a removal', ({ server }) => server.remove('data/a'), ['removed data/a']],
    [
      'another content',
      ({ server }) => server.file('data/a', 'other', { mtime: 5 }),
      ['changed data/a'],
    ],
    [
      'another time',
      ({ server }) => server.file('data/a', undefined, { mtime: 5 }),
      ['metadata data/a'],
    ],
    [
      'another mode',
      ({ server }) => server.file('data/a', undefined, { mode: 0o600 }),
      ['metadata data/a'],
    ],
    ['another target', ({ server }) => server.link('data/link', 'b'), ['changed data/link']],
    ['another type', ({ server }) => server.link('data/a', 'b'), ['changed data/a']],
    [
      'a move',
      ({ server }) => {
        server.remove('data/a');
        server.file('data/c/moved', 'content of data/a');
      },
      ['moved data/a -> data/c/moved'],
    ],
    [
      'two files of one content that move apart, and a third one',
      ({ server }) => {
        server.remove('data/a');
        for (const name of ['x', 'y']) server.file(`data/${name}`, 'content of data/a');
      },
      ['moved data/a -> data/x', 'added data/y'],
    ],
    [
      'an empty file here for one there: that is no move',
      ({ server }) => {
        server.remove('data/a');
        server.file('data/x', '');
      },
      ['removed data/a', 'added data/x'],
    ],
  ])('tell of %s', async (_what, change, expected) => {
    expect(await between(change)).toEqual(expected);
  });

  it('tell what was asked for only, but where its files came from', async () => {
    const change = ({ server }: StoreFixture): void => {
      server.file('data/other');
      server.remove('data/a');
      server.file('data/c/moved', 'content of data/a');
      server.remove('data/c/d');
    };
    expect(await between(change, 'data/c')).toEqual([
      'removed data/c/d',
      'moved data/a -> data/c/moved',
    ]);
  });

  it('take for unknown what could not be listed or read, once for a folder', async () => {
    const change = (fixture: StoreFixture): void => {
      fixture.server.script = (call, path) => {
        if (call === 'list' && path === 'data/c') throw new BackupError('permission', 'No.');
        if (call === 'read' && path === 'data/a') throw new BackupError('permission', 'No.');
      };
      fixture.server.file('data/a', 'other', { mtime: 5 });
    };
    expect(await between(change)).toEqual(['unknown data/a', 'unknown data/c']);
  });
});

/** A manifest of our own making, without files. */
async function writeManifest(
  fixture: StoreFixture,
  snapshot: string,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const { store } = fixture;
  const at = new Date(0).toISOString();
  const header = { format: 1, server: 'test', endpoint: '', snapshot, started: at } as const;
  const writer = await ManifestWriter.create(
    quickDisk,
    store.layout.manifest(snapshot),
    { ...header, include: ['/'], exclude: [], tool: 'test' },
    (bytes) => bytes.toString('utf8'),
  );
  for (const entry of entries) await writer.append(entry);
  const none = { directories: 0, symlinks: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0 };
  const rest = { linkedFiles: 0, receivedBytes: 0, skipped: 0 };
  await writer.finish({ finished: at, status: 'complete', files: 0, ...none, ...rest });
}

const names = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/a', 'é', 'f');
const contents = fc.constantFrom('', '1', '2', '3');
const trees = fc.dictionary(names, fc.tuple(contents, fc.integer({ min: 1, max: 3 })));

function fileOf(path: string, [content, mtime]: readonly [string, number]): ManifestEntry {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const latin1 = Buffer.from(path, 'utf8').toString('latin1') as RemotePath;
  return { path: latin1, type: 'file', size: content.length, mtime, granularity: 1, sha256 };
}

type Tree = Readonly<Record<string, readonly [string, number]>>;

function entriesOf(tree: Tree): ManifestEntry[] {
  const entries = Object.entries(tree).map(([path, state]) => fileOf(path, state));
  return entries.sort((a, b) => compareInFolderOrder(a.path, b.path));
}

/** The same, found by looking at everything. */
function slowly(before: Tree, after: Tree): string[] {
  const [old, now] = [entriesOf(before), entriesOf(after)];
  const stood = (path: string): ManifestEntry | undefined => old.find((one) => one.path === path);
  const gone = old.filter((one) => !now.some(({ path }) => path === one.path));
  const moved = new Map<string, string>();
  for (const one of now) {
    if (stood(one.path) || one.size === 0) continue;
    const from = gone.find(
      ({ path, sha256 }) => sha256 === one.sha256 && ![...moved.values()].includes(path),
    );
    if (from) moved.set(one.path, from.path);
  }
  const lines: [string, string][] = [];
  for (const { path } of gone) {
    if (![...moved.values()].includes(path)) lines.push([path, `removed ${path}`]);
  }
  for (const one of now) {
    const before = stood(one.path);
    const from = moved.get(one.path);
    if (from !== undefined) lines.push([one.path, `moved ${from} -> ${one.path}`]);
    else if (!before) lines.push([one.path, `added ${one.path}`]);
    else if (before.sha256 !== one.sha256) lines.push([one.path, `changed ${one.path}`]);
    else if (before.mtime !== one.mtime) lines.push([one.path, `metadata ${one.path}`]);
  }
  return lines.sort(([a], [b]) => compareInFolderOrder(a, b)).map(([, line]) => line);
}

describe('any two snapshots', () => {
  it('differ as one finds by looking at everything', async () => {
    using fixture = new StoreFixture();
    await fixture.store.prepare();
    const [first, second] = ['2026-11-01T00-00-00Z', '2026-11-02T00-00-00Z'];
    await fc.assert(
      fc.asyncProperty(trees, trees, async (before, after) => {
        await writeManifest(fixture, first, entriesOf(before));
        await writeManifest(fixture, second, entriesOf(after));
        expect(await differences(fixture, first, second)).toEqual(slowly(before, after));
      }),
      { numRuns: 300 },
    );
  });
});

describe('moves', () => {
  it('are found among very many, also where the first digits of two contents agree', () => {
    const moves = new Moves();
    const file = (number: number, rest = ''): ManifestEntry => {
      const digest = createHash('sha256')
        .update(`${number % 5000}`)
        .digest('hex');
      const sha256 = `${digest.slice(0, 12)}${rest.padEnd(52, '0')}`;
      return { path: `${number}` as RemotePath, type: 'file', size: 1, sha256 };
    };
    for (let number = 0; number < 10_000; number += 1) moves.addRemoved(file(number), number);
    for (let number = 0; number < 7000; number += 1) moves.addAdded(file(number));
    const taken = Array.from({ length: 10_000 }, (_none, number) => moves.isTaken(file(number)));
    expect(taken.filter(Boolean)).toHaveLength(7000);
    expect(Array.from({ length: 7000 }, (_none, number) => moves.takenBy(file(number)))).toEqual(
      Array.from({ length: 7000 }, (_none, number) => number),
    );
    expect(moves.takenBy(file(0))).toBeUndefined();
  });
});
