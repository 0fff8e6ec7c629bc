import type { EntryType } from '../../../model/entry';
import { certainDate, type FoundDate } from './dateForms';
import { listedOf, type Told } from './listedOf';
import { placed, type LineContent } from './listed';
import { sizeIn } from './sizes';

type Reader = (line: string, now: number, onDate: (date: FoundDate) => void) => LineContent;

/** `+i8388621.48594,m825718503,r,s280,up644<tab>name`: cr.yp.to/ftp/list/eplf.html. */
const easilyParsed: Reader = (line) => {
  const match = /^\+([^\t]*)\t(.+)$/s.exec(line);
  if (match === null) return undefined;
  const [, list = '', name = ''] = match;
  const facts = list.split(',');
  const isFolder = facts.includes('/');
  if (!isFolder && !facts.includes('r')) return placed({ named: name });
  const told = (pattern: RegExp): string | undefined =>
    facts.map((fact) => pattern.exec(fact)?.[1]).find((value) => value !== undefined);
  const seconds = told(/^m(-?\d{1,12})$/);
  const mode = told(/^up([0-7]{1,5})$/);
  return placed(
    listedOf({
      name,
      type: isFolder ? 'directory' : 'file',
      size: sizeIn(told(/^s(.+)$/)),
      moment: seconds === undefined ? undefined : { mtime: Number(seconds), granularity: 1 },
      granularity: 1,
      mode: mode === undefined ? undefined : Number.parseInt(mode, 8) & 0o7777,
    }),
  );
};

const typesByBits: Readonly<Record<number, EntryType>> = {
  [0o10]: 'file',
  [0o4]: 'directory',
  [0o12]: 'symlink',
};

/** `0100644   500  101   12345    123456789       name`: mode, owner, group, size, seconds since 1970. */
const numbers: Reader = (line) => {
  const match = /^0?([0-7]{5,6}) +\d+ +\d+ +(\d+) +(\d{6,11}) +(.+)$/s.exec(line);
  if (match === null) return undefined;
  const [, bits = '', amount, seconds, name = ''] = match;
  const mode = Number.parseInt(bits, 8);
  const type = typesByBits[mode >> 12] ?? 'other';
  const moment = { mtime: Number(seconds), granularity: 1 };
  const told = { name, type, size: sizeIn(amount), moment, granularity: 1, mode: mode & 0o7777 };
  return placed(listedOf(told));
};

/**
 * The size first: `206876  Apr 04, 2000 21:06 name` (VShell; folders end with a slash), `2048
 * Feb-28-1998  05:23:30   name <DIR>` (VxWorks), `0 DIR  02-11-103  16:15  name` (OS/2).
 */
const sizeFirst: Reader = (line, now, onDate) => {
  const match = /^ *(-?\d+)( +DIR)?( +[ARSHD]{1,5})? +/.exec(line);
  if (match === null) return undefined;
  const date = certainDate(line, match[0].length, now);
  if (date === undefined || date.dayOnly) return undefined;
  const rest = line.slice(date.end + 1).trimStart();
  if (rest === '') return undefined;
  onDate(date);
  const [, amount, folder, attributes] = match;
  // The servers of OS/2 have the month first, in the American way.
  const isOfOs2 = folder !== undefined || attributes !== undefined;
  const { name, isMarked } = withoutMark(rest);
  return placed(
    listedOf({
      name,
      type: folder !== undefined || isMarked ? 'directory' : 'file',
      size: sizeIn(amount),
      ...timeOf(date, isOfOs2),
    }),
  );
};

/** `QSYS            77824 02/23/00 15:09:55 *DIR       name/`: AS/400 in the naming of Unix. */
const as400: Reader = (line, now, onDate) => {
  const match = /^\S+ +(\d+) +/.exec(line);
  const date = match === null ? undefined : certainDate(line, match[0].length, now);
  if (match === null || date === undefined || date.dayOnly) return undefined;
  const behind = /^ +\*([A-Z]+) +(.+)$/s.exec(line.slice(date.end));
  if (behind === null) return undefined;
  onDate(date);
  const [, kind = '', text = ''] = behind;
  const isFolder = /^D?DIR$/.test(kind);
  const { name } = withoutMark(text);
  if (!isFolder && !/^D?STMF$/.test(kind)) return placed({ named: name });
  const type = isFolder ? 'directory' : 'file';
  return placed(listedOf({ name, type, size: sizeIn(match[1]), ...timeOf(date, false) }));
};

/** A name without what marks it as a folder: a slash or `<DIR>` behind it. */
function withoutMark(text: string): { readonly name: string; readonly isMarked: boolean } {
  const name = text.replace(/ +<DIR>$/, '').replace(/(?<=.)\/$/, '');
  return { name, isMarked: name !== text };
}

function timeOf(
  { moment, either }: FoundDate,
  monthFirst: boolean,
): Pick<Told, 'moment' | 'either' | 'granularity'> {
  return {
    moment: moment ?? (monthFirst ? either?.monthFirst : undefined),
    either,
    granularity: 60,
  };
}

/** The dialects that few servers speak. */
export const otherDialects: readonly Reader[] = [easilyParsed, numbers, sizeFirst, as400];
