import type { EntryType } from '../../../model/entry';
import { certainDate, type FoundDate } from './dateForms';
import { listedOf } from './listedOf';
import { placed, type LineContent } from './listed';
import { sizeIn } from './sizes';

/**
 * What stands behind date and time in a line of the DOS dialect: a kind in angle brackets, or a size.
 * IIS fills the column of `<DIR>` up to ten blanks, and puts exactly one behind a size.
 */
const kind = / +<([A-Z]+)>(?: {10}|(?<=<JUNCTION>) {5}|(?<=<SYMLINKD?>) {5,6}| +)(.+)$/sy;
const amount = / +(-?\d[\d.,'\xa0]*[kKMGT]?i?[Bb]?) (.+)$/sy;

const types: Readonly<Record<string, EntryType>> = {
  DIR: 'directory',
  JUNCTION: 'directory',
  SYMLINKD: 'symlink',
  SYMLINK: 'symlink',
};

/**
 * A line of the DOS dialect: `11-23-26  07:24AM       <DIR>          name`, as IIS lists; other servers
 * with 24 hours, other years and the day first. Its times are of an unknown zone: they are taken to be UTC.
 */
export function dosLine(line: string, now: number, onDate: (date: FoundDate) => void): LineContent {
  const start = /^ {0,4}(?=\d)/.exec(line)?.[0].length;
  if (start === undefined) return undefined;
  const date = certainDate(line, start, now);
  if (date === undefined || date.dayOnly) return undefined;
  const entry = entryBehind(line, date);
  if (entry !== undefined) onDate(date);
  return entry;
}

function entryBehind(line: string, { end, moment, either }: FoundDate): LineContent {
  const time = { granularity: 60, moment, either };
  kind.lastIndex = end;
  const [, word = '', named] = kind.exec(line) ?? [];
  if (named !== undefined) {
    const type = types[word];
    if (type === undefined) return placed({ named });
    const place = type === 'symlink' ? targetIn(named) : { name: named };
    return placed(listedOf({ ...time, ...place, type }));
  }
  amount.lastIndex = end;
  const [, digits, name] = amount.exec(line) ?? [];
  if (name === undefined) return undefined;
  return placed(listedOf({ ...time, name, type: 'file', size: sizeIn(digits) }));
}

/** `name [target]` */
function targetIn(text: string): { name: string; target?: string } {
  const match = /^(.+) \[(.+)\]$/s.exec(text);
  return match === null ? { name: text } : { name: match[1] ?? '', target: match[2] ?? '' };
}
