import { momentOfDate, type Order, type DateParts } from './dateParts';
import { monthOf } from './months';
import type { Moment } from './dates';

/** A date in a line of a listing. */
export interface FoundDate {
  /** Where it ends: one blank and the name follow, as a rule. */
  readonly end: number;
  /** Whether it has no time of day. */
  readonly dayOnly: boolean;
  /** Whether the column of such dates is filled up with blanks, where others have a time. */
  readonly isPadded: boolean;
  readonly moment?: Moment;
  /** Where only the order of day and month is not known: the moments for each. */
  readonly either?: Readonly<Record<Order, Moment>>;
  /** The order, where the numbers themselves tell: evidence for the lines around it. */
  readonly order?: Order;
}

/** How to read the numbers of a form. */
interface Form {
  readonly pattern: RegExp;
  /** What the order is where nothing else tells: a form that only one kind of server has. */
  readonly usual?: (parts: DateParts) => Order | undefined;
}

const zone = String.raw`(?<zone>Z|UTC|GMT| ?[+-]\d\d:?\d\d)`;
const seconds = String.raw`[:.](?<sec>\d\d)(?:[.,](?<fraction>\d{1,9}))?${zone}?`;
/** Behind a blank only where a size or a kind follows: else it may be the beginning of a name. */
const half = String.raw`(?: (?=[AaPp][Mm] {2,}[<\d-]))?(?<half>[AaPp])\.?[Mm](?![A-Za-z])\.?`;
const time = String.raw`(?<hour>\d{1,2})[:.h](?<minute>\d\d)(?:${seconds})?(?:${half}|Z)?`;
const withSeconds = String.raw`(?<hour>\d{1,2})[:.](?<minute>\d\d)[:.](?<sec>\d\d)`;
const word = String.raw`(?<name>[^\s\d.,:;/-][^\s\d,:;/-]{0,30})`;
const day = String.raw`(?<day>\d{1,2})`;
const year = String.raw`(?<year>\d{4})`;
/** The sign for year, month or day of Japanese, Chinese and Korean, in whatever encoding. */
const sign = String.raw`[^\x00-\x7f][^\s\d]{0,8}`;
const weekday = String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[.,]? +)?`;

const form = (text: string, usual?: Form['usual']): Form => ({
  pattern: new RegExp(`${text}(?= |$)`, 'y'),
  ...(usual && { usual }),
});

const monthFirst = (): Order => 'monthFirst';
/** Only IIS writes hyphens and halves of the day; dots are the habit of countries that begin with the day. */
const ofDos = ({ half, separator }: DateParts): Order | undefined => {
  if (separator === '.') return 'dayFirst';
  return separator === '-' && half !== undefined ? 'monthFirst' : undefined;
};

/** The forms that nothing else looks like. The first that fits counts. */
const certain: readonly Form[] = [
  form(
    `${year}(?<separator>[-/.])(?<month>\\d{1,2})\\k<separator>(?<day>\\d{1,2})\\.?(?:(?:T| +)${time})?`,
  ),
  form(
    `(?<first>\\d{1,2})(?<separator>[-/.])(?<other>\\d{1,2})\\k<separator>(?<year>\\d{2,4})\\.?,?(?: +${time})?`,
    ofDos,
  ),
  // The time style `iso` of GNU ls.
  form(`(?<first>\\d{1,2})(?<separator>-)(?<other>\\d{1,2}) +${time}`, monthFirst),
  form(`(?<first>\\d{1,2})(?<separator>-)(?<other>\\d{1,2}) +${year}`, monthFirst),
  form(`${day}[-/.]${word}[-/.](?<year>\\d{4}|\\d\\d)(?: +${time})?`),
  form(`${word}[-/.]${day}[-/.](?<year>\\d{4}|\\d\\d)(?: +${time})?`),
  form(
    `${year}(?:${sign})? +(?<month>\\d{1,2})(?:${sign}) *(?<day>\\d{1,2})(?:${sign})?(?: +${time})?`,
  ),
  form(`${year}(?:${sign})(?<month>\\d{1,2})(?:${sign})(?<day>\\d{1,2})(?:${sign})?(?: +${time})?`),
  form(`(?<month>\\d{1,2})(?:${sign}) *(?<day>\\d{1,2})(?:${sign})? +${year}(?:${sign})?`),
  form(`(?<month>\\d{1,2})(?:${sign}) *(?<day>\\d{1,2})(?:${sign})? +${time}`),
  ...[`${weekday}${word}[.,]* +${day}[.,]*`, `${weekday}${day}[.,]* *${word}[.,]*`].flatMap(
    (date) => [
      form(`${date} +${year}[.,]? +${time}`),
      form(`${date} +${year}\\.?`),
      // The long times of BSD's ls have the year behind the time.
      form(`${date} +${withSeconds}(?: [A-Z]{3,4})? +${year}`),
      form(`${date} +${time}`),
    ],
  ),
];

/** Forms that numbers of another meaning look like, such as a group, a size and a year. */
const doubtful: readonly Form[] = [
  form(`(?<first>\\d{1,2}) +(?<other>\\d{1,2}) +${time}`),
  form(`(?<first>\\d{1,2}) +(?<other>\\d{1,2}) +${year}`),
];

/** The three or four words of a date of `ls -l` whose month nobody knows: only where it ends. */
const unreadable: readonly RegExp[] = [
  String.raw`[^\s\d]\S{0,30} +\d{1,2}\D{0,4} +(?:\d{1,2}[:.h]\d\d|(?:19|20)\d\d)`,
  String.raw`\d{1,2}\D{0,4} +[^\s\d]\S{0,30} +(?:\d{1,2}[:.h]\d\d|(?:19|20)\d\d)`,
  String.raw`\S{1,30} +\S{1,30} +(?:\S{1,30} +)?\d{1,2}:\d\d`,
  String.raw`\S{1,30} +\d{1,2} +(?:19|20)\d\d`,
].map((text) => new RegExp(`${text}(?= |$)`, 'y'));

/** A date at that place of the line, if it is one that can be nothing else. `now` in seconds since 1970. */
export function certainDate(line: string, at: number, now: number): FoundDate | undefined {
  return canBegin(line, at) ? firstOf(certain, line, at, now) : undefined;
}

const number = /\d{1,4}(?!\d)/y;
const firstWord = /[^\s\d.,:;/-][^\s\d,:;/-]{0,30}/y;

/** Whether a date may begin there: most words of a line are no months, and not worth trying every form. */
function canBegin(line: string, at: number): boolean {
  number.lastIndex = at;
  if (number.test(line)) return true;
  firstWord.lastIndex = at;
  const found = firstWord.exec(line)?.[0];
  if (found === undefined) return false;
  return monthOf(found) !== undefined || /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(found);
}

/** A date at that place, where the place tells that it should be one: of any form, readable or not. */
export function likelyDate(line: string, at: number, now: number): FoundDate | undefined {
  const found = firstOf(doubtful, line, at, now);
  if (found) return found;
  for (const pattern of unreadable) {
    pattern.lastIndex = at;
    if (pattern.test(line)) return { end: pattern.lastIndex, dayOnly: false, isPadded: false };
  }
  return undefined;
}

function firstOf(
  forms: readonly Form[],
  line: string,
  at: number,
  now: number,
): FoundDate | undefined {
  for (const { pattern, usual } of forms) {
    pattern.lastIndex = at;
    const groups = pattern.exec(line)?.groups;
    if (groups === undefined) continue;
    const end = pattern.lastIndex;
    const found = readOf(groups, usual, now);
    if (found !== undefined) return { ...found, end };
  }
  return undefined;
}

function readOf(
  parts: DateParts,
  usual: Form['usual'],
  now: number,
): Omit<FoundDate, 'end'> | undefined {
  if (parts.first !== undefined && parts.other !== undefined) return numeric(parts, usual, now);
  const month = parts.name === undefined ? Number(parts.month) - 1 : monthOf(parts.name);
  if (month === undefined) return undefined;
  const moment = momentOfDate(parts, month, Number(parts.day), now);
  return moment === undefined ? undefined : { ...columnOf(parts), moment };
}

function columnOf({ hour, separator }: DateParts): Pick<FoundDate, 'dayOnly' | 'isPadded'> {
  const dayOnly = hour === undefined;
  return { dayOnly, isPadded: dayOnly && separator !== undefined };
}

/** A date of two numbers for day and month, in either order. */
function numeric(
  parts: DateParts,
  usual: Form['usual'],
  now: number,
): Omit<FoundDate, 'end'> | undefined {
  const [first, other] = [Number(parts.first), Number(parts.other)];
  const column = columnOf(parts);
  const monthFirst = momentOfDate(parts, first - 1, other, now);
  const dayFirst = momentOfDate(parts, other - 1, first, now);
  if (monthFirst && dayFirst) {
    if (first === other) return { ...column, moment: monthFirst };
    const order = usual?.(parts);
    const either = { monthFirst, dayFirst };
    return order === undefined
      ? { ...column, either }
      : { ...column, either, moment: either[order] };
  }
  if (monthFirst) return { ...column, moment: monthFirst, order: 'monthFirst' };
  if (dayFirst) return { ...column, moment: dayFirst, order: 'dayFirst' };
  return undefined;
}
