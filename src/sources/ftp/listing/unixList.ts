import type { EntryType } from '../../../model/entry';
import { sizeIfPossible } from '../../../model/fileSize';
import { recentMoment, secondsOf, type Moment } from './dates';
import { linkOf } from './linkOf';
import { placed, type LineContent, type LineParser } from './listed';
import { monthOf } from './months';
import { modeOfRights } from './rights';

/**
 * `drwxr-xr-x   2 owner group   4096 Nov 23 07:24 name`, as nearly all servers list. Owner and group may
 * be missing or have spaces; a device has two numbers for a size; exactly one space stands before the name.
 */
const line =
  /^([-bcdlpsD])([-rwxsStTlL]{9})[.+@]? (.{0,200}?)(?<= )(\d+|\d+, *\d+) +([A-Za-z]{3}) +(\d{1,2}) +(\d{4}|\d{1,2}:\d\d) (.+)$/s;

const types: Readonly<Record<string, EntryType>> = { '-': 'file', d: 'directory', l: 'symlink' };

/**
 * A reader for lines in the form of `ls -l`, which no standard describes. Times without a year are
 * taken to be before `now` (seconds since 1970), and all of them to be UTC: nothing tells the zone.
 */
export function unixLineParser(now: number): LineParser {
  return (text) => {
    const match = line.exec(text);
    if (match === null) return undefined;
    const moment = momentIn(match, now);
    return moment === undefined ? undefined : entryOf(match, moment);
  };
}

function entryOf(match: RegExpExecArray, moment: Moment): LineContent {
  const [, letter = '', rights = '', , amount = '', , , , name = ''] = match;
  const type = types[letter] ?? 'other';
  const size = Number(amount);
  const known = type === 'file' ? sizeIfPossible(size) : 0;
  const common = {
    type,
    ...(known !== undefined && { size: known }),
    ...moment,
    mode: modeOfRights(rights) ?? 0,
  };
  if (type === 'symlink') return placed({ ...common, ...linkOf(name, size) });
  return placed({ ...common, name });
}

function momentIn(match: RegExpExecArray, now: number): Moment | undefined {
  const [, , , , , monthName = '', day, yearOrTime = ''] = match;
  const month = monthOf(monthName);
  if (month === undefined) return undefined;
  if (!yearOrTime.includes(':')) {
    return momentOrNone(secondsOf(Number(yearOrTime), month, Number(day)), 86_400);
  }
  const [hour = 0, minute = 0] = yearOrTime.split(':').map(Number);
  return momentOrNone(recentMoment(month, Number(day), hour, minute, now), 60);
}

function momentOrNone(mtime: number | undefined, granularity: number): Moment | undefined {
  return mtime === undefined ? undefined : { mtime, granularity };
}
