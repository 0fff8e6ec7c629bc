import { dated } from './languageLines';
import { at, one, utf8, type ListingCase } from './listingCase';

const august = at(2026, 8, 4, 7, 24);

/** Servers that list in the manner of `ls -l`. */
export const unixLines: readonly ListingCase[] = [
  dated('a recent file', 'Aug  4 07:24', august),
  dated('an old file', 'Feb 03  2020', at(2020, 2, 3)),
  dated('midnight at the end of the day', 'Apr   4 24:00', at(2026, 4, 5)),
  // Orders and marks.
  dated('the day first', '01 oct 2004', at(2004, 10, 1)),
  dated('the day first, with time', '4 Aug 07:24', august),
  dated('a dot behind the day', 'Aug 4. 07:24', august),
  dated('a comma behind the day', 'Aug 04, 2020', at(2020, 8, 4)),
  dated('year and time together', 'Oct 08, 2002 09:47', at(2002, 10, 8, 9, 47)),
  dated('year and time together', '8 Oct 2002 09:47', at(2002, 10, 8, 9, 47)),
  dated('BSD, long', 'Oct  8 09:47:11 2002', at(2002, 10, 8, 9, 47, 11)),
  dated('a weekday', 'Tue Oct  8 09:47:11 2002', at(2002, 10, 8, 9, 47, 11)),
  dated('a dot in the time', 'Aug  4 07.24', august),
  dated('half a day', 'Aug  4 7:24PM', at(2026, 8, 4, 19, 24)),
  dated('year and time together, no comma', 'Oct 08 2002 09:47', at(2002, 10, 8, 9, 47)),
  dated('hyphens and a name', '01-jun-99', at(1999, 6, 1)),
  dated('hyphens and a name', 'Feb-28-1998 05:23:30', at(1998, 2, 28, 5, 23, 30)),
  // Months as numbers.
  dated('month and day', '8 24 03:26', at(2026, 8, 24, 3, 26)),
  dated('the time style "iso"', '09-26 13:45', at(2026, 9, 26, 13, 45)),
  dated('the time style "iso", old', '2005-06-07 ', at(2005, 6, 7)),
  dated('month, day and year', '09-26 2000', at(2000, 9, 26)),
  dated('the time style "long-iso"', '2020-02-03 04:05', at(2020, 2, 3, 4, 5)),
  dated('ISO with seconds', '2020-02-03 04:05:06', at(2020, 2, 3, 4, 5, 6)),
  dated(
    'the time style "full-iso"',
    '2020-02-03 04:05:06.500000000 +0100',
    at(2020, 2, 3, 3, 5, 6) + 0.5,
  ),
  dated('ISO with T and Z', '2020-02-03T04:05:06Z', at(2020, 2, 3, 4, 5, 6)),
  dated('slashes', '1999/10/12 17:12', at(1999, 10, 12, 17, 12)),
  dated('the day first', '24-04-2013 17:12', at(2013, 4, 24, 17, 12)),
  dated('the day first, dots', '03.04.2013 17:12', at(2013, 4, 3, 17, 12)),
  dated('dots', '2014.07.15', at(2014, 7, 15)),
  one('dots, and blanks to fill the column', '-r-xr-xr-x   2 root  root  96 2014.07.15   dotted', {
    name: 'dotted',
    size: 96,
    mtime: at(2014, 7, 15),
  }),
  // Before the date.
  one(
    'no blank before a link count of three digits',
    'drwxr-xr-x100 root other 512 Aug  4 07:24 d',
    {
      name: 'd',
      type: 'directory',
      size: 0,
      mtime: august,
    },
  ),
  one('no group', 'dr-xr-xr-x   2 root                  512 Apr  8  1994 etc', {
    name: 'etc',
    type: 'directory',
    size: 0,
    mtime: at(1994, 4, 8),
  }),
  one('neither owner nor group', '-r--r--r-- 0125039 12 Nov 11 2005 f', {
    name: 'f',
    size: 12,
    mtime: at(2005, 11, 11),
  }),
  one('no link count', '-rw-r--r-- root other 531 Aug  4 07:24 f', {
    name: 'f',
    size: 531,
    mtime: august,
  }),
  one('nothing but a size', '-rw-r--r-- 531 Aug  4 07:24 f', {
    name: 'f',
    size: 531,
    mtime: august,
  }),
  one('owner and group with blanks', '-rw-r--r--   1 group domain user 531 Aug  4 07:24 f', {
    name: 'f',
    size: 531,
    mtime: august,
  }),
  one('an owner of numbers', '-rw-r--r--   1 3 12 2019 Aug  4 2020 1 2 2020 f', {
    name: '1 2 2020 f',
    size: 2019,
    mtime: at(2020, 8, 4),
  }),
  ...['+', '.', '@', '*'].map((mark) =>
    one(`the mark ${mark} of ACLs`, `-rw-r--r--${mark}  1 o g 12 Aug  4 07:24 acl`, {
      name: 'acl',
      size: 12,
      mtime: august,
    }),
  ),
  one('blocks before', '   4 -rw-r--r-- 1 o g 12 Aug  4 07:24 f', {
    name: 'f',
    size: 12,
    mtime: august,
  }),
  one('inode and blocks before', '123456   4 -rw-r--r-- 1 o g 12 Aug  4 07:24 f', {
    name: 'f',
    size: 12,
    mtime: august,
  }),
  one('a device', 'brw-rw----  1 root disk  8,   1 Aug  4 07:24 sda1', {
    name: 'sda1',
    type: 'other',
    size: 0,
    mtime: august,
  }),
  one('a door', 'Drw-r--r-- 1 root other 0 Aug  4 07:24 door', {
    name: 'door',
    type: 'other',
    size: 0,
    mtime: august,
  }),
  one('NetPresenz', 'drwxrwxr-x               folder        2 May 10  1996 network', {
    name: 'network',
    type: 'directory',
    size: 0,
    mtime: at(1996, 5, 10),
  }),
  one('NetWare', 'd [R----F--] supervisor            512       Jan 16 18:53    login', {
    name: '   login',
    type: 'directory',
    size: 0,
    mtime: at(2026, 1, 16, 18, 53),
  }),
  one('NetWare', '- [RWCEAFMS] rhesus             214059       Oct 20 15:27 cx.exe', {
    name: 'cx.exe',
    size: 214_059,
    mtime: at(2026, 10, 20, 15, 27),
  }),
  one('Connect:Enterprise', '-C--E-----FTP B BCC3I1       7670  1294495 Jan 13 07:42 f', {
    name: 'f',
    size: 1_294_495,
    mtime: at(2026, 1, 13, 7, 42),
  }),
  // Sizes.
  one('a size of 32 bits that wrapped', '-rw-r--r-- 1 o g -1294967296 Aug  4 07:24 big', {
    name: 'big',
    mtime: august,
  }),
  one('a size beyond all sense', '-rw-r--r-- 1 o g 18446744073709551615 Aug  4 07:24 big', {
    name: 'big',
    mtime: august,
  }),
  one('a size with a unit', '-rw-r--r-- 1 root other 33.5k Aug  4 07:24 f', {
    name: 'f',
    mtime: august,
  }),
  one('thousands', '-rw-r--r-- 1 root other 1,234,567 Aug  4 07:24 f', {
    name: 'f',
    size: 1_234_567,
    mtime: august,
  }),
  one('no blank before the size', '-r-xr-xr-x longowner longgroup123456 Aug  4 07:24 f', {
    name: 'f',
    mtime: august,
  }),
  one('no size', '-rw-r--r-- 1 o g Aug  4 07:24 f', { name: 'f', mtime: august }),
  // Times that nobody can read cost the time alone.
  one('a month in no language', '-rw-r--r-- 1 o g 12 Xyz  4 07:24 f', { name: 'f', size: 12 }),
  one('a month in no language', '-rw-r--r-- 1 o g 12 4 Xyz 2020 f', { name: 'f', size: 12 }),
  one('a month of three words', utf8('-rw-r--r-- 1 o g 12 tháng 8 4 07:24 f'), {
    name: 'f',
    size: 12,
  }),
  one('a month of zeros', '-rw-rw-rw- 1 noone nogroup 531 000 17 2025 f', { name: 'f', size: 531 }),
  // A listing as a whole.
  {
    what: 'the year behind the time',
    lines: [
      'drwxr-xr-x 2 o g 4096 Jul 29 02:27 2014 .',
      'drwxr-xr-x 2 o g 4096 Jul 29 02:27 2014 ..',
      '-rw-r--r-- 1 o g 12 Jul 29 02:27 2014 2015 f',
    ],
    entries: [{ name: '2015 f', size: 12, mtime: at(2014, 7, 29, 2, 27) }],
  },
  {
    what: 'the half of the day behind the time',
    lines: ['drwxr-xr-x 2 o g 4096 Aug  4 7:24 PM .', '-rw-r--r-- 1 o g 12 Aug  4 7:24 AM AM f'],
    entries: [{ name: 'AM f', size: 12, mtime: august }],
  },
  {
    what: 'a name that begins with a year',
    lines: [
      'drwxr-xr-x 2 o g 4096 Jul 29 02:27 .',
      '-rw-r--r-- 1 o g 12 Jul 29 02:27 2014 Invoices',
    ],
    entries: [{ name: '2014 Invoices', size: 12, mtime: at(2026, 7, 29, 2, 27) }],
  },
  {
    what: 'the order of day and month, shown by another line',
    lines: ['-rw-r--r-- 1 o g 12 03/04/2013 17:12 a', '-rw-r--r-- 1 o g 12 24/04/2013 17:12 b'],
    entries: [
      { name: 'a', size: 12, mtime: at(2013, 4, 3, 17, 12) },
      { name: 'b', size: 12, mtime: at(2013, 4, 24, 17, 12) },
    ],
  },
  {
    what: 'the order of day and month, shown by none',
    lines: ['-rw-r--r-- 1 o g 12 03/04/2013 17:12 a'],
    entries: [{ name: 'a', size: 12 }],
  },
  ...['total 12', 'total 1.2M', 'insgesamt 12', utf8('итого 12'), utf8('合計 12')].map(
    (heading): ListingCase => ({
      what: `the heading ${heading}`,
      lines: [heading, '-rw-r--r-- 1 o g 12 Aug  4 07:24 f'],
      entries: [{ name: 'f', size: 12, mtime: august }],
    }),
  ),
  // Names.
  one('a name with blanks at both ends', '-rw-r--r-- 1 o g 12 Aug  4 07:24  f ', {
    name: ' f ',
    size: 12,
    mtime: august,
  }),
  one(
    'a blank before the name, an old date in another language',
    '-rw-r--r-- 1 o g 12 Mai  4  2020  f',
    {
      name: ' f',
      size: 12,
      mtime: at(2020, 5, 4),
    },
  ),
  one('a name with an arrow', '-rw-r--r-- 1 o g 12 Aug  4 07:24 a -> b', {
    name: 'a -> b',
    size: 12,
    mtime: august,
  }),
  one('a name with a carriage return', '-rw-r--r-- 1 o g 12 Aug  4 07:24 a\rb', {
    name: 'a\rb',
    size: 12,
    mtime: august,
  }),
  one('a link', 'lrwxrwxrwx 1 root other 7 Jan 25 00:17 bin -> usr/bin', {
    name: 'bin',
    type: 'symlink',
    size: 0,
    mtime: at(2026, 1, 25, 0, 17),
    target: 'usr/bin',
  }),
  one('a link with a date of another form', 'lrwxrwxrwx 1 r o 7 2020-02-03 04:05 bin -> usr/bin', {
    name: 'bin',
    type: 'symlink',
    size: 0,
    mtime: at(2020, 2, 3, 4, 5),
    target: 'usr/bin',
  }),
  one('a slash behind folders', 'drwxr-xr-x 2 o g 4096 4 Aug 07:24 d/', {
    name: 'd',
    type: 'directory',
    size: 0,
    mtime: august,
  }),
];
