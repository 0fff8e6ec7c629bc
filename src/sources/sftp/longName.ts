import type { EntryType } from '../../model/entry';
import { typeOf, type Attributes } from './attributes';

const typeOfLetter: Readonly<Record<string, EntryType>> = {
  '-': 'file',
  d: 'directory',
  l: 'symlink',
  b: 'other',
  c: 'other',
  p: 'other',
  s: 'other',
  D: 'other',
};

/** As `ls -l` begins, which the draft recommends (section 7) and nearly all servers send. */
const unixForm = /^([-dlbcpsD])[-rwxsStTlL]{9}[+@.*]?\s+\S/;
/** As `dir` of Windows. */
const dosForm =
  /^\d{1,4}[-/.]\d\d?[-/.]\d{1,4}\s+\d\d?:\d\d\s*(?:[AaPp][Mm])?\s+(<[A-Z]+>|[\d.,]+)\s/;
const typeOfMark: Readonly<Record<string, EntryType>> = {
  '<DIR>': 'directory',
  '<SYMLINK>': 'symlink',
  '<SYMLINKD>': 'symlink',
  '<JUNCTION>': 'symlink',
};
const letterOfLink = 'l'.charCodeAt(0);
/** The form shows at the beginning. */
const looked = 64;

/**
 * What the long name of a listed entry says that it is: a text for people, in no agreed form, so that
 * it is only looked at where the attributes leave the type out, or where it tells of a link that they
 * seem to have followed. Undefined if it says nothing, or nothing new.
 */
export function typeByLongName(bytes: Buffer, attributes: Attributes): EntryType | undefined {
  if (typeOf(attributes) !== undefined && bytes[0] !== letterOfLink) return undefined;
  const text = bytes.toString('latin1', 0, looked);
  const letter = unixForm.exec(text)?.[1];
  if (letter !== undefined) return typeOfLetter[letter];
  const mark = dosForm.exec(text)?.[1];
  if (mark === undefined) return undefined;
  return mark.startsWith('<') ? typeOfMark[mark] : 'file';
}
