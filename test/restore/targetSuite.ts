import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTemporaryName } from '../../src/model/temporaryName';
import { makeSmall } from '../benchmark/dataSets';
import { fillTree, OriginalTree, type NameGroup } from '../conformance/originalTree';
import type { SourceUnderTest } from '../conformance/sourceUnderTest';
import { account } from '../servers/account';
import { RestoreFixture } from './restoreFixture';

export interface TargetUnderTest extends SourceUnderTest {
  /** Whether the protocol can make symbolic links. Default: yes. */
  readonly withoutLinks?: boolean;
  /** Whether the times of folders can be set. Default: yes. */
  readonly withoutFolderTimes?: boolean;
  /** Entries whose times the server cannot set. */
  readonly cannotDate?: RegExp;
  /** Names that the server can show and not write: they are impossible, and said to be. */
  readonly cannotWrite?: RegExp;
}

const allNames: readonly NameGroup[] = [
  ...(['plain', 'spaces', 'signs', 'colon', 'backslash', 'windows', 'unicode', 'listing'] as const),
  ...(['latin1', 'long', 'controls', 'lineFeed'] as const),
];

/** The suite that every target must pass. */
export function describeTarget(name: string, start: () => Promise<TargetUnderTest>): void {
  describe(`restore to ${name}`, () => {
    let target: TargetUnderTest;
    const owner = account();
    const trees: OriginalTree[] = [];

    beforeAll(async () => {
      target = await start();
    });

    afterAll(async () => {
      for (const tree of trees) tree[Symbol.dispose]();
      await target[Symbol.asyncDispose]();
    });

    const newTree = (label: string): OriginalTree => {
      const root = `${target.chroot ?? owner.home}/restore-${label}-${process.pid}`;
      const tree = new OriginalTree(root, owner);
      trees.push(tree);
      return tree;
    };

    const pathOf = (tree: OriginalTree): string =>
      `/${(target.mountedAt ?? '') + tree.root.slice((target.chroot?.length ?? 0) + 1)}`;

    const newFixture = (tree: OriginalTree): RestoreFixture =>
      new RestoreFixture({ ...target.connection, include: [pathOf(tree)] }, target);

    /** What of a manifest must come back: all, but for what the protocol cannot make. */
    const comparable = (lines: readonly string[]): string[] =>
      lines
        .filter((line) => {
          if (line.includes('"type":"other"') || target.cannotWrite?.test(line) === true)
            return false;
          return target.withoutLinks !== true || !line.includes('"type":"symlink"');
        })
        .map((line) => {
          const folder = target.withoutFolderTimes === true && line.includes('"type":"directory"');
          const timeless = folder || target.cannotDate?.test(line) === true;
          return timeless ? line.replace(/"mtime":[-\d.]+,/, '') : line;
        });

    const expected = (warnings: readonly string[]): string[] =>
      warnings.filter((text) => {
        if (target.withoutFolderTimes === true && text.includes('times of folders')) return false;
        return !(target.cannotDate && / times? /.test(text));
      });

    /** How two snapshots differ, but for what the protocol cannot make. At most some lines of it. */
    const differences = async (
      fixture: RestoreFixture,
      before: string,
      after: string,
    ): Promise<string[]> => {
      const [one, other] = await Promise.all([fixture.lines(before), fixture.lines(after)]);
      const [former, latter] = [new Set(comparable(one)), new Set(comparable(other))];
      return [
        ...[...former].filter((line) => !latter.has(line)).map((line) => `- ${line}`),
        ...[...latter].filter((line) => !former.has(line)).map((line) => `+ ${line}`),
      ].slice(0, 20);
    };

    it('brings back an awkward tree that was lost, so that the next backup is the same', async () => {
      const tree = newTree('all');
      const groups = allNames.filter((group) => !target.withoutNames.includes(group));
      fillTree(tree, groups, Date.now());
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      for (const child of fs.readdirSync(tree.root, { encoding: 'buffer' })) {
        fs.rmSync(Buffer.concat([Buffer.from(`${tree.root}/`), child]), { recursive: true });
      }
      const report = await fixture.restore(first.snapshot, { verify: true });
      const other = report.failed.filter(({ kind }) => kind !== 'impossible');
      expect(other).toEqual([]);
      expect(expected(report.warnings)).toEqual([]);
      const second = await fixture.run();
      expect(await differences(fixture, first.snapshot, second.snapshot)).toEqual([]);
      expect(report.verified).toBe(true);
      expect(report.safetySnapshot).toBeNull();
      const again = await fixture.restore(first.snapshot);
      if (!target.cannotDate) expect(again).toMatchObject({ created: 0, overwritten: 0, bytes: 0 });
      // Where some times cannot be set, it looks as if it had changed; nothing is sent again for that.
      else expect(await fixture.restore(first.snapshot)).toMatchObject({ created: 0, bytes: 0 });
    });

    it('overwrites what changed, leaves alone what did not, and can be undone', async () => {
      const tree = newTree('changed');
      for (const file of ['same', 'edited', 'deleted', 'folder/inside']) tree.file(file);
      tree.file('rights', 'x', '1700000000', 0o640);
      tree.folder('empty');
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      tree.file('edited', 'content that somebody broke', '1700000900');
      fs.rmSync(tree.at('deleted'));
      fs.chmodSync(tree.at('rights'), 0o600);
      fs.rmSync(tree.at('empty'), { recursive: true });
      tree.file('extra/new', 'not in the snapshot');
      tree.handOver();
      const broken = await fixture.run();
      const before = tree.originals();
      const report = await fixture.restore(first.snapshot, { delete: true });
      expect(report).toMatchObject({ status: 'complete', created: 2, overwritten: 2, deleted: 2 });
      const restored = await fixture.run();
      expect(await differences(fixture, first.snapshot, restored.snapshot)).toEqual([]);
      const kept = await fixture.entries(report.safetySnapshot ?? '', pathOf(tree).slice(1));
      expect([...kept.keys()]).toEqual(['edited', 'extra', 'extra/new']);
      expect(fixture.store.pins.of(report.safetySnapshot ?? '')).toBe('before-restore');
      await fixture.restore(report.safetySnapshot ?? '');
      expect(tree.originals().get('edited')?.sha256).toBe(before.get('edited')?.sha256);
      expect(tree.originals().get('extra/new')?.sha256).toBe(before.get('extra/new')?.sha256);
      expect(broken.status).toBe('complete');
    });

    it('puts a file in the place of a link, and a folder in the place of a file', async () => {
      const tree = newTree('kinds');
      tree.file('file');
      tree.file('folder/inside');
      tree.file('outside/precious');
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      fs.rmSync(tree.at('file'));
      tree.link('file', 'outside/precious');
      fs.rmSync(tree.at('folder'), { recursive: true });
      tree.file('folder', 'a file now');
      tree.handOver();
      const report = await fixture.restore(first.snapshot);
      expect(report.failed).toEqual([]);
      const after = tree.originals();
      expect(after.get('file')?.type).toBe('file');
      expect(after.get('folder/inside')?.type).toBe('file');
      expect(fs.readFileSync(tree.at('outside/precious'), 'utf8')).toBe(
        'content of outside/precious',
      );
    });

    it('removes what an interrupted restore left, which no backup takes for content', async () => {
      const tree = newTree('leftover');
      tree.file('file');
      const leftover = '.sauvegarde-0123456789abcdef.part';
      tree.file(leftover, 'half of something');
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      expect(first.files).toBe(1);
      fs.rmSync(tree.at('file'));
      await fixture.restore(first.snapshot);
      expect(fs.readdirSync(tree.root)).toEqual(['file']);
      expect(isTemporaryName(leftover)).toBe(true);
    });

    it('restores thousands of files in hundreds of folders right', async () => {
      const tree = newTree('many');
      makeSmall(tree.root, target.many ?? 1000);
      tree.handOver();
      using fixture = newFixture(tree);
      const first = await fixture.run();
      fs.rmSync(tree.root, { recursive: true });
      fs.mkdirSync(tree.root);
      tree.handOver();
      const report = await fixture.restore(first.snapshot);
      expect(report).toMatchObject({ status: 'complete', failed: [] });
      const second = await fixture.run();
      expect(await differences(fixture, first.snapshot, second.snapshot)).toEqual([]);
    });
  });
}
