import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderLabels } from '../../src/model/folderLabels';

const word = fc.constantFrom('shop', 'blog', 'a', 'b', 'shop (a)', 'a/shop', 'shop 2');
const folders = fc.uniqueArray(
  fc.record({
    name: word,
    path: fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  }),
  { selector: ({ path }) => path, maxLength: 6 },
);

describe('labels of folders', () => {
  it('are the names, as long as no two are the same', () => {
    const two = [
      { name: 'shop', path: '/home/me/shop' },
      { name: 'Blog', path: '/home/me/blog' },
    ];
    expect(folderLabels(two)).toEqual(['shop', 'Blog']);
  });

  it.each([
    [
      ['/a/shop', '/b/shop'],
      ['shop (a)', 'shop (b)'],
    ],
    [
      ['/a/x/shop', '/b/x/shop'],
      ['shop (a/x)', 'shop (b/x)'],
    ],
    [
      ['C:\\old\\shop', 'D:\\new\\shop'],
      ['shop (old)', 'shop (new)'],
    ],
    [
      ['/a/one', '/a/two'],
      ['shop (one)', 'shop (two)'],
    ],
    [
      ['/shop', '/b/shop'],
      ['shop', 'shop (b)'],
    ],
  ])('tell %j apart by their paths', (paths, labels) => {
    expect(folderLabels(paths.map((path) => ({ name: 'shop', path })))).toEqual(labels);
  });

  it('are never the same, and begin with the name', () => {
    fc.assert(
      fc.property(folders, (some) => {
        const labels = folderLabels(some);
        expect(new Set(labels).size).toBe(some.length);
        labels.forEach((label, at) => expect(label.startsWith(some[at]!.name)).toBe(true));
      }),
    );
  });

  it('do not depend on the order, where names and paths tell them apart', () => {
    const plain = fc.constantFrom('shop', 'blog', 'a', 'b', 'c');
    const paths = fc.uniqueArray(
      fc.array(plain, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(paths, (some) => {
        const named = some.map((path) => ({ name: path.split('/').at(-1)!, path }));
        const labels = folderLabels(named);
        expect(folderLabels([...named].reverse()).reverse()).toEqual(labels);
      }),
    );
  });
});
