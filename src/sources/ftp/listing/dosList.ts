import { secondsOf } from './dates';
import type { LineParser } from './listed';

/** `11-23-26  07:24AM       <DIR>          name`, as IIS lists; 24 hours and four digits of a year by setting. */
const line =
  /^(\d\d)-(\d\d)-(\d\d|\d{4}) +(\d{1,2}):(\d\d) ?([AP]M)? +(?:<DIR>(?: {10}| +)|<JUNCTION>(?: {5}| +)|(\d+) )(.+)$/s;

/** A line of the DOS dialect. Its times are of an unknown zone: they are taken to be UTC. */
export const parseDosLine: LineParser = (text) => {
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, month, day, shortYear = '', hour, minute, half, size, name = ''] = match;
  if (name === '.') return 'folder';
  if (name === '..') return 'nothing';
  if (size !== undefined && !Number.isSafeInteger(Number(size))) return undefined;
  const mtime = secondsOf(
    fullYear(shortYear),
    Number(month) - 1,
    Number(day),
    hourOf(Number(hour), half),
    Number(minute),
  );
  return {
    name,
    type: size === undefined ? 'directory' : 'file',
    size: Number(size ?? 0),
    granularity: 60,
    ...(mtime !== undefined && { mtime }),
  };
};

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 4) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
}
