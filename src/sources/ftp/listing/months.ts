import { TextDecoder } from 'node:util';
import { bytesOf, isAscii } from '../../../model/remotePath';
import { monthNames } from './monthNames';

/** The encodings that servers have been seen to name months in, beside UTF-8. */
const encodings = [
  ...['windows-1252', 'windows-1250', 'iso-8859-2', 'koi8-r', 'koi8-u', 'windows-1251'],
  ...['iso-8859-5', 'ibm866', 'windows-1253', 'windows-1254', 'windows-1257', 'iso-8859-4'],
  ...['windows-1255', 'windows-1256', 'windows-874'],
];

/** Of two months: then the word says nothing. */
const ambiguous = -1;

let table: ReadonlyMap<string, number> | undefined;

/** A listing names few months, many times. */
const known = new Map<string, number | undefined>();
const mostKnown = 1000;

/**
 * The number of a month, from 0, by its name in whatever language and encoding (a byte string, dots
 * and commas around it do not matter); undefined if it is none, or could be two.
 */
export function monthOf(name: string): number | undefined {
  if (known.has(name)) return known.get(name);
  if (known.size >= mostKnown) known.clear();
  const month = find(name);
  known.set(name, month);
  return month;
}

function find(name: string): number | undefined {
  const names = (table ??= tableOfNames());
  if (isAscii(name)) return onlyOne([names.get(normal(name))]);
  const bytes = bytesOf(name);
  const utf8 = decoded(bytes, 'utf-8');
  if (utf8 !== undefined) return onlyOne([names.get(normal(utf8))]);
  return onlyOne(encodings.map((encoding) => names.get(normal(decoded(bytes, encoding) ?? ''))));
}

function onlyOne(found: readonly (number | undefined)[]): number | undefined {
  const months = new Set(found.filter((month) => month !== undefined));
  const [month] = months;
  return months.size === 1 && month !== ambiguous ? month : undefined;
}

function decoded(bytes: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function normal(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/^[.,]+|[.,]+$/g, '');
}

function tableOfNames(): Map<string, number> {
  const names = new Map<string, number>();
  const add = (name: string, month: number): void => {
    const before = names.get(name) ?? month;
    names.set(name, before === month ? month : ambiguous);
  };
  const words = monthNames.map((line) => line.split(' '));
  words.forEach((line, month) => {
    for (const word of line) add(word, month);
  });
  words.forEach((line, month) => {
    for (const word of line.map(withoutMarks)) if (!names.has(word)) add(word, month);
  });
  return names;
}

/** `fevr` for `févr`: some servers leave the marks out. */
function withoutMarks(word: string): string {
  return word.normalize('NFKD').replace(/\p{M}/gu, '');
}
