import fs from 'node:fs';
import { expect, it } from 'vitest';
import { OriginalTree } from '../conformance/originalTree';
import { account } from '../servers/account';
import { startProftpd } from '../servers/proftpd';
import { startVsftpd } from '../servers/vsftpd';
import { RestoreFixture } from './restoreFixture';

const owner = account();

async function changedTree(
  server: { readonly host: string; readonly port: number },
  label: string,
): Promise<{ tree: OriginalTree; fixture: RestoreFixture; snapshot: string }> {
  const tree = new OriginalTree(`${owner.home}/refused-${label}-${process.pid}`, owner);
  tree.file('file', 'as it was');
  tree.handOver();
  const login = { host: server.host, port: server.port, username: owner.name };
  const raw = { protocol: 'ftp' as const, ...login, include: [tree.root] };
  const fixture = new RestoreFixture(raw, { password: owner.password });
  const { snapshot } = await fixture.run();
  tree.file('file', 'somebody broke it', '1700000900');
  tree.handOver();
  return { tree, fixture, snapshot };
}

it('writes nothing, and makes no safety snapshot, on a server that takes no files', async () => {
  await using server = await startVsftpd();
  const { tree, fixture, snapshot } = await changedTree(server, 'vsftpd');
  await expect(fixture.restore(snapshot)).rejects.toMatchObject({
    kind: 'permission',
    scope: 'run',
  });
  expect(fs.readFileSync(tree.at('file'), 'utf8')).toBe('somebody broke it');
  expect(await fixture.store.ids()).toEqual([snapshot]);
  fixture[Symbol.dispose]();
  tree[Symbol.dispose]();
});

it('replaces in steps, and says so, on a server that renames onto nothing', async () => {
  await using server = await startProftpd();
  const { tree, fixture, snapshot } = await changedTree(server, 'proftpd');
  const report = await fixture.restore(snapshot);
  expect(report).toMatchObject({ status: 'complete', overwritten: 1 });
  expect(report.warnings.join()).toContain('cannot replace a file in one step');
  expect(fs.readFileSync(tree.at('file'), 'utf8')).toBe('as it was');
  expect(fs.readdirSync(tree.root)).toEqual(['file']);
  fixture[Symbol.dispose]();
  tree[Symbol.dispose]();
});

it('says clearly that an rsync daemon is only read from', async () => {
  const raw = { protocol: 'local' as const, include: [owner.home] };
  using fixture = new RestoreFixture(raw);
  const tree = new OriginalTree(`${owner.home}/refused-rsync-${process.pid}`, owner);
  tree.file('file');
  const { snapshot } = await fixture.run({ include: [tree.root] });
  const daemon = { protocol: 'rsync' as const, via: 'daemon' as const, host: '127.0.0.1' };
  await expect(fixture.restore(snapshot, {}, daemon)).rejects.toMatchObject({
    kind: 'configuration',
    message: expect.stringContaining('--as') as string,
  });
  tree[Symbol.dispose]();
});
