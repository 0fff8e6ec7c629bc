import { at, one, type ListingCase } from './listingCase';

const folder = (what: string, line: string, mtime?: number): ListingCase =>
  one(what, line, { name: 'a folder', type: 'directory', size: 0, ...(mtime && { mtime }) });

const file = (what: string, line: string, size: number | undefined, mtime?: number): ListingCase =>
  one(what, line, { name: 'a file', ...(size !== undefined && { size }), ...(mtime && { mtime }) });

/** Servers that list in the manner of DOS: IIS and those that follow it. */
export const dosLines: readonly ListingCase[] = [
  folder('IIS', '04-06-20  12:09PM       <DIR>          a folder', at(2020, 4, 6, 12, 9)),
  file('IIS', '04-06-20  03:47PM                  589 a file', 589, at(2020, 4, 6, 15, 47)),
  file('IIS, long years', '04-06-2020  03:47AM        589 a file', 589, at(2020, 4, 6, 3, 47)),
  file('24 hours', '04-27-20  15:47                  589 a file', 589, at(2020, 4, 27, 15, 47)),
  folder('24 hours', '04-27-20  15:47       <DIR>          a folder', at(2020, 4, 27, 15, 47)),
  file('24 hours, of an order that nothing tells', '04-06-20  15:47     589 a file', 589),
  folder('long years', '2002-09-02  18:48       <DIR>          a folder', at(2002, 9, 2, 18, 48)),
  file('thousands', '2002-09-02  19:06                9,730 a file', 9730, at(2002, 9, 2, 19, 6)),
  file(
    'thousands, dots',
    '02.09.2002  19:06       1.009.730 a file',
    1_009_730,
    at(2002, 9, 2, 19, 6),
  ),
  file('the day first', '27.04.2020  15:47              589 a file', 589, at(2020, 4, 27, 15, 47)),
  file('the day first', '27-04-2020  15:47              589 a file', 589, at(2020, 4, 27, 15, 47)),
  file('the day first', '27/04/2020  15:47              589 a file', 589, at(2020, 4, 27, 15, 47)),
  file('slashes', '2020/04/27  15:47                 589 a file', 589, at(2020, 4, 27, 15, 47)),
  file('seconds', '2020-04-27  15:47:11              589 a file', 589, at(2020, 4, 27, 15, 47, 11)),
  file('a blank before PM', '04-27-2020  03:47 PM       589 a file', 589, at(2020, 4, 27, 15, 47)),
  file(
    'a negative size',
    '04-06-20  03:47PM        -1294967296 a file',
    undefined,
    at(2020, 4, 6, 15, 47),
  ),
  file(
    'a size with a unit',
    '04-06-20  03:47PM            3.2MB a file',
    undefined,
    at(2020, 4, 6, 15, 47),
  ),
  one('a name with a blank before it', '04-06-20  03:47PM        589  a file', {
    name: ' a file',
    size: 589,
    mtime: at(2020, 4, 6, 15, 47),
  }),
  folder('a junction', '04-06-20  12:09PM       <JUNCTION>     a folder', at(2020, 4, 6, 12, 9)),
  one('a link', '04-06-20  12:09PM       <SYMLINKD>     a link [C:\\target]', {
    name: 'a link',
    type: 'symlink',
    size: 0,
    mtime: at(2020, 4, 6, 12, 9),
    target: 'C:\\target',
  }),
  {
    what: 'the order of day and month, shown by another line against the habit',
    lines: ['04-06-20  03:47PM     589 a', '27-06-20  03:47PM     589 b'],
    entries: [
      { name: 'a', size: 589, mtime: at(2020, 6, 4, 15, 47) },
      { name: 'b', size: 589, mtime: at(2020, 6, 27, 15, 47) },
    ],
  },
  {
    what: 'what the shell writes around it',
    lines: [
      ' Volume in drive C has no label.',
      ' Volume Serial Number is 1234-ABCD',
      ' Directory of C:\\ftp',
      '04-27-20  15:47                  589 a file',
      '               1 File(s)            589 bytes',
      '               0 Dir(s)  12,345,678 bytes free',
    ],
    entries: [{ name: 'a file', size: 589, mtime: at(2020, 4, 27, 15, 47) }],
  },
];
