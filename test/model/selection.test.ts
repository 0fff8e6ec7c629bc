import { describe, expect, it } from 'vitest';
import type { EntryType } from '../../src/model/entry';
import { remotePath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';

function excludes(include: string[], exclude: string[], path: string): boolean {
  const type: EntryType = path.endsWith('/') ? 'directory' : 'file';
  return new Selection(include, exclude, 'record').excludes({ path: remotePath(path), type });
}

describe('exclude rules in the grammar of .gitignore', () => {
  it.each([
    ['*.log', '/a/b.log', true],
    ['*.log', '/a/b.log/', true],
    ['*.log', '/a/b.LOG', false],
    ['Cache/', '/a/cache/', false],
    ['node_modules/', '/a/node_modules/', true],
    ['node_modules/', '/a/node_modules', false],
    ['node_modules/', '/a/node_modules/x/y.js', true],
    ['/var/www/cache/', '/var/www/cache/', true],
    ['/var/www/cache/', '/srv/var/www/cache/', false],
    ['var/www', '/var/www', true],
    ['var/www', '/x/var/www', false],
    ['**/tmp', '/a/b/tmp', true],
    ['a/**/z', '/a/b/c/z', true],
    ['a/**', '/a/b', true],
    ['?.txt', '/a/b.txt', true],
    ['?.txt', '/a/bb.txt', false],
    ['[ab].txt', '/c/b.txt', true],
    ['[!ab].txt', '/c/b.txt', false],
    ['\\#x', '/#x', true],
    ['# comment', '/# comment', false],
    ['', '/a', false],
    ['trailing ', '/trailing', true],
    ['trailing\\ ', '/trailing ', true],
    ['é*', '/été/éa', true],
    ['*', '/.htaccess', true],
    ['*', '/.../', true],
  ])('%j on %s: %s', (rule, path, expected) => {
    expect(excludes(['/'], [rule], path)).toBe(expected);
  });

  it('end with the last one that matches', () => {
    expect(excludes(['/'], ['*.log', '!keep.log'], '/a/keep.log')).toBe(false);
    expect(excludes(['/'], ['!keep.log', '*.log'], '/a/keep.log')).toBe(true);
    expect(excludes(['/'], ['a/', '!a/keep.log'], '/a/keep.log')).toBe(true);
  });

  it.each(['...', '....', '.../x', '..a', ' '])('can be asked of a folder called %j', (path) => {
    expect(excludes(['/'], ['*.log'], `/${path}/`)).toBe(false);
    expect(excludes(['/'], ['*.log'], `/${path}/x.log`)).toBe(true);
  });
});

describe('an included path', () => {
  it('is in no other one', () => {
    const { include } = new Selection(['/b', '/a/b', '/a', '/a', '/a-b', '/b/c/d'], [], 'record');
    expect(include).toEqual(['a', 'a-b', 'b']);
    expect(new Selection(['/b', '/'], [], 'record').include).toEqual(['']);
  });

  it.each([
    ['/www/cache/site', 'cache/', '/www/cache/site/x', false],
    ['/www/cache/site', '/www/', '/www/cache/site/x', false],
    ['/www/cache/site', '*', '/www/cache/site/x', true],
    ['/www/cache/site', '/www/**', '/www/cache/site/x', true],
    ['/www/cache/site', 'site/', '/www/cache/site/x', false],
    ['/www/cache/site', 'site/', '/www/cache/site/site/', true],
    ['/www/cache/site', 'cache/', '/www/cache/site/cache/', true],
    ['/www/a.conf', '*.conf', '/www/a.conf', false],
  ])(
    '%s is not touched by a rule for a folder above it: %s on %s',
    (include, rule, path, expected) => {
      expect(excludes([include], [rule], path)).toBe(expected);
    },
  );

  it.each([
    ['/www/cache/', false],
    ['/www/cache/other', true],
    ['/www/cache/keep/', false],
    ['/www/cache/keep/x', false],
    ['/www/cache/keep/cache/', true],
    ['/www/other/cache/', true],
  ])('is found below an excluded folder of another one: %s', (path, expected) => {
    expect(excludes(['/www', '/www/cache/keep'], ['cache/'], path)).toBe(expected);
  });

  it('that a rule names is left out if it is in another one', () => {
    expect(excludes(['/www', '/www/cache'], ['/www/cache/'], '/www/cache/')).toBe(true);
  });

  it('covers what is at and below it', () => {
    const selection = new Selection(['/a/b', '/c'], [], 'record');
    const covered = ['/a/b', '/a/b/c', '/c', '/a', '/a/bc', '/'].map((path) =>
      selection.covers(remotePath(path)),
    );
    expect(covered).toEqual([true, true, true, false, false, false]);
    expect(new Selection(['/'], [], 'record').covers(remotePath('/x'))).toBe(true);
  });

  it('answers the same after many questions', () => {
    const selection = new Selection(['/'], ['*.log'], 'record');
    for (let file = 0; file < 9000; file += 1) {
      const path = remotePath(`/f${file}${file % 2 === 0 ? '.log' : ''}`);
      expect(selection.excludes({ path, type: 'file' })).toBe(file % 2 === 0);
    }
  });
});
