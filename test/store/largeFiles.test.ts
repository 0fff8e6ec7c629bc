import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHere } from '../../src/store/createHere';
import { LargeFiles } from '../../src/store/largeFiles';
import { nodeDisk } from '../../src/store/nodeDisk';
import { StagedFile, type Prefix } from '../../src/store/stagedFile';
import { remotePath } from '../../src/model/remotePath';
import { seeded } from '../benchmark/dataSets';

const mebibyte = 1024 * 1024;
const random = seeded(14);
const content = Buffer.alloc(18 * mebibyte + 4321);
for (let at = 0; at < content.length; at += 1) content[at] = Math.floor(random() * 256);
// A hole, at the end of a part that is noted and longer than what is written at once.
content.fill(0, 15 * mebibyte, 17 * mebibyte);

let folder: string;
let largeFiles: LargeFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sauvegarde-large-'));
  largeFiles = new LargeFiles();
});
afterEach(async () => {
  await largeFiles[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Staged {
  readonly file: StagedFile;
  readonly reached: Prefix[];
  readonly arrived: string[];
  readonly place: string;
}

async function begin(name: string, bytes: number): Promise<Staged> {
  const place = join(folder, name);
  const reached: Prefix[] = [];
  const arrived: string[] = [];
  const events = {
    received: () => undefined,
    ended: () => undefined,
    reached: (prefix: Prefix) => Promise.resolve(void reached.push(prefix)),
    arrived: (digest: string) => Promise.resolve(void arrived.push(digest)),
  };
  const create = createHere.bind(undefined, nodeDisk);
  const where = { disk: nodeDisk, place, create, largeFiles };
  const entry = {
    path: remotePath(`/${name}`),
    type: 'file',
    size: bytes,
    granularity: 1,
  } as const;
  const attributes = { mode: 0o600, mtime: 1000 };
  const file = await StagedFile.begin(where, entry, attributes, events, undefined);
  return { file, reached, arrived, place };
}

/** Writes all of it in chunks of the given lengths, over and over. */
async function write(file: StagedFile, bytes: Buffer, lengths: readonly number[]): Promise<void> {
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    await file.write(bytes.subarray(start, start + length));
    start += length;
  }
}

describe('large files are hashed beside the network', () => {
  test('whatever chunks they come in, with the right digests on their way', async () => {
    const lengths = fc.array(fc.integer({ min: 1000, max: 1_400_000 }), { minLength: 1 });
    const property = fc.asyncProperty(lengths, async (chunks) => {
      const { file, reached, arrived, place } = await begin('large', content.length);
      await write(file, content, chunks);
      await file.finish();
      expect(arrived).toEqual([sha256(content)]);
      expect(readFileSync(place).equals(content)).toBe(true);
      expect(reached).not.toEqual([]);
      for (const { bytes, sha256: digest } of reached) {
        expect(digest).toBe(sha256(content.subarray(0, bytes)));
      }
      rmSync(place);
    });
    await fc.assert(property, { numRuns: 12 });
  });

  test('several at once, more than there are places for', async () => {
    const files = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => begin(`${n}`, content.length)));
    await Promise.all(files.map(({ file }, n) => write(file, content, [30_000 + n, 70_000])));
    for (const { file, arrived } of files) {
      await file.finish();
      expect(arrived).toEqual([sha256(content)]);
    }
  });

  test('one that is given up leaves what is proven, and makes room', async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      const { file, reached, place } = await begin(`given-up-${turn}`, content.length);
      await write(file, content.subarray(0, 9 * mebibyte), [65_536]);
      await file.abandon();
      const last = reached.at(-1);
      expect(last?.bytes).toBe(9 * mebibyte);
      expect(last?.sha256).toBe(sha256(readFileSync(place)));
    }
    expect(largeFiles.begin(content.length)).toBeDefined();
  });

  test('a thread that ends loses nothing', async () => {
    const { file, reached, arrived } = await begin('lost', content.length);
    await write(file, content.subarray(0, 5 * mebibyte), [100_000]);
    await largeFiles[Symbol.asyncDispose]();
    await write(file, content.subarray(5 * mebibyte), [100_000]);
    await file.finish();
    expect(arrived).toEqual([sha256(content)]);
    for (const { bytes, sha256: digest } of reached) {
      expect(digest).toBe(sha256(content.subarray(0, bytes)));
    }
    expect(largeFiles.begin(content.length)).toBeUndefined();
  });

  test('small ones are not', () => {
    expect(largeFiles.begin(mebibyte)).toBeUndefined();
  });
});
