import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOf, recentMoment } from '../../src/sources/ftp/listing/dates';
import { completed } from '../../src/sources/ftp/listing/completed';
import { listParser } from '../../src/sources/ftp/listing/listParser';
import { parseListing } from '../../src/sources/ftp/listing/parseListing';
import type { LineContent } from '../../src/sources/ftp/listing/listed';
import { parseMlsdLine } from '../../src/sources/ftp/listing/mlsd';

const now = Date.UTC(2026, 10, 23, 7, 30) / 1000;
const parseListLine = (line: string): LineContent => listParser(line, now).line(line);
const at = (...parts: [number, number, number, number?, number?, number?]): number =>
  Date.UTC(...parts) / 1000;

describe('MLSD', () => {
  it.each([
    [
      'modify=20200203040506;perm=adfr;size=7;type=file;UNIX.mode=0644; name',
      { name: 'name', type: 'file', size: 7, mtime: at(2020, 1, 3, 4, 5, 6), mode: 0o644 },
    ],
    [
      'Type=Dir;Modify=20200203040506;UNIX.mode=02755;  both ends ',
      { name: ' both ends ', type: 'directory', size: 0, mode: 0o2755 },
    ],
    ['type=OS.unix=slink:;size=5;UNIX.mode=0777; a -> b', { name: 'a -> b', type: 'symlink' }],
    ['type=OS.unix=symlink;size=5; lnk', { name: 'lnk', type: 'symlink', size: 0 }],
    ['type=OS.unix=slink:/a b;size=5; lnk', { name: 'lnk', type: 'symlink', target: '/a b' }],
    [
      'type=OS.unix=chr-1/3;modify=19691231235950; null',
      { name: 'null', type: 'other', mtime: -10 },
    ],
    ['type=file;size=1; a; b', { name: 'a; b', type: 'file' }],
  ])('reads %j', (line, expected) => {
    expect(parseMlsdLine(line)).toMatchObject({ granularity: 1, ...expected });
  });

  it('keeps fractions of a second', () => {
    const line = 'type=file;size=1;modify=20200203040506.789; f';
    expect(parseMlsdLine(line)).toMatchObject({
      mtime: at(2020, 1, 3, 4, 5, 6) + 0.789,
      granularity: 0.000001,
    });
  });

  it.each(['type=cdir; .', 'type=dir; .'])('knows the folder itself: %j', (line) => {
    expect(parseMlsdLine(line)).toBe('folder');
  });

  it.each(['type=file; f', 'type=file;size=-1294967296; f', 'type=file;size=99999999999999999; f'])(
    'reads %j as a file of unknown size',
    (line) => {
      const entry = parseMlsdLine(line);
      expect(entry).toEqual({ name: 'f', type: 'file', granularity: 1 });
    },
  );

  it.each([
    ...['type=file;size=1;f', 'size=3; f', 'type=unknown;size=3; f', 'type=OS.mac=alias; f', ' f'],
    ...['type=file;size=1 f', 'type=cdir; f', 'type=pdir;modify=20200203040506; f'],
  ])('knows of %j the name alone', (line) => {
    expect(parseMlsdLine(line)).toMatchObject({ named: 'f' });
  });

  it.each(['name', '', 'type=file; ', 'drwxr-xr-x 2 o g 4096 Feb 29  2024 d'])(
    'takes %j for no entry',
    (line) => {
      expect(parseMlsdLine(line)).toBeUndefined();
    },
  );

  it('brings any name back unchanged', () => {
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 255 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'))
      .filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(name, (text) => {
        expect(parseMlsdLine(`type=file;size=1; ${text}`)).toMatchObject({ name: text });
      }),
    );
  });
});

describe('LIST as on Unix', () => {
  it.each([
    [
      '-rw-r--r--    1 0        0               2 Nov 23 07:24  lead',
      { name: ' lead', type: 'file', size: 2, mode: 0o644, mtime: at(2026, 10, 23, 7, 24) },
    ],
    [
      '-rwsr-Sr-t   1 root     root            2 Nov 24 01:00 soon',
      { name: 'soon', mode: 0o7745, mtime: at(2026, 10, 24, 1, 0), granularity: 60 },
    ],
    [
      '-rw-r--r--   1 domain users group            2 Dec 24 07:24 trail ',
      { name: 'trail ', mtime: at(2025, 11, 24, 7, 24) },
    ],
    [
      '-rw-r--r--    1 0        0               0 Feb 03  2020 old',
      { name: 'old', mtime: at(2020, 1, 3), granularity: 86_400 },
    ],
    ['-rw-r--r--  1 root 0 Feb  3  2020 a', { name: 'a', size: 0, mtime: at(2020, 1, 3) }],
    ['drwxr-xr-x 2 o g 4096 Feb 29  2024 29th', { type: 'directory', size: 0, name: '29th' }],
    [
      'lrwxrwxrwx    1 0        0               5 Nov 23 07:24 a -> b -> sub/f',
      { name: 'a -> b', type: 'symlink', target: 'sub/f', size: 0 },
    ],
    ['lrwxrwxrwx 1 0 0 99 Nov 23 07:24 a -> b', { name: 'a', type: 'symlink', target: 'b' }],
    ['lrwxrwxrwx 1 0 0 6 Nov 23 07:24 l ->  -> x ', { name: 'l', target: ' -> x ' }],
    ['crw-rw-rw-  1 root root  1,   3 Nov 23 07:24 null', { name: 'null', type: 'other' }],
    ['-rw-r--r-- 1 o g 12 2020-02-03 04:05 iso', { name: 'iso', mtime: at(2020, 1, 3, 4, 5) }],
    ['-rw-r--r--+ 1 o g 12 Nov 23 07:24 acl', { name: 'acl', type: 'file' }],
  ])('reads %j', (line, expected) => {
    expect(parseListLine(line)).toMatchObject(expected);
  });

  it.each(['name', 'total', ''])('takes %j for no entry', (line) => {
    expect(parseListLine(line)).toBeUndefined();
  });

  it('is not slow on a long line that nearly fits', () => {
    const line = `-rw-r--r-- ${'1 '.repeat(4000)}Nov 23`;
    const start = performance.now();
    expect(parseListLine(line)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('splits links with arrows in name and target by their size', () => {
    const part = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[\r\n/]/.test(text));
    fc.assert(
      fc.property(part, part, (name, target) => {
        fc.pre(name !== '.' && name !== '..' && /^[ -~]*$/.test(name + target));
        const line = `lrwxrwxrwx 1 0 0 ${target.length} Nov 23 07:24 ${name} -> ${target}`;
        expect(parseListLine(line)).toMatchObject({ name, target });
      }),
    );
  });
});

describe('LIST as on Windows', () => {
  it.each([
    [
      '02-03-20  04:05AM       <DIR>          Program Files',
      { name: 'Program Files', type: 'directory', mtime: at(2020, 1, 3, 4, 5), granularity: 60 },
    ],
    [
      '02-03-2020  12:05PM            144700153 image.gif',
      { name: 'image.gif', type: 'file', size: 144_700_153, mtime: at(2020, 1, 3, 12, 5) },
    ],
    ['02-03-99  12:05AM   1  lead', { name: ' lead', mtime: at(1999, 1, 3, 0, 5) }],
    ['02-13-20  16:05       <DIR>           x', { name: ' x', mtime: at(2020, 1, 13, 16, 5) }],
  ])('reads %j', (line, expected) => {
    expect(parseListLine(line)).toMatchObject(expected);
  });
});

describe('times', () => {
  it('takes a time without a year for the last half year, a day of tomorrow included', () => {
    expect(recentMoment(10, 24, 7, 0, now)).toBe(at(2026, 10, 24, 7, 0));
    expect(recentMoment(10, 25, 7, 0, now)).toBe(at(2025, 10, 25, 7, 0));
    const newYear = at(2027, 0, 1, 0, 10);
    expect(recentMoment(11, 31, 23, 50, newYear)).toBe(at(2026, 11, 31, 23, 50));
    expect(recentMoment(0, 1, 8, 0, newYear - 1000)).toBe(at(2027, 0, 1, 8, 0));
    expect(recentMoment(1, 29, 8, 0, now)).toBe(at(2024, 1, 29, 8, 0));
  });

  it('refuses days that do not exist', () => {
    expect(momentOf('20230229000000')).toBeUndefined();
    expect(momentOf('20231301000000')).toBeUndefined();
    expect(momentOf('2023010100000')).toBeUndefined();
    expect(momentOf('20230101006000')).toBeUndefined();
  });
});

describe('a listing', () => {
  it('never throws anything but what it says, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        for (const parse of [parseMlsdLine, parseListLine]) {
          try {
            parseListing(text, parse);
          } catch (error) {
            expect(error).toMatchObject({ kind: 'protocol' });
          }
        }
      }),
    );
  });

  it('puts up with what a line feed in a name leaves', () => {
    const listing = parseListing('type=file;size=1; lf\r\nname\r\n', parseMlsdLine);
    expect(listing.entries).toHaveLength(1);
    expect(listing.strange).toEqual(['name']);
  });

  it('refuses lines and texts that are no listing', () => {
    expect(parseListing('<html>\n</html>\n', parseMlsdLine).strange).toHaveLength(2);
    expect(() => parseListing('x'.repeat(10_000), parseMlsdLine)).toThrow(/too long/);
  });

  it('takes from LIST what MLSD leaves out', () => {
    const machine = parseListing(
      'type=cdir; .\ntype=OS.unix=symlink;size=3;modify=20200203040506; lnk\ntype=file;size=0; fifo\ntype=file;size=9; f\n',
      parseMlsdLine,
    );
    const plain = parseListing(
      [
        'lrwxrwxrwx 1 0 0 3 Nov 23 07:24 lnk -> sub',
        'lrwxrwxrwx 1 0 0 7 Nov 23 07:24 dangling -> nowhere',
        'prw-r--r-- 1 0 0 0 Nov 23 07:24 fifo',
        '-rw-r--r-- 1 0 0 8 Nov 23 07:24 f',
        '-rw-r--r-- 1 0 0 8 Nov 23 07:24 invented',
      ].join('\n'),
      parseListLine,
    );
    expect(completed(machine, plain)).toMatchObject({
      itself: true,
      entries: [
        { name: 'lnk', type: 'symlink', target: 'sub', mtime: at(2020, 1, 3, 4, 5, 6) },
        { name: 'fifo', type: 'other' },
        { name: 'f', type: 'file', size: 9 },
        { name: 'dangling', type: 'symlink', target: 'nowhere' },
      ],
    });
  });
});
