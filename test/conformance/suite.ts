import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupError } from '../../src/base/errors';
import type { RawServer } from '../../src/model/configuration/schema';
import type { ManifestEntry } from '../../src/model/manifest';
import { bytesOf } from '../../src/model/remotePath';
import type { RunReport } from '../../src/report/runReport';
import { account } from '../servers/account';
import { makeSmall } from '../benchmark/dataSets';
import { BackUpFixture, type FixtureOptions } from './backUpFixture';
import {
  describe as describeOriginal,
  fillTree,
  OriginalTree,
  type NameGroup,
  type Original,
} from './originalTree';

/** What a source can and cannot do, and how to reach it. */
export interface SourceUnderTest extends AsyncDisposable, FixtureOptions {
  readonly connection: Omit<RawServer, 'include'>;
  /** The folder on this machine that the account sees as `/`. Default: the machine's. */
  readonly chroot?: string;
  /** Names that the protocol or the server cannot bring over. */
  readonly withoutNames: readonly NameGroup[];
  /** The coarsest time that is acceptable, in seconds. */
  readonly granularity: number;
  /** Whether permission bits come over, and which. Default: all. */
  readonly modeMask?: number;
  /** Whether a dangling link and a FIFO are listed. Default: yes. */
  readonly hidesSpecialEntries?: boolean;
}

const allNames: readonly NameGroup[] = [
  ...(['plain', 'spaces', 'signs', 'colon', 'backslash', 'windows', 'unicode', 'listing'] as const),
  ...(['latin1', 'long', 'controls', 'lineFeed'] as const),
];

/** The suite that every source must pass. */
export function describeSource(name: string, start: () => Promise<SourceUnderTest>): void {
  describe(name, () => {
    let source: SourceUnderTest;
    const owner = account();
    const trees: OriginalTree[] = [];

    beforeAll(async () => {
      source = await start();
    });

    afterAll(async () => {
      for (const tree of trees) tree[Symbol.dispose]();
      await source[Symbol.asyncDispose]();
    });

    const newTree = (label: string): OriginalTree => {
      const root = `${source.chroot ?? owner.home}/tree-${label}-${process.pid}`;
      const tree = new OriginalTree(root, owner);
      trees.push(tree);
      return tree;
    };

    /** The path of the tree as the server shows it, without the leading slash. */
    const shownRoot = (tree: OriginalTree): string =>
      tree.root.slice((source.chroot?.length ?? 0) + 1);

    const newFixture = (tree: OriginalTree, changes: Partial<RawServer> = {}): BackUpFixture =>
      new BackUpFixture(
        { ...source.connection, include: [`/${shownRoot(tree)}`], ...changes },
        source,
      );

    it('copies names, sizes, times, modes, links and empty folders of every kind', async () => {
      const tree = newTree('all');
      const groups = allNames.filter((group) => !source.withoutNames.includes(group));
      fillTree(tree, groups, Date.now());
      tree.handOver();
      using fixture = newFixture(tree);
      const report = await fixture.run();
      expect(report.skipped).toEqual([]);
      expect(report.status).toBe('complete');
      const entries = await fixture.entries(report.snapshot, shownRoot(tree));
      expectSame(source, tree.originals(), entries);
      expectOnDisk(fixture, report.snapshot, entries);
      expect(await fixture.isWhole(report.snapshot)).toBe(true);
    });

    it('fetches nothing and takes no space when nothing has changed', async () => {
      const tree = newTree('same');
      fillTree(tree, ['plain', 'signs'], Date.now());
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      const second = await fixture.run();
      expect(second.fetchedFiles).toBe(0);
      expect(second.linkedFiles).toBe(first.files);
      expect(second.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
      const entries = await fixture.entries(second.snapshot, shownRoot(tree));
      for (const entry of entries.values()) {
        if (entry.type !== 'file') continue;
        const before = fs.statSync(fixture.store.place(first.snapshot, entry));
        const after = fs.statSync(fixture.store.place(second.snapshot, entry));
        expect(after.ino, 'both snapshots share the file').toBe(before.ino);
      }
      expectSame(source, tree.originals(), entries);
    });

    it('fetches what changed, adds what is new, and drops what is gone', async () => {
      const tree = newTree('changes');
      for (const file of ['same', 'edited', 'touched', 'gone', 'becomes-folder']) tree.file(file);
      tree.file('folder-becomes-file/inside');
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      tree.file('edited', 'content of EDITED', '1700000099');
      tree.file('touched', 'content of touched', '1700000055');
      tree.file('new/file');
      fs.rmSync(tree.at('gone'));
      fs.rmSync(tree.at('becomes-folder'));
      tree.file('becomes-folder/now');
      fs.rmSync(tree.at('folder-becomes-file'), { recursive: true });
      tree.file('folder-becomes-file');
      tree.handOver();
      const second = await fixture.run();
      expectSame(source, tree.originals(), await fixture.entries(second.snapshot, shownRoot(tree)));
      expect(second.linkedFiles).toBe(1);
      expect(second.fetchedFiles).toBe(5);
      const kept = await fixture.entries(first.snapshot, shownRoot(tree));
      expect([...kept.keys()]).toContain('gone');
      expectOnDisk(fixture, first.snapshot, kept);
    });

    it('reports what is unreadable with its reason, and carries its former content over', async () => {
      const tree = newTree('unreadable');
      const files = [
        'readable',
        'secret-file',
        'no-list/inside',
        'no-enter/inside',
        'no-look/inside',
      ];
      for (const file of files) tree.file(file);
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      expect(first.skipped).toEqual([]);
      fs.chmodSync(tree.at('secret-file'), 0);
      // A file of another size: only then it is asked for again.
      fs.appendFileSync(tree.at('secret-file'), 'more');
      fs.chmodSync(tree.at('no-list'), 0o311);
      fs.chmodSync(tree.at('no-enter'), 0);
      fs.chmodSync(tree.at('no-look'), 0o444);
      const second = await fixture.run();
      expect(second.status).toBe('incomplete');
      expectSkipped(second, tree, shownRoot(tree), {
        'secret-file': 'permission',
        'no-list': 'permission',
        'no-enter': 'permission',
        'no-look': 'permission',
      });
      const entries = await fixture.entries(second.snapshot, shownRoot(tree));
      for (const file of files.slice(1)) {
        const entry = entries.get(file);
        expect(entry?.carried, `${file} is carried over`).toBe(first.snapshot);
        const place = fixture.store.place(second.snapshot, entry as ManifestEntry);
        expect(fs.readFileSync(place, 'latin1')).toBe(`content of ${file}`);
      }
      expect(entries.get('readable')?.carried).toBeUndefined();
      restore(tree);
      const third = await fixture.run();
      expect(third.status).toBe('complete');
      expectSame(source, tree.originals(), await fixture.entries(third.snapshot, shownRoot(tree)));
    });

    it('tells a missing folder from an empty one, and never takes it for deletion', async () => {
      const tree = newTree('missing');
      tree.file('here/file');
      tree.file('there/file');
      tree.folder('void');
      tree.handOver();
      const root = shownRoot(tree);
      using fixture = newFixture(tree, {
        include: [`/${root}/here`, `/${root}/there`, `/${root}/void`],
      });
      const first = await fixture.run();
      expect(first.status).toBe('complete');
      fs.renameSync(tree.at('there'), tree.at('elsewhere'));
      const second = await fixture.run();
      expect(second.skipped).toMatchObject([{ path: `/${root}/there`, kind: 'not-found' }]);
      const entries = await fixture.entries(second.snapshot, root);
      expect(entries.get('there/file')?.carried).toBe(first.snapshot);
      using nowhere = newFixture(tree, { include: [`/${root}/nowhere`] });
      const error = await nowhere.run().catch((caught: unknown) => caught as BackupError);
      expect(error).toMatchObject({ kind: 'not-found' });
      expect(await nowhere.store.ids()).toEqual([]);
    });

    it('backs up single files, and leaves out what the rules exclude', async () => {
      const tree = newTree('selection');
      for (const file of [
        'site/index.php',
        'site/cache/a',
        'site/x.log',
        'conf/nginx.conf',
        'conf/b',
      ]) {
        tree.file(file);
      }
      tree.handOver();
      const root = shownRoot(tree);
      using fixture = newFixture(tree, {
        include: [`/${root}/site`, `/${root}/conf/nginx.conf`, `/${root}/site/cache`],
        exclude: ['*.log', `/${root}/site/cache/`],
      });
      const report = await fixture.run();
      const entries = await fixture.entries(report.snapshot, root);
      expect([...entries.keys()]).toEqual(['conf/nginx.conf', 'site', 'site/index.php']);
    });

    it('follows links inside the selection only, and never in circles', async () => {
      const tree = newTree('follow');
      tree.file('data/file', 'followed');
      tree.folder('links');
      tree.link('links/file', '../data/file');
      tree.link('links/folder', '../data');
      tree.link('links/up', '..');
      tree.link('links/outside', '/etc');
      tree.handOver();
      using fixture = newFixture(tree, { links: 'follow' });
      const report = await fixture.run();
      const entries = await fixture.entries(report.snapshot, shownRoot(tree));
      expect(entries.get('links/file')?.sha256).toBe(entries.get('data/file')?.sha256);
      expect(entries.get('links/folder/file')?.sha256).toBe(entries.get('data/file')?.sha256);
      expect(entries.get('links/up')?.type).toBe('symlink');
      expect(entries.get('links/outside')?.type).toBe('symlink');
      using without = newFixture(tree, { links: 'skip' });
      const skipping = await without.run();
      const left = await without.entries(skipping.snapshot, shownRoot(tree));
      expect([...left.keys()]).toEqual(['data', 'data/file', 'links']);
    });

    it('ends at once when it is cancelled, and the next run continues', async () => {
      const tree = newTree('cancel');
      for (let file = 0; file < 60; file += 1)
        tree.file(`f${file}`, Buffer.alloc(300_000, `${file}`));
      tree.handOver();
      using fixture = newFixture(tree);
      const stop = new AbortController();
      const journal = fixture.store.layout.inPartial('journal');
      const watch = setInterval(() => {
        if ((fs.statSync(journal, { throwIfNoEntry: false })?.size ?? 0) > 0) stop.abort();
      }, 5);
      const error = await fixture.run({}, stop.signal).catch((caught: unknown) => caught);
      clearInterval(watch);
      // A source that was faster than the watch has finished; nothing was lost either way.
      if (error instanceof Error) {
        expect(error).toMatchObject({ kind: 'cancelled' });
        expect(await fixture.store.ids()).toEqual([]);
      }
      const report = await fixture.run();
      expect(report.status).toBe('complete');
      if (error instanceof Error) expect(report.fetchedFiles).toBeLessThanOrEqual(60);
      expectSame(source, tree.originals(), await fixture.entries(report.snapshot, shownRoot(tree)));
    });

    it('notices files that grow, shrink, vanish or become a folder while it runs', async () => {
      const tree = newTree('moving');
      const names = ['grows', 'shrinks', 'vanishes', 'becomes-folder'];
      for (const file of names) tree.file(file, Buffer.alloc(200_000, file));
      for (let file = 0; file < 40; file += 1)
        tree.file(`z${file}`, Buffer.alloc(50_000, `${file}`));
      tree.handOver();
      using fixture = newFixture(tree);
      await fixture.run();
      // The listing has seen the first state; a deciding moment later the files are different.
      for (const file of names) tree.file(file, Buffer.alloc(210_000, file), '1700000500');
      tree.handOver();
      const store = fixture.store;
      const change = onceListed(store.layout.inPartial('plan'), () => {
        fs.appendFileSync(tree.at('grows'), 'and more');
        fs.truncateSync(tree.at('shrinks'), 1000);
        fs.rmSync(tree.at('vanishes'));
        fs.rmSync(tree.at('becomes-folder'));
        fs.mkdirSync(tree.at('becomes-folder'));
      });
      const report = await fixture.run();
      change();
      const entries = await fixture.entries(report.snapshot, shownRoot(tree));
      expectOnDisk(fixture, report.snapshot, entries);
      for (const file of names) {
        const entry = entries.get(file);
        const skipped = report.skipped.some(({ path }) => path.endsWith(`/${file}`));
        const whole = entry?.sha256 !== undefined;
        expect(skipped || whole, `${file} is whole or reported`).toBe(true);
      }
    });

    it('copies 10,000 files in 500 folders right', async () => {
      const tree = newTree('many');
      makeSmall(tree.root, 10_000);
      tree.handOver();
      using fixture = newFixture(tree);
      const report = await fixture.run();
      expect(report).toMatchObject({ status: 'complete', files: 10_000, fetchedFiles: 10_000 });
      expectSame(source, tree.originals(), await fixture.entries(report.snapshot, shownRoot(tree)));
      const again = await fixture.run();
      expect(again).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 10_000 });
    }, 300_000);
  });
}

/** Does something once the plan of a run has its first lines. */
function onceListed(plan: string, action: () => void): () => void {
  const watch = setInterval(() => {
    if ((fs.statSync(plan, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
    clearInterval(watch);
    action();
  }, 1);
  return () => clearInterval(watch);
}

function restore(tree: OriginalTree): void {
  for (const folder of ['no-list', 'no-enter', 'no-look']) fs.chmodSync(tree.at(folder), 0o755);
  fs.chmodSync(tree.at('secret-file'), 0o644);
}

function expectSkipped(
  report: RunReport,
  tree: OriginalTree,
  root: string,
  expected: Record<string, string>,
): void {
  const found = report.skipped.map(({ path, kind }) => [path.slice(root.length + 2), kind]);
  expect(Object.fromEntries(found), tree.root).toEqual(expected);
}

function expectSame(
  source: SourceUnderTest,
  originals: ReadonlyMap<string, Original>,
  entries: ReadonlyMap<string, ManifestEntry>,
): void {
  const hidden = (original: Original): boolean =>
    source.hidesSpecialEntries === true &&
    (original.type === 'other' || original.type === 'symlink');
  const wanted = [...originals].filter(
    ([name, original]) => entries.has(name) || !hidden(original),
  );
  expect([...entries.keys()]).toEqual(wanted.map(([name]) => name));
  for (const [name, original] of wanted) {
    const entry = entries.get(name) as ManifestEntry;
    expect(contentOf(entry), name).toEqual(contentOfOriginal(original));
    if (entry.type !== 'file') continue;
    expect(entry.granularity, name).toBeLessThanOrEqual(source.granularity);
    expect(entry.mtime, name).toBeCloseTo(cut(original.mtime, entry.granularity ?? 1), 6);
    const mask = source.modeMask ?? 0o7777;
    if (mask !== 0) expect((entry.mode ?? 0) & mask, name).toBe(original.mode & mask);
  }
}

function contentOf(entry: ManifestEntry): unknown {
  const { type, size, sha256, target } = entry;
  return { type, size, sha256, target };
}

function contentOfOriginal(original: Original): unknown {
  const { type, size, sha256, target } = original;
  return { type, size, sha256, target };
}

/** Seconds, cut to the granularity as servers do: towards the past. */
function cut(nanoseconds: bigint, granularity: number): number {
  const unit = BigInt(Math.round(granularity * 1e6)) * 1000n;
  const remainder = ((nanoseconds % unit) + unit) % unit;
  return Number((nanoseconds - remainder) / 1000n) / 1e6;
}

/** Every file of the manifest stands on disk with the content, the time and the rights it says. */
function expectOnDisk(
  fixture: BackUpFixture,
  id: string,
  entries: ReadonlyMap<string, ManifestEntry>,
): void {
  for (const [name, entry] of entries) {
    const place = fixture.store.place(id, entry);
    if (entry.type === 'directory') expect(fs.statSync(place).isDirectory(), name).toBe(true);
    else if (entry.sha256 === undefined) expect(fs.existsSync(place), name).toBe(false);
    else {
      const found = describeOriginal(Buffer.isBuffer(place) ? place : bytesOf(place));
      expect([found.size, found.sha256], name).toEqual([entry.size, entry.sha256]);
      expect(Number(found.mtime / 1000n) / 1e6, name).toBeCloseTo(entry.mtime ?? 0, 5);
      expect(found.mode & 0o222, name).toBe(0);
    }
  }
}
