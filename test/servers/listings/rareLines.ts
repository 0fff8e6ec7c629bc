import { at, one, type ListingCase } from './listingCase';

/** Servers with a dialect of their own. */
export const rareLines: readonly ListingCase[] = [
  one('EPLF', '+i8388621.48594,m825718503,r,s280,up755\ta file', {
    name: 'a file',
    size: 280,
    mtime: 825_718_503,
  }),
  one('EPLF', '+i8388621.50690,m824255907,/,\ta folder', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: 824_255_907,
  }),
  one('EPLF without facts', '+r,\t a file', { name: ' a file' }),
  one('numbers', '0100644   500  101   12345    123456789       a file', {
    name: 'a file',
    size: 12_345,
    mtime: 123_456_789,
  }),
  one('numbers', '0040755   500  101   4096    123456789       a folder', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: 123_456_789,
  }),
  one('VShell', '206876  Apr 04, 2000 21:06 a file', {
    name: 'a file',
    size: 206_876,
    mtime: at(2000, 4, 4, 21, 6),
  }),
  one('VShell', '0  Dec 12, 2002 02:13 a folder/', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: at(2002, 12, 12, 2, 13),
  }),
  one('VxWorks', '2048    Feb-28-1998  05:23:30   a folder <DIR>', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: at(1998, 2, 28, 5, 23, 30),
  }),
  one('OS/2', '36611      A    04-23-103   10:57  a file', {
    name: 'a file',
    size: 36_611,
    mtime: at(2003, 4, 23, 10, 57),
  }),
  one('OS/2', ' 1123      A    07-04-99   12:37  a file', {
    name: 'a file',
    size: 1123,
    mtime: at(1999, 7, 4, 12, 37),
  }),
  one('OS/2', '    0 DIR       02-11-103   16:15  a folder', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: at(2003, 2, 11, 16, 15),
  }),
  one('AS/400', 'QSYS            77824 02/23/00 15:09:55 *DIR       a folder/', {
    name: 'a folder',
    type: 'directory',
    size: 0,
    mtime: at(2000, 2, 23, 15, 9, 55),
  }),
  one('AS/400', 'QPGMR           36864 18.09.06 14:21:26 *STMF      a file', {
    name: 'a file',
    size: 36_864,
    mtime: at(2006, 9, 18, 14, 21, 26),
  }),
  one('LIST answered in the form of MLSD', 'type=file;size=3;modify=20200203040506; a file', {
    name: 'a file',
    size: 3,
    mtime: at(2020, 2, 3, 4, 5, 6),
  }),
];

/** Systems whose paths are none of ours: the run ends with the first line that is not understood. */
export const oldSystems: readonly { readonly what: string; readonly lines: readonly string[] }[] = [
  { what: 'VMS', lines: ['README.TXT;1  155/156  19-NOV-2001 21:41 [ROOT,ROOT] (RWE,RWE,RE,RE)'] },
  {
    what: 'VMS',
    lines: ['Directory PUB:[FTP]', '', 'A_LONG_NAME.TXT;1', '   10  2-JUL-2003 10:30'],
  },
  {
    what: 'MVS',
    lines: [
      'Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname',
      'WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  SOME.FILE',
    ],
  },
  { what: 'MVS', lines: ['Migrated                                SOME.FILE'] },
  {
    what: 'z/VM',
    lines: ['ZVMFILE  TRACE   V        65      107        2 2005-10-04 15:28:42 060191'],
  },
  { what: 'HP NonStop', lines: ['NONSTOP 101 528 6-Apr-07 14:21:18 255, 0 "oooo"'] },
  { what: 'Nortel', lines: ['nortel-file       1014196  06/03/04  Thur.   10:20:03'] },
  { what: 'a page of the web', lines: ['<html>', '<body>Index of /</body>', '</html>'] },
];
