import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareInFolderOrder, isWithin, type RemotePath } from '../../src/model/remotePath';
import { ManifestWriter } from '../../src/store/manifestFile';
import { hasBelow, subtree } from '../../src/store/manifestSearch';
import { quickDisk } from './storeFixture';

const entries = 5000;

describe('a search in a manifest', () => {
  let folder: string;
  let manifest: string;
  const paths: string[] = [];

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-search-'));
    manifest = path.join(folder, 'manifest');
    for (let number = 0; number < entries; number += 1) {
      const top = `f${number % 97}`;
      paths.push(top, `${top}/g${number}`, ...(number % 3 === 0 ? [`${top}/g${number}/x`] : []));
    }
    const all = [...new Set(paths)].sort(compareInFolderOrder);
    paths.splice(0, paths.length, ...all);
    const snapshot = '2026-11-23T07-00-00Z' as never;
    const header = { format: 1, server: 's', endpoint: 'e', snapshot, started: '' } as const;
    const named = { ...header, include: [], exclude: [], tool: 't' };
    const writer = await ManifestWriter.create(quickDisk, manifest, named, String);
    for (const one of paths) await writer.append({ path: one as RemotePath, type: 'directory' });
    const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0, skipped: 0 };
    const transfer = { fetchedFiles: 0, fetchedBytes: 0, linkedFiles: 0, receivedBytes: 0 };
    await writer.finish({ finished: '', status: 'complete', ...counts, ...transfer });
  });

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const isBelow = (one: string): boolean =>
    paths.some((other) => other !== one && isWithin(other as RemotePath, one as RemotePath));

  it('finds whether there is anything in a folder, wherever it stands', async () => {
    const some = ['', 'a', 'f', 'f0', 'f1', 'f96', 'f97', 'zz', 'f1/g1', 'f1/g98', 'f1/g99999'];
    const spread = paths.filter((_path, index) => index % 101 === 0);
    const edges = [...paths.slice(0, 3), ...paths.slice(-3)];
    for (const one of [...some, ...spread, ...edges]) {
      expect([one, await hasBelow(quickDisk, manifest, one as RemotePath)]).toEqual([
        one,
        isBelow(one),
      ]);
    }
  });

  it('reads an entry with all below it, and nothing else', async () => {
    const spread = paths.filter((_path, index) => index % 307 === 0);
    for (const one of ['', 'a', 'f1', 'f96', 'f97', 'f1/g98', 'f1/g9', ...spread]) {
      const found: string[] = [];
      const top = one as RemotePath;
      for await (const entry of subtree(quickDisk, manifest, top)) found.push(entry.path);
      expect([one, found]).toEqual([one, paths.filter((path) => isWithin(path as never, top))]);
    }
  });

  it('halves what is left with each reading', async () => {
    let readings = 0;
    const disk = {
      ...quickDisk,
      readFile: (place: string | Buffer, start?: number) => {
        readings += 1;
        return quickDisk.readFile(place, start);
      },
    };
    await hasBelow(disk, manifest, 'f50' as RemotePath);
    const size = fs.statSync(manifest).size;
    expect(readings).toBeLessThanOrEqual(2 + Math.ceil(Math.log2(size / 65_536)));
  });
});
