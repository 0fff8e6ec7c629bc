import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  startFolder,
  startRcloneRest,
  startS3,
  startSftp,
  type FarEnd,
} from '../servers/repositories';
import { CopiedFixture } from './copiedFixture';
import { CopiedSite } from './copiedSite';
import { fill, Site } from './site';

const kinds: readonly (readonly [string, () => Promise<FarEnd>])[] = [
  ['sftp, OpenSSH', startSftp],
  ['rest, rclone', startRcloneRest],
  ['s3', startS3],
];

it('from the command line, the disk is lost, and everything comes back, proven', async () => {
  await using farEnd = await startFolder();
  using content = new Site();
  fill(content);
  using site = new CopiedSite(farEnd, content.folder);
  await site.createRepository();
  const first = await site.backUp('--note', 'before the update');
  await site.good('pin', 'web', first);
  await site.good('copy');
  content.write('plain', 'another content', 1_700_000_100);
  content.write('deep/new', 'new');
  const second = await site.backUp();
  const [copied] = await site.good('copy', 'web', '--to', 'nas');
  // Another content of an old file, a new one, and the manifest.
  expect(copied).toMatchObject({ event: 'copied', snapshot: second, copy: 'nas', readFiles: 3 });
  const listed = await site.good('copies', 'list');
  expect(listed).toMatchObject([
    { event: 'copy', server: 'web', snapshot: second, copy: 'nas' },
    { event: 'copy', server: 'web', snapshot: first, copy: 'nas' },
  ]);
  // restic 0.14 says only the beginning when it has made it.
  expect(listed[0]?.id).toContain(copied?.id);
  const manifests = [first, second].map((id) => site.manifest(id));

  site.loseTheDisk();
  const recovered = await site.good('copies', 'recover', 'web', '--all');

  expect(recovered).toMatchObject([
    { event: 'recovered', server: 'web', snapshot: first, copy: 'nas', status: 'whole' },
    { event: 'recovered', server: 'web', snapshot: second, copy: 'nas', status: 'whole' },
  ]);
  expect([first, second].map((id) => site.manifest(id))).toEqual(manifests);
  const inodeOf = (id: string, name: string): number =>
    fs.statSync(path.join(site.store, id, content.folder, name)).ino;
  expect(inodeOf(first, 'executable')).toBe(inodeOf(second, 'executable'));
  expect(inodeOf(first, 'plain')).not.toBe(inodeOf(second, 'plain'));
  const verified = await site.good('verify', '--all');
  expect(verified.map(({ status }) => status)).toEqual(['whole', 'whole']);
  expect(await site.good('list')).toMatchObject([
    { snapshot: second, pinned: false },
    { snapshot: first, pinned: true, note: 'before the update' },
  ]);
  // To the next run all is as it was.
  expect((await site.good('backup')).at(-1)).toMatchObject({ status: 'complete', fetchedFiles: 0 });
  // And what goes back to the server is what was there.
  fs.rmSync(content.folder, { recursive: true });
  fs.mkdirSync(content.folder);
  await site.good('restore', 'web', second, '--to-server', '--yes');
  expect(await site.good('diff', 'web', second, 'server')).toMatchObject([
    { event: 'compared', added: 0, changed: 0, removed: 0, moved: 0, metadata: 0, unknown: 0 },
  ]);
});

it.each(kinds)('%s: the disk is lost, and everything comes back, proven', async (_kind, start) => {
  await using farEnd = await start();
  using site = new Site();
  fill(site);
  using fixture = await CopiedFixture.create(farEnd, site.folder);
  const { snapshot } = await fixture.run();
  await fixture.copy();
  fixture.loseTheDisk();
  expect(await fixture.recover('latest')).toMatchObject([{ snapshot, status: 'whole' }]);
  await fixture.expectWhole();
  expect(await fixture.run()).toMatchObject({ fetchedFiles: 0 });
});
