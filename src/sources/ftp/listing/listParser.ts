import type { FoundDate } from './dateForms';
import type { Order } from './dateParts';
import { dosLine } from './dosList';
import { isFirstHeading, isHeading } from './headings';
import { looseUnixLine } from './looseUnix';
import type { LineContent, ListingParser } from './listed';
import { parseMlsdLine } from './mlsd';
import { otherDialects } from './otherLists';
import { unixLineParser } from './unixList';

/** A reader for one answer to LIST, of any dialect. `now` in seconds since 1970. */
export function listParser(text: string, now: number): ListingParser {
  const usual = unixLineParser(now);
  const orders = new Set<Order>();
  const onDate = ({ order }: FoundDate): void => {
    if (order !== undefined) orders.add(order);
  };
  const heading = firstHeading(text);
  const read = (line: string): LineContent => usual(line) ?? unusual(line, now, onDate, heading);
  const rewritten = twoPartTimes(text);
  return {
    line: rewritten === undefined ? read : (line) => read(rewritten(line)),
    order: () => (orders.size === 1 ? [...orders][0] : undefined),
  };
}

function unusual(
  line: string,
  now: number,
  onDate: (date: FoundDate) => void,
  heading: string | undefined,
): LineContent {
  if (line === heading || isHeading(line)) return 'nothing';
  const found = looseUnixLine(line, now, onDate) ?? dosLine(line, now, onDate);
  if (found !== undefined) return found;
  for (const read of otherDialects) {
    const other = read(line, now, onDate);
    if (other !== undefined) return other;
  }
  // Some servers answer LIST in the form of MLSD.
  return /^[A-Za-z.]{1,20}=[^;]*;/.test(line) ? parseMlsdLine(line) : undefined;
}

const usualLine = /^[-bcdlps][-rwxsStT]{9}[^\n]*/gm;
const usualTime = / \d{1,2}:\d\d /;

/** Parts of a time that look like the beginning of the name, and how to write them so that they do not. */
const parts: readonly { readonly pattern: RegExp; readonly as: string; readonly least: number }[] =
  [
    { pattern: / ((?:19|20)\d\d) (\d{1,2}:\d\d) /, as: ' $1, $2 ', least: 1 },
    { pattern: / (\d{1,2}:\d\d) ((?:19|20)\d\d) /, as: ' $2, $1 ', least: 2 },
    { pattern: / (\d{1,2}:\d\d) ([AaPp][Mm]) /, as: ' $1$2 ', least: 2 },
  ];

/**
 * Some servers write year and time together, or the half of the day behind it. Only where all lines do
 * so is it no part of the names; those of `.` and `..` are among them, as a rule.
 */
function twoPartTimes(text: string): ((line: string) => string) | undefined {
  const part = parts.find((one) => one.pattern.test(text) && isInAllLines(one, text));
  return part === undefined ? undefined : (line) => line.replace(part.pattern, part.as);
}

function isInAllLines({ pattern, least }: (typeof parts)[number], text: string): boolean {
  let lines = 0;
  for (const [line] of text.matchAll(usualLine)) {
    const at = usualTime.exec(line)?.index;
    if (at === undefined) continue;
    const found = pattern.exec(line)?.index;
    if (found === undefined || Math.abs(found - at) > ' 2014'.length) return false;
    lines += 1;
  }
  return lines >= least;
}

function firstHeading(text: string): string | undefined {
  const [first = '', next] = text.slice(0, 2000).split(/\r?\n/);
  return isFirstHeading(first, next) ? first : undefined;
}
