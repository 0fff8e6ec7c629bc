import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  bytesOf,
  childPath,
  compareInFolderOrder,
  faultOfName,
  fromBytes,
  isCleanPath,
  isText,
  isWithin,
  nameOf,
  parentOf,
  printable,
  remotePath,
  textOf,
  type RemotePath,
} from '../../src/model/remotePath';

/** Names near the slash (0x2f) in the order of bytes, where a plain comparison of texts goes wrong. */
const component = fc.oneof(
  fc.stringMatching(/^[\x20-\x2e0-2ab\x80\xff]{1,3}$/),
  fc
    .uint8Array({ minLength: 1, maxLength: 4 })
    .map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const clean = component.filter((name) => faultOfName(name) === undefined);
const path = fc.array(clean, { maxLength: 4 }).map((names) => names.join('/') as RemotePath);

function byComponents(left: string, right: string): number {
  const a = left === '' ? [] : left.split('/');
  const b = right === '' ? [] : right.split('/');
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = Buffer.compare(bytesOf(a[index]!), bytesOf(b[index]!));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

describe('folder order', () => {
  it('compares component by component, as bytes', () => {
    fc.assert(
      fc.property(path, path, (left, right) => {
        expect(Math.sign(compareInFolderOrder(left, right))).toBe(
          Math.sign(byComponents(left, right)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(path, path, path, (a, b, c) => {
        expect(Math.sign(compareInFolderOrder(a, b))).toBe(
          -Math.sign(compareInFolderOrder(b, a)) + 0,
        );
        if (compareInFolderOrder(a, b) === 0) expect(a).toBe(b);
        const [first, second, third] = [a, b, c].sort(compareInFolderOrder);
        expect(compareInFolderOrder(first!, third!)).toBeLessThanOrEqual(0);
        expect(compareInFolderOrder(second!, third!)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('has all that is in a folder directly behind it', () => {
    const sorted = ['a-b', 'a', 'a/b', 'a.b', 'a/b/c', 'a b', 'a0', 'a/\x01'].sort(
      compareInFolderOrder,
    );
    expect(sorted).toEqual(['a', 'a/\x01', 'a/b', 'a/b/c', 'a b', 'a-b', 'a.b', 'a0']);
  });
});

describe('names from a server', () => {
  it.each([
    ['', 'is empty'],
    ['.', 'is not a name'],
    ['..', 'is not a name'],
    ['../etc', 'contains a slash'],
    ['/etc', 'contains a slash'],
    ['a/', 'contains a slash'],
    ['a\0b', 'contains a NUL byte'],
    ['x'.repeat(1021), 'is longer than 1020 bytes'],
  ])('%j is refused', (name, fault) => {
    expect(faultOfName(name)).toBe(fault);
    expect(() => childPath('folder' as RemotePath, name)).toThrow(
      expect.objectContaining({ kind: 'protocol', scope: 'entry' }),
    );
  });

  it.each(['...', '..a', ' ', '\\', 'a\nb', '\xff', 'C:', '-rf', '~', 'x'.repeat(1020)])(
    '%j is one',
    (name) => {
      expect(faultOfName(name)).toBeUndefined();
      expect(childPath('' as RemotePath, name)).toBe(name);
      expect(childPath('a' as RemotePath, name)).toBe(`a/${name}`);
    },
  );

  it('do not make a path of more than 64 KiB', () => {
    const deep = Array.from({ length: 66 }, () => 'x'.repeat(1000)).join('/') as RemotePath;
    expect(() => childPath(deep, 'y')).toThrow('makes the path too long');
  });

  it('are shown without control characters and without turning the text around', () => {
    expect(printable('a\x1b[31m\r\n\x7f')).toBe('a\\x1b[31m\\x0d\\x0a\\x7f');
    expect(printable(fromBytes(Buffer.from('a\u202egpj')))).toBe('a\\x202egpj');
    expect(printable('caf\xe9')).toBe('caf\ufffd');
  });
});

describe('paths', () => {
  it('are what a person wrote, without needless slashes', () => {
    expect(remotePath('//var///www/')).toBe('var/www');
    expect(remotePath('/')).toBe('');
    expect(absolute(remotePath('/é/日'))).toBe('/é/日');
  });

  it.each(['/a/../b', '..', './a', '/a/.', '/a\0'])('%j is no path of a person', (text) => {
    expect(() => remotePath(text)).toThrow(expect.objectContaining({ kind: 'configuration' }));
  });

  it('keep any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const kept = fromBytes(Buffer.from(bytes));
        expect([...bytesOf(kept)]).toEqual([...bytes]);
        expect(isText(kept)).toBe(Buffer.from(textOf(kept), 'utf8').equals(Buffer.from(bytes)));
      }),
    );
  });

  it('know their folder and name', () => {
    fc.assert(
      fc.property(path, clean, (folder, name) => {
        const child = childPath(folder, name);
        expect([parentOf(child), nameOf(child)]).toEqual([folder, name]);
        expect(isWithin(child, folder) && isWithin(child, child)).toBe(true);
        expect(isWithin(folder, child)).toBe(false);
        expect(isCleanPath(child)).toBe(true);
      }),
    );
    expect(isWithin('ab' as RemotePath, 'a' as RemotePath)).toBe(false);
  });
});

describe('a path read from somewhere', () => {
  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/..',
    '../a',
    'a/../b',
    'a/./b',
    'a\0',
    '..\n/..',
  ])('%j is not clean', (text) => expect(isCleanPath(text)).toBe(false));

  it.each(['a', '...', '..a/b..', '.a', 'a/...', 'a\n..', ' '])('%j is clean', (text) =>
    expect(isCleanPath(text)).toBe(true),
  );
});
