import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { anchoredPath, anchoredRule } from '../../src/model/anchoredRule';
import { withSelection, withServer, withoutServer } from '../../src/model/configuration/editServer';
import { emptyConfiguration } from '../../src/model/configuration/editText';
import type { EntryType } from '../../src/model/entry';
import { Inclusion, type SelectionLists } from '../../src/model/inclusion';
import { parentOf, remotePath } from '../../src/model/remotePath';
import { excluding, including } from '../../src/model/selectionEdit';

const stateOf = (lists: SelectionLists, path: string): string => {
  const type: EntryType = path.endsWith('/') ? 'directory' : 'file';
  return new Inclusion(lists).stateOf(remotePath(path), type);
};

describe('what a check box shows', () => {
  const lists = {
    include: ['/var/www', '/etc/nginx/nginx.conf', '/srv/a/keep'],
    exclude: ['*.log', '/var/www/cache/', '/srv/a/'],
  };

  it.each([
    ['/', 'partly'],
    ['/var/', 'partly'],
    ['/var/www/', 'partly'],
    ['/var/www/img/', 'included'],
    ['/var/www/cache/', 'excluded'],
    ['/var/www/cache/x/y', 'excluded'],
    ['/var/www/a.log', 'excluded'],
    ['/var/wwwx/', 'excluded'],
    ['/etc/nginx/', 'partly'],
    ['/etc/nginx/nginx.conf', 'included'],
    ['/etc/nginx/other.conf', 'excluded'],
    ['/srv/a/', 'partly'],
    ['/srv/a/keep/', 'included'],
  ])('%s is %s', (path, state) => {
    expect(stateOf(lists, path)).toBe(state);
  });
});

const name = fc.constantFrom('a', 'b', 'c.log', 'd [1]', '!e', '#f', 'g*', 'été', 'h ', '\\i');
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => remotePath(names.join('/')));
const type = fc.constantFrom<EntryType>('directory', 'file');
const step = fc.record({ path, type, add: fc.boolean() });

describe('a click on a check box', () => {
  it('puts the entry in or out, whatever was clicked before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.boolean(), (steps, withPattern) => {
        let lists: SelectionLists = { include: [], exclude: withPattern ? ['*.log'] : [] };
        for (const { path, type, add } of steps) {
          lists = (add ? including : excluding)(lists, path, type);
          const state = new Inclusion(lists).stateOf(path, type);
          expect(state, JSON.stringify(lists)).toBe(add ? 'included' : 'excluded');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves the entries beside it as they were', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), step, name, (steps, last, sibling) => {
        let lists: SelectionLists = { include: ['/a', '/b'], exclude: [] };
        for (const { path, add } of steps) {
          lists = (add ? including : excluding)(lists, path, 'directory');
        }
        const beside = remotePath(`${parentOf(last.path)}/${sibling}`);
        if (beside === last.path) return;
        const before = new Inclusion(lists).stateOf(beside, 'directory');
        const after = (last.add ? including : excluding)(lists, last.path, 'directory');
        expect(new Inclusion(after).stateOf(beside, 'directory')).toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('includes a whole folder by one path, and takes away those below it', () => {
    const lists = { include: ['/var/www/a', '/var/www/b', '/etc'], exclude: ['/var/www/a/x/'] };
    expect(including(lists, remotePath('/var/www'), 'directory')).toEqual({
      include: ['/etc', '/var/www'],
      exclude: [],
    });
  });
});

it('the rule of a path is read back as that path', () => {
  fc.assert(
    fc.property(path, fc.boolean(), (wanted, isFolder) => {
      expect(anchoredPath(anchoredRule(wanted, isFolder))).toBe(wanted);
    }),
  );
});

describe('editing the file', () => {
  const text = `{
  // Ours
  "servers": {
    "web": {
      "protocol": "sftp", // fast
      "host": "www.example.org",
      "include": [
        "/var/www", // the site
        "/etc"
      ]
    }
  }
}
`;

  it('keeps the comments', () => {
    const edited = withSelection(text, 'web', {
      include: ['/var/www', '/srv'],
      exclude: ['*.log'],
    });
    expect(edited).toContain('// the site');
    expect(edited).toContain('// fast');
    expect(parse(edited)).toMatchObject({
      servers: { web: { include: ['/var/www', '/srv'], exclude: ['*.log'] } },
    });
  });

  it('removes an item without the comment of its neighbour', () => {
    expect(withSelection(text, 'web', { include: ['/var/www'], exclude: [] })).toBe(
      text.replace('"/var/www", //', '"/var/www" //').replace('\n        "/etc"', ''),
    );
    expect(withSelection(text, 'web', { include: [], exclude: [] })).toContain('"include": [');
    const short = '{"servers": {"a": {"include": ["/x", "/y", "/z"]}}}';
    expect(withSelection(short, 'a', { include: ['/x', '/z'], exclude: [] })).toBe(
      short.replace(' "/y",', ''),
    );
  });

  it('any change of a list reads back as that change', () => {
    const lists = fc.uniqueArray(fc.constantFrom('/a', '/b', '/c', '/d', '/e'));
    fc.assert(
      fc.property(lists, lists, lists, (first, include, exclude) => {
        const start = withServer(emptyConfiguration, 's', { protocol: 'local', include: first });
        const edited = withSelection(start, 's', { include, exclude });
        const read = parse(edited) as { servers: { s: SelectionLists } };
        expect(new Set(read.servers.s.include)).toEqual(new Set(include));
        expect(new Set(read.servers.s.exclude)).toEqual(new Set(exclude));
      }),
    );
  });

  it('adds, changes and removes a server', () => {
    const local = { protocol: 'local' as const, include: ['/a'] };
    const added = withServer(emptyConfiguration, 'disk', local);
    expect(parse(added)).toEqual({ servers: { disk: local } });
    const web = {
      protocol: 'ftp' as const,
      host: 'www.example.org',
      include: ['/var/www', '/etc'],
    };
    const changed = withServer(text, 'web', web);
    expect(parse(changed)).toEqual({ servers: { web } });
    expect(changed).toContain('// the site');
    expect(parse(withoutServer(added, 'disk'))).toEqual({ servers: {} });
  });
});
