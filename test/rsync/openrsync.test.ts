import { describe, expect, it } from 'vitest';
import { remotePath } from '../../src/model/remotePath';
import { openRsyncSource } from '../../src/sources/rsync/rsyncSource';
import { BackUpFixture } from '../conformance/backUpFixture';
import { Openrsync, type OpenrsyncAbilities, type OpenrsyncTree } from '../servers/openrsync';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { never } from '../ssh/setting';

const many = Array.from({ length: 50 }, (_, index) => `f${index}`);
const tree: OpenrsyncTree = {
  '/srv/www': { names: ['a', 'big', 'empty', 'folder', 'link', 'zero', '-x', 'zoo.txt'] },
  '/srv/www/a': { content: 'hi\n' },
  '/srv/www/-x': { content: 'sorted before the dot' },
  '/srv/www/big': { content: 'big'.repeat(100_000) },
  '/srv/www/zero': { content: '' },
  '/srv/www/zoo.txt': { content: 'zoo' },
  '/srv/www/empty': { names: [] },
  '/srv/www/link': { target: 'a' },
  '/srv/www/folder': { names: many },
  ...Object.fromEntries(many.map((name) => [`/srv/www/folder/${name}`, { content: name }])),
};

async function start(
  changes: OpenrsyncTree = {},
  abilities: OpenrsyncAbilities = {},
): Promise<{ scripted: ScriptedSftp; openrsync: Openrsync }> {
  const openrsync = new Openrsync({ ...tree, ...changes }, abilities);
  return { scripted: await ScriptedSftp.start({ exec: openrsync.exec }), openrsync };
}

function fixtureFor({ port, fingerprint }: ScriptedSftp, exclude: string[] = []): BackUpFixture {
  const login = { host: '127.0.0.1', port, username: 'somebody', fingerprint } as const;
  return new BackUpFixture({ protocol: 'rsync', ...login, include: ['/srv/www'], exclude });
}

describe('openrsync at the other end', () => {
  it('is backed up whole, and nothing is fetched twice', async () => {
    const { scripted } = await start();
    await using _ = scripted;
    using fixture = fixtureFor(scripted);
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', skipped: [], fetchedFiles: 55 });
    const entries = await fixture.entries(report.snapshot, 'srv/www');
    for (const [path, node] of Object.entries(tree)) {
      if (path === '/srv/www') continue;
      const entry = entries.get(path.slice('/srv/www/'.length));
      if ('content' in node)
        expect(entry, path).toMatchObject({ type: 'file', size: node.content.length });
      else if ('target' in node)
        expect(entry, path).toMatchObject({ type: 'symlink', target: 'a' });
      else expect(entry, path).toMatchObject({ type: 'directory' });
    }
    expect(await fixture.run()).toMatchObject({ status: 'complete', fetchedFiles: 0 });
  });

  it('is not sent rules that it does not know', async () => {
    const { scripted } = await start();
    await using _ = scripted;
    using fixture = fixtureFor(scripted, ['*.txt', '/srv/www/folder/']);
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', skipped: [], files: 4 });
  });

  it.each(['flist.c:320', 'rsync', 'rsync(4711)'])(
    'what it cannot read is reported, though it says so on standard error only (%s)',
    async (prefix) => {
      const { scripted } = await start();
      using fixture = fixtureFor(scripted);
      const first = await fixture.run();
      const denied = await start(
        {
          '/srv/www/folder': { names: many, denied: true },
          '/srv/www/a': { content: 'hi again\n', denied: true },
          '/srv/www/zoo.txt': { content: 'zoo!' },
        },
        { prefix },
      );
      scripted.script = denied.scripted.script;
      const report = await fixture.run();
      await denied.scripted[Symbol.asyncDispose]();
      await scripted[Symbol.asyncDispose]();
      expect(report.status).toBe('incomplete');
      expect(report.skipped.map(({ path, kind }) => [path, kind]).toSorted()).toEqual([
        ['/srv/www/a', 'permission'],
        ['/srv/www/folder', 'permission'],
      ]);
      const entries = await fixture.entries(report.snapshot, 'srv/www');
      expect(entries.get('folder/f7')?.carried).toBe(first.snapshot);
      expect(entries.get('a')?.carried).toBe(first.snapshot);
      expect(entries.get('zoo.txt')).toMatchObject({ size: 4 });
    },
  );

  it('a folder that is not there is not found', async () => {
    const openrsync = new Openrsync({});
    await using scripted = await ScriptedSftp.start({ exec: openrsync.exec });
    using fixture = fixtureFor(scripted);
    await expect(fixture.run()).rejects.toMatchObject({ kind: 'not-found' });
  });

  it.each([{ oneLevel: false }, { oneLevel: true }])(
    'a folder alone is listed: %j',
    async (abilities) => {
      const { scripted, openrsync } = await start({}, abilities);
      await using _ = scripted;
      using fixture = fixtureFor(scripted);
      await using source = await openRsyncSource(fixture.server(), fixture.environment, never);
      for (let round = 0; round < 2; round += 1) {
        const names: string[] = [];
        for await (const { path } of source.list(remotePath('/srv/www'), never)) names.push(path);
        expect(names.toSorted()).toEqual(
          ['-x', 'a', 'big', 'empty', 'folder', 'link', 'zero', 'zoo.txt'].map(
            (name) => `srv/www/${name}`,
          ),
        );
      }
      // What it does not know is asked for once.
      expect(openrsync.started.length).toBe(abilities.oneLevel ? 2 : 3);
    },
  );
});
