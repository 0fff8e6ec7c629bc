import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupError } from '../../src/base/errors';
import type { RawServer } from '../../src/model/configuration/schema';
import type { ManifestEntry } from '../../src/model/manifest';
import { account } from '../servers/account';
import { makeSmall } from '../benchmark/dataSets';
import { BackUpFixture } from './backUpFixture';
import { expectOnDisk, expectSame, expectSkipped, onceListed, restore } from './expectations';
import { fillTree, OriginalTree, type NameGroup } from './originalTree';
import type { SourceUnderTest } from './sourceUnderTest';

const allNames: readonly NameGroup[] = [
  ...(['plain', 'spaces', 'signs', 'colon', 'backslash', 'windows', 'unicode', 'listing'] as const),
  ...(['latin1', 'long', 'controls', 'lineFeed'] as const),
];

const unreadableFolders = ['no-list', 'no-enter', 'no-look'] as const;

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
      (source.mountedAt ?? '') + tree.root.slice((source.chroot?.length ?? 0) + 1);

    const newFixture = (tree: OriginalTree, changes: Partial<RawServer> = {}): BackUpFixture =>
      new BackUpFixture(
        { ...source.connection, include: [`/${shownRoot(tree)}`], ...changes },
        source,
      );

    it('copies names, sizes, times, modes, links and empty folders of every kind', async () => {
      const tree = newTree('all');
      const groups = allNames.filter((group) => !source.withoutNames.includes(group));
      fillTree(tree, groups, Date.now(), source.withoutEarlyTimes);
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
      fillTree(tree, ['plain', 'signs'], Date.now(), source.withoutEarlyTimes);
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
      const folders = source.hidesUnreadableFolders === true ? [] : unreadableFolders;
      const files = ['readable', 'secret-file', ...folders.map((folder) => `${folder}/inside`)];
      for (const file of files) tree.file(file);
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      expect(first.skipped).toEqual([]);
      fs.chmodSync(tree.at('secret-file'), 0);
      // A file of another size: only then it is asked for again.
      fs.appendFileSync(tree.at('secret-file'), 'more');
      const rights = { 'no-list': 0o311, 'no-enter': 0, 'no-look': 0o444 };
      for (const folder of folders) fs.chmodSync(tree.at(folder), rights[folder]);
      const second = await fixture.run();
      expect(second.status).toBe('incomplete');
      expectSkipped(second, tree, shownRoot(tree), {
        'secret-file': 'permission',
        ...Object.fromEntries(folders.map((folder) => [folder, 'permission'])),
      });
      const entries = await fixture.entries(second.snapshot, shownRoot(tree));
      for (const file of files.slice(1)) {
        const entry = entries.get(file);
        expect(entry?.carried, `${file} is carried over`).toBe(first.snapshot);
        const place = fixture.store.place(second.snapshot, entry as ManifestEntry);
        expect(fs.readFileSync(place, 'latin1')).toBe(`content of ${file}`);
      }
      expect(entries.get('readable')?.carried).toBeUndefined();
      restore(tree, folders);
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

    it('follows links inside the selection only, and never in circles', async (context) => {
      if (source.hidesLinks === true) context.skip('It lists no links.');
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

    it('copies thousands of files in hundreds of folders right', async () => {
      const tree = newTree('many');
      const files = source.many ?? 1000;
      makeSmall(tree.root, files);
      tree.handOver();
      using fixture = newFixture(tree);
      const report = await fixture.run();
      expect(report).toMatchObject({ status: 'complete', files, fetchedFiles: files });
      expectSame(source, tree.originals(), await fixture.entries(report.snapshot, shownRoot(tree)));
      const again = await fixture.run();
      expect(again).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: files });
    });
  });
}
