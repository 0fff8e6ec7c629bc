import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RawServer } from '../../src/model/configuration/schema';
import { OriginalTree } from '../conformance/originalTree';
import { account } from '../servers/account';
import { startOpenssh } from '../servers/openssh';
import { RestoreFixture } from './restoreFixture';

const owner = account();

/** Restores as root, as whoever moves a site to a new machine does, and says whose everything is then. */
async function ownersAfter(label: string, raw: RawServer): Promise<Record<string, number>> {
  const tree = new OriginalTree(`${owner.home}/owners-${label}-${process.pid}`, owner);
  using _tree = tree;
  tree.file('kept', 'as it was');
  tree.file('site/deep/page', 'lost');
  tree.folder('site/empty');
  tree.handOver();
  using fixture = new RestoreFixture({ ...raw, include: [tree.root] });
  const { snapshot } = await fixture.run();
  fs.rmSync(tree.at('site'), { recursive: true });
  tree.file('kept', 'somebody broke it', '1700000900');
  tree.handOver();
  expect(await fixture.restore(snapshot)).toMatchObject({ status: 'complete', created: 4 });
  const names = ['kept', 'site', 'site/deep', 'site/deep/page', 'site/empty'];
  return Object.fromEntries(names.map((name) => [name, fs.statSync(tree.at(name)).uid]));
}

const theirs = {
  ...{ kept: owner.uid, site: owner.uid, 'site/deep': owner.uid },
  ...{ 'site/deep/page': owner.uid, 'site/empty': owner.uid },
};

it('gives what root restores on this computer to whose the folder is', async () => {
  expect(await ownersAfter('local', { protocol: 'local', include: [] })).toEqual(theirs);
});

it('gives what root restores over SFTP to whose the folder is', async () => {
  await using server = await startOpenssh();
  const privateKey = server.writeKey();
  const keys = path.dirname(privateKey);
  fs.copyFileSync(path.join(keys, owner.name), path.join(keys, 'root'));
  const login = { host: '127.0.0.1', port: server.port, username: 'root', privateKey };
  const fingerprint = server.fingerprint();
  const raw: RawServer = { protocol: 'sftp', ...login, fingerprint, include: [] };
  expect(await ownersAfter('sftp', raw)).toEqual(theirs);
});
