import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BackUpFixture } from '../conformance/backUpFixture';
import { diskPath } from '../../src/sources/local/diskPath';
import { remotePath } from '../../src/model/remotePath';

let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-local-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function fixture(...include: string[]): BackUpFixture {
  return new BackUpFixture({ protocol: 'local', include });
}

it('keeps the holes of a sparse file', async () => {
  const size = 300_000_000;
  fs.writeFileSync(at('sparse'), 'begin');
  fs.truncateSync(at('sparse'), size);
  fs.appendFileSync(at('sparse'), 'end');
  using backup = fixture(folder);
  const report = await backup.run();
  expect(report.bytes).toBe(size + 3);
  const [, entry] = [...(await backup.entries(report.snapshot, folder.slice(1)))][0] ?? [];
  const copy = backup.store.place(report.snapshot, entry!);
  const { blocks } = fs.statSync(copy);
  expect(blocks * 512).toBeLessThan(20_000_000);
  const digest = (place: string): string =>
    execFileSync('sha256sum', ['-z', place]).toString().slice(0, 64);
  expect(entry?.sha256).toBe(digest(at('sparse')));
  expect(digest(copy.toString())).toBe(entry?.sha256);
});

it('takes hard links for files, and never opens a device, FIFO or socket', async () => {
  fs.writeFileSync(at('one'), 'shared');
  fs.linkSync(at('one'), at('two'));
  execFileSync('mkfifo', [at('fifo')]);
  execFileSync('mknod', [at('zero'), 'c', '1', '5']);
  using backup = fixture(folder);
  const report = await backup.run();
  const entries = await backup.entries(report.snapshot, folder.slice(1));
  const types = [...entries].map(([name, { type }]) => `${name} ${type}`);
  expect(types).toEqual(['fifo other', 'one file', 'two file', 'zero other']);
  expect(entries.get('one')?.sha256).toBe(entries.get('two')?.sha256);
});

it('follows a link that is itself included, and reads through no other', async () => {
  fs.mkdirSync(at('real'));
  fs.writeFileSync(at('real/file'), 'content');
  fs.symlinkSync('real', at('link'));
  fs.symlinkSync('real/file', at('file-link'));
  using backup = fixture(at('link'), at('file-link'));
  const report = await backup.run();
  const entries = await backup.entries(report.snapshot, folder.slice(1));
  expect([...entries].map(([name, { type }]) => `${name} ${type}`)).toEqual([
    'file-link file',
    'link directory',
    'link/file file',
  ]);
});

it('names places on Windows with their drive', () => {
  expect(diskPath(remotePath('C:/Users/me'), 'win32')).toBe('C:/Users/me');
  expect(diskPath(remotePath('C:/'), 'win32')).toBe('C:/');
  expect(diskPath(remotePath('/var/www'), 'linux').toString()).toBe('/var/www');
});
