import type { EntryType } from '../../../model/entry';
import { certainDate, likelyDate, type FoundDate } from './dateForms';
import { placed, type LineContent } from './listed';
import { listedOf } from './listedOf';
import { linkOf } from './linkOf';
import { modeOfRights } from './rights';
import { sizeIn } from './sizes';

/**
 * What begins with type and rights, whatever comes then: a mark of ACLs, a link count without a blank
 * before it. The second form is NetWare's, `d [R----F--] owner`. `ls -s` and `ls -i` put numbers before.
 */
const head =
  /^ *(?:\d+ +){0,2}([-bcdlpsDCMnP?])([-rwxsStTlL]{9}|[-A-Z]{9}|\?{9}|(?= \[))( \[[-A-Z]{8,12}\]|\S*)/;

/** Where in the usual order the date begins, counted from behind the rights: count, owner, group, size. */
const usualPlace = 4;
const mostPlaces = 14;

const types: Readonly<Record<string, EntryType | undefined>> = {
  '-': 'file',
  d: 'directory',
  l: 'symlink',
  '?': undefined,
};

/**
 * A line in the manner of `ls -l` that is not of its usual form: dates in other languages and orders,
 * without owner, group or size. The name is what comes behind the date, so it is the date that counts.
 */
export function looseUnixLine(
  line: string,
  now: number,
  onDate: (date: FoundDate) => void,
): LineContent {
  const found = head.exec(line);
  if (found === null) return undefined;
  if (found[2] === '?????????') return unknownAttributes(line, found);
  const places = wordsFrom(line, found[0].length);
  const at = dateIn(line, places, now);
  if (at === undefined) return undefined;
  onDate(at.date);
  const rest = line.slice(at.date.end + 1);
  const name = at.date.isPadded ? rest.trimStart() : rest;
  const amount = at.place === undefined ? undefined : line.slice(...at.place);
  return entryOf(found, name, amount, at.date);
}

type Span = readonly [number, number];

/** Where words begin and end, from a place of the line on. */
function wordsFrom(line: string, start: number): Span[] {
  const spans: Span[] = [];
  const word = /[^ ]+/g;
  word.lastIndex = start;
  for (let match = word.exec(line); match !== null; match = word.exec(line)) {
    spans.push([match.index, match.index + match[0].length]);
    if (spans.length > mostPlaces) break;
  }
  return spans;
}

interface Place {
  readonly date: FoundDate;
  /** The word before it. */
  readonly place: Span | undefined;
}

/** A date of `ls -l` has so many words at least. */
const fewestWords = 3;

function dateIn(line: string, spans: readonly Span[], now: number): Place | undefined {
  const certain = certainIn(line, spans, now);
  const index = certain?.index ?? spans.length;
  // A name may hold a date, behind one that cannot be read.
  for (let place = usualPlace; place <= index - fewestWords; place += 1) {
    const found = likelyAt(line, spans, place, now);
    if (found !== undefined) return found;
  }
  if (certain !== undefined) return certain.found;
  for (let place = usualPlace; place > 0; place -= 1) {
    const found = likelyAt(line, spans, place, now);
    if (found !== undefined) return found;
  }
  return undefined;
}

function certainIn(
  line: string,
  spans: readonly Span[],
  now: number,
): { readonly index: number; readonly found: Place } | undefined {
  for (const [index, [start]] of spans.entries()) {
    const date = certainDate(line, start, now);
    if (date !== undefined) return { index, found: { date, place: spans[index - 1] } };
  }
  return undefined;
}

/** A date behind what looks like a size. */
function likelyAt(
  line: string,
  spans: readonly Span[],
  index: number,
  now: number,
): Place | undefined {
  const place = spans[index - 1];
  const start = spans[index]?.[0];
  if (start === undefined || place === undefined) return undefined;
  if (!/^[-+]?\d/.test(line.slice(...place))) return undefined;
  const date = likelyDate(line, start, now);
  return date === undefined ? undefined : { date, place };
}

function entryOf(
  [, letter = '', rights = '']: RegExpExecArray,
  name: string,
  amount: string | undefined,
  { moment, either }: FoundDate,
): LineContent {
  if (letter === '?') return placed({ named: name });
  const type = types[letter] ?? 'other';
  const size = sizeIn(amount);
  const told = { type, size, moment, either, granularity: 86_400, mode: modeOfRights(rights) };
  if (type === 'symlink') return placed(listedOf({ ...told, ...linkOf(name, size ?? 0) }));
  return placed(listedOf({ ...told, name: type === 'directory' ? withoutSlash(name) : name }));
}

/** `ls -p` and `ls -F` mark folders so. */
function withoutSlash(name: string): string {
  return name.length > 1 && name.endsWith('/') ? name.slice(0, -1) : name;
}

/** `-????????? ? ? ? ?            ? name`: GNU ls could not look at it. */
function unknownAttributes(line: string, [, letter = '']: RegExpExecArray): LineContent {
  const name = /^[-bcdlps?]\?{9}\S* +(?:\? +){3,}(.+)$/s.exec(line)?.[1];
  if (name === undefined) return undefined;
  const hint: EntryType | undefined = types[letter];
  return placed({ named: name, ...(hint && { hint }) });
}
