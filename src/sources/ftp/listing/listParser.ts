import type { FoundDate } from './dateForms';
import type { Order } from './dateParts';
import { dosLine } from './dosList';
import { isFirstHeading, isHeading } from './headings';
import { looseUnixLine } from './looseUnix';
import type { LineContent, ListingParser } from './listed';
import { parseMlsdLine } from './mlsd';
import { otherDialects } from './otherLists';
import { timesInTwoParts } from './timesInTwoParts';
import { unixLineParser } from './unixList';

/** How to read times of two parts: as such where they may be, or as the beginnings of names. */
export type Reading = 'twoParts' | 'asWritten';

/** A reader for one answer to LIST, of any dialect. `now` in seconds since 1970. */
export function listParser(
  text: string,
  now: number,
  reading: Reading = 'twoParts',
): ListingParser {
  const usual = unixLineParser(now);
  const orders = new Set<Order>();
  const onDate = ({ order }: FoundDate): void => {
    if (order !== undefined) orders.add(order);
  };
  const heading = firstHeading(text);
  const read = (line: string): LineContent => usual(line) ?? unusual(line, now, onDate, heading);
  const times = reading === 'twoParts' ? timesInTwoParts(text) : undefined;
  return {
    line: times === undefined ? read : (line) => read(times.rewrite(line)),
    order: () => (orders.size === 1 ? [...orders][0] : undefined),
    isDoubtful: times?.isCertain === false,
  };
}

function unusual(
  line: string,
  now: number,
  onDate: (date: FoundDate) => void,
  heading: string | undefined,
): LineContent {
  if (isHeading(line)) return 'nothing';
  if (line === heading) return { named: line.split(/[\s:]/, 1)[0] ?? line, otherwise: 'nothing' };
  const found = looseUnixLine(line, now, onDate) ?? dosLine(line, now, onDate);
  if (found !== undefined) return found;
  for (const read of otherDialects) {
    const other = read(line, now, onDate);
    if (other !== undefined) return other;
  }
  // Some servers answer LIST in the form of MLSD.
  return /^[A-Za-z.]{1,20}=[^;]*;/.test(line) ? parseMlsdLine(line) : undefined;
}

function firstHeading(text: string): string | undefined {
  const [first = '', next] = text.slice(0, 2000).split(/\r?\n/);
  return isFirstHeading(first, next) ? first : undefined;
}
