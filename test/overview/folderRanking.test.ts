import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FolderRanking } from '../../src/model/overview/folderRanking';
import { readFolders, writtenFolders } from '../../src/model/overview/folderFigures';
import { compareInFolderOrder, fromBytes, type RemotePath } from '../../src/model/remotePath';

const path = (text: string): RemotePath => text as RemotePath;

function ranked(files: Readonly<Record<string, number>>, most = 5): Record<string, number> {
  const ranking = new FolderRanking(most);
  const paths = Object.keys(files).sort(compareInFolderOrder);
  for (const file of paths) ranking.add(path(file), files[file]!);
  return Object.fromEntries(ranking.finish().map(({ path: folder, weight }) => [folder, weight]));
}

it('a folder that is mostly one of its folders gives way to that one', () => {
  const files = { 'var/www/a/1': 70, 'var/www/b/2': 30, 'var/www/c/d/3': 5, 'etc/x': 1 };
  expect(ranked(files)).toEqual({
    'var/www': 105,
    'var/www/a': 70,
    'var/www/b': 30,
    'var/www/c/d': 5,
    etc: 1,
  });
});

it('files of the root itself count for it', () => {
  expect(ranked({ a: 3, b: 4 })).toEqual({ '': 7 });
});

it('ranks as counting everything would', () => {
  const name = fc.constantFrom('a', 'b', 'a.b', 'c');
  const file = fc
    .array(name, { minLength: 1, maxLength: 4 })
    .map((names) => [...names, 'f'].join('/'));
  const tree = fc.dictionary(file, fc.integer({ min: 1, max: 99 }), { maxKeys: 30 });
  fc.assert(
    fc.property(tree, fc.integer({ min: 1, max: 4 }), (files, most) => {
      const totals = new Map<string, number>();
      for (const [one, weight] of Object.entries(files)) {
        const names = one.split('/').slice(0, -1);
        for (let depth = 0; depth <= names.length; depth += 1) {
          const folder = names.slice(0, depth).join('/');
          totals.set(folder, (totals.get(folder) ?? 0) + weight);
        }
      }
      const isTelling = ([folder, total]: [string, number]): boolean =>
        ![...totals].some(
          ([other, weight]) =>
            other !== folder &&
            other.split('/').slice(0, -1).join('/') === folder &&
            weight > 0.8 * total,
        );
      const expected = [...totals]
        .filter(isTelling)
        .map(([, total]) => total)
        .sort((a, b) => b - a)
        .slice(0, most);
      const found = ranked(files, most);
      expect(Object.values(found)).toEqual(expected);
      for (const [folder, weight] of Object.entries(found)) expect(totals.get(folder)).toBe(weight);
    }),
  );
});

it('a path that is too long for a table is left out', () => {
  const long = 'x'.repeat(5000);
  expect(ranked({ [`${long}/f`]: 9, 'a/f': 8 })).toEqual({ '': 17, a: 8 });
});

it('folders come back as they were written, also those whose names are no text', () => {
  const folders = {
    biggest: [
      { path: fromBytes(Buffer.from([0x66, 0xff, 0x6f])), weight: 3 },
      { path: fromBytes(Buffer.from('été', 'utf8')), weight: 2 },
      { path: path(''), weight: 1 },
    ],
    mostChanged: [],
  };
  const text = JSON.stringify(writtenFolders(folders));
  expect(readFolders(JSON.parse(text))).toEqual(folders);
});

it.each([
  [null],
  [{ biggest: [] }],
  [{ biggest: [{ path: '../etc', weight: 1 }], mostChanged: [] }],
  [{ biggest: [{ path: 'a', weight: -1 }], mostChanged: [] }],
  [{ biggest: Array.from({ length: 6 }, () => ({ path: 'a', weight: 1 })), mostChanged: [] }],
  [{ biggest: [{ path: 'a', raw: 'Li4v', weight: 1 }], mostChanged: [] }],
])('folders that are none of ours are not taken: %j', (value) => {
  expect(readFolders(value)).toBeUndefined();
});
