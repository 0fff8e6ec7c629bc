import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../src/model/changes';
import type { ManifestEntry } from '../../src/model/manifest';
import { mergeInFolderOrder, type Pair } from '../../src/model/mergeInFolderOrder';
import { compareInFolderOrder, type RemotePath } from '../../src/model/remotePath';

async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const entry: fc.Arbitrary<ManifestEntry> = fc.record(
  {
    path: fc.stringMatching(/^[ab]([/\-.][ab]){0,3}$/).map((text) => text as RemotePath),
    type: fc.constantFrom('file', 'directory', 'symlink'),
    mtime: fc.nat(2),
    mode: fc.nat(2),
    sha256: fc.constantFrom('one', 'two'),
    target: fc.constantFrom('x', 'y'),
  },
  { requiredKeys: ['path', 'type'] },
);
const manifest = fc
  .uniqueArray(entry, { selector: ({ path }) => path, maxLength: 12 })
  .map((entries) => entries.sort((a, b) => compareInFolderOrder(a.path, b.path)));

function naively(before: readonly ManifestEntry[], after: readonly ManifestEntry[]): string[] {
  const was = new Map(before.map((item) => [item.path, item]));
  const is = new Map(after.map((item) => [item.path, item]));
  const paths = [...new Set([...was.keys(), ...is.keys()])].sort(compareInFolderOrder);
  return paths.flatMap((path) => {
    const old = was.get(path);
    const now = is.get(path);
    if (!old) return [`added ${path}`];
    if (!now) return [`removed ${path}`];
    const content = ({ type, sha256, target }: ManifestEntry): string =>
      JSON.stringify([type, sha256, target]);
    return content(old) === content(now) ? [] : [`changed ${path}`];
  });
}

describe('changes between two manifests', () => {
  it('are those that a comparison in memory finds, in folder order', async () => {
    await fc.assert(
      fc.asyncProperty(manifest, manifest, async (before, after) => {
        const changes = await listOf(changesBetween(streamOf(before), streamOf(after)));
        expect(changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual(naively(before, after));
      }),
      { numRuns: 500 },
    );
  });
});

describe('merging two ordered streams', () => {
  const merge = (left: string[], right: string[]): AsyncGenerator<Pair<string, string>> =>
    mergeInFolderOrder(streamOf(left), streamOf(right), String, String);

  it.each([
    [['b', 'a'], []],
    [[], ['b', 'a']],
    [['a', 'a'], ['a']],
    [['a-b', 'a/b'], ['a']],
    [['a'], ['a', 'a/b', 'a']],
  ])('%j and %j: out of order is an error', async (left, right) => {
    await expect(listOf(merge(left, right))).rejects.toMatchObject({
      kind: 'protocol',
      scope: 'run',
    });
  });

  it('closes both streams, whether it ends, is left or one of them fails', async () => {
    let open = 0;
    async function* counted(fails: boolean): AsyncGenerator<string, void, undefined> {
      open += 1;
      try {
        yield* streamOf(['a', 'b']);
        if (fails) throw new Error('broken');
      } finally {
        open -= 1;
      }
    }
    const merged = (fails: boolean): AsyncGenerator<Pair<string, string>> =>
      mergeInFolderOrder(counted(fails), counted(false), String, String);
    expect(await listOf(merged(false))).toHaveLength(2);
    expect(open).toBe(0);
    for await (const pair of merged(false)) if (pair.path === 'a') break;
    expect(open).toBe(0);
    await expect(listOf(merged(true))).rejects.toThrow('broken');
    expect(open).toBe(0);
  });
});
