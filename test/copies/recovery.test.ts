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
import { CopiedSite } from './copiedSite';

const kinds: readonly (readonly [string, () => Promise<FarEnd>])[] = [
  ['a folder', startFolder],
  ['sftp, OpenSSH', startSftp],
  ['rest, rclone', startRcloneRest],
  ['s3', startS3],
];

/** Names that patterns, shells and decoders take for something else. */
const names = [
  'plain',
  'deep/er/file',
  '[a]*?\\b',
  '-rf',
  ' blank ',
  'ünïcode',
  'quo\'te"s',
  'a,b',
];

function fill(site: CopiedSite): void {
  for (const name of names) site.write(name, `content of ${name}`);
  site.write('empty', '');
  site.write('executable', '#!/bin/sh');
  fs.chmodSync(path.join(site.content, 'executable'), 0o755);
  fs.mkdirSync(path.join(site.content, 'no files'));
  fs.symlinkSync('plain', path.join(site.content, 'link'));
  const latin = Buffer.concat([Buffer.from(`${site.content}/`), Buffer.from('caf\xe9', 'latin1')]);
  fs.writeFileSync(latin, 'not UTF-8');
}

const inodeOf = (place: string): number => fs.statSync(place).ino;

it.each(kinds)('%s: the disk is lost, and everything comes back, proven', async (_kind, start) => {
  await using farEnd = await start();
  using site = new CopiedSite(farEnd);
  fill(site);
  await site.good('copies', 'create', 'nas');
  const first = await site.backUp('--note', 'before the update');
  await site.good('pin', 'web', first);
  await site.good('copy');
  site.write('plain', 'another content', 1_700_000_100);
  site.write('deep/new', 'new');
  const second = await site.backUp();
  const [copied] = await site.good('copy', 'web', '--to', 'nas');
  // Another content of an old file, a new one, the manifest, a pin, a note.
  expect(copied).toMatchObject({ event: 'copied', snapshot: second, copy: 'nas', readFiles: 3 });
  const listed = await site.good('copies', 'list');
  expect(listed).toMatchObject([
    { event: 'copy', server: 'web', snapshot: second, copy: 'nas' },
    { event: 'copy', server: 'web', snapshot: first, copy: 'nas' },
  ]);
  // Of restic 0.14 the beginning.
  expect(listed[0]?.id).toContain(copied?.id);
  const manifests = [first, second].map((id) => site.manifest(id));

  site.loseTheDisk();
  const recovered = await site.good('copies', 'recover', 'web', '--all');

  expect(recovered).toMatchObject([
    { event: 'recovered', server: 'web', snapshot: first, copy: 'nas', status: 'whole' },
    { event: 'recovered', server: 'web', snapshot: second, copy: 'nas', status: 'whole' },
  ]);
  expect([first, second].map((id) => site.manifest(id))).toEqual(manifests);
  const verified = await site.good('verify', '--all');
  expect(verified.map(({ status }) => status)).toEqual(['whole', 'whole']);
  expect(inodeOf(site.place(first, 'executable'))).toBe(inodeOf(site.place(second, 'executable')));
  expect(inodeOf(site.place(first, 'plain'))).not.toBe(inodeOf(site.place(second, 'plain')));
  expect(await site.good('list')).toMatchObject([
    { snapshot: second, pinned: false },
    { snapshot: first, pinned: true, note: 'before the update' },
  ]);
  // To the next run all is as it was.
  const [, unchanged] = [await site.good('copy'), (await site.good('backup')).at(-1)];
  expect(unchanged).toMatchObject({ status: 'complete', fetchedFiles: 0 });
  // And what goes back to the server is what was there.
  fs.rmSync(site.content, { recursive: true });
  fs.mkdirSync(site.content);
  await site.good('restore', 'web', second, '--to-server', '--yes');
  expect(await site.good('diff', 'web', second, 'server')).toMatchObject([
    { event: 'compared', added: 0, changed: 0, removed: 0, moved: 0, metadata: 0, unknown: 0 },
  ]);
});
