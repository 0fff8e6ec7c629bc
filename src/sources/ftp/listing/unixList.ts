import type { EntryType } from '../../../model/entry';
import { monthOf, recentMoment, secondsOf, type Moment } from './dates';
import type { LineParser, Listed } from './listed';

/**
 * `drwxr-xr-x   2 owner group   4096 Nov 23 07:24 name`. Owner and group may be missing or have
 * spaces; a device has two numbers for a size; exactly one space stands before the name.
 */
const line =
  /^([-bcdlpsD])([-rwxsStTlL]{9})[.+@]? (.{0,200}?) ?(\d+|\d+, *\d+) +(?:([A-Za-z]{3}) +(\d{1,2}) +(\d{4}|\d{1,2}:\d\d)|(\d{4}-\d\d-\d\d) (\d\d:\d\d)) (.+)$/s;

const types: Readonly<Record<string, EntryType>> = { '-': 'file', d: 'directory', l: 'symlink' };

/**
 * A reader for lines in the form of `ls -l`, which no standard describes. Times without a year are
 * taken to be before `now` (seconds since 1970), and all of them to be UTC: nothing tells the zone.
 */
export function unixLineParser(now: number): LineParser {
  return (text) => {
    if (/^total \d+$/.test(text)) return 'nothing';
    const match = line.exec(text);
    if (match === null) return undefined;
    const name = match[10] ?? '';
    if (name === '.') return 'folder';
    return name === '..' ? 'nothing' : entryOf(match, name, now);
  };
}

function entryOf(match: RegExpExecArray, name: string, now: number): Listed | undefined {
  const [, letter = '', rights = '', , amount = ''] = match;
  const moment = momentIn(match, now);
  const type = types[letter] ?? 'other';
  const size = Number(amount);
  if (type === 'file' && !Number.isSafeInteger(size)) return undefined;
  const common = {
    type,
    size: type === 'file' ? size : 0,
    granularity: moment?.granularity ?? 86_400,
    mode: modeOf(rights),
    ...(moment && { mtime: moment.mtime }),
  };
  return type === 'symlink' ? { ...common, ...linkOf(name, size) } : { ...common, name };
}

/**
 * `name -> target`. Where there are several arrows, the size of the link tells: it is the number of
 * bytes of its target.
 */
function linkOf(text: string, size: number): { name: string; target?: string } {
  const arrow = ' -> ';
  const bySize = text.length - size - arrow.length;
  const first = text.indexOf(arrow);
  const at = size > 0 && bySize > 0 && text.startsWith(arrow, bySize) ? bySize : first;
  if (at <= 0) return { name: text };
  return { name: text.slice(0, at), target: text.slice(at + arrow.length) };
}

function momentIn(match: RegExpExecArray, now: number): Moment | undefined {
  const [, , , , , monthName = '', day, yearOrTime = '', isoDate, isoTime = ''] = match;
  if (isoDate !== undefined) return isoMoment(isoDate, isoTime);
  const month = monthOf(monthName);
  if (month === undefined) return undefined;
  if (!yearOrTime.includes(':')) {
    return momentOrNone(secondsOf(Number(yearOrTime), month, Number(day)), 86_400);
  }
  const [hour = 0, minute = 0] = yearOrTime.split(':').map(Number);
  return momentOrNone(recentMoment(month, Number(day), hour, minute, now), 60);
}

function isoMoment(date: string, time: string): Moment | undefined {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return momentOrNone(secondsOf(year, month - 1, day, hour, minute), 60);
}

function momentOrNone(mtime: number | undefined, granularity: number): Moment | undefined {
  return mtime === undefined ? undefined : { mtime, granularity };
}

/** The bits of `rwsr-xr-t`. */
function modeOf(rights: string): number {
  let mode = 0;
  for (const letter of rights) mode = mode * 2 + (/[rwxst]/.test(letter) ? 1 : 0);
  const special = (index: number, bit: number): number =>
    /[sStTlL]/.test(rights.charAt(index)) ? bit : 0;
  return mode | special(2, 0o4000) | special(5, 0o2000) | special(8, 0o1000);
}
