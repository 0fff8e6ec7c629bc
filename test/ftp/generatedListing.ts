import fc from 'fast-check';
import { utf8 } from '../servers/listings/listingCase';
import type { ListingWorld } from '../servers/listings/listingFtp';

/** A folder that a server lists in all manner of ways at once. */
export interface GeneratedListing extends ListingWorld {
  /** Every name that a line tells, as bytes. */
  readonly told: readonly string[];
  /** Its answer to the command that it lists with, to look at. */
  readonly lines: readonly string[];
}

/** A line that tells a name. `size` in bytes. */
type Form = (name: string, size: number) => string;

/** Lines in the manner of LIST that keep a name as it is, blanks at its beginning too. */
const exact: readonly Form[] = [
  (name, size) => `-rw-r--r--   1 o g ${size} Aug  4 07:24 ${name}`,
  (name, size) => utf8(`-rw-r--r-- 1 o g ${size} févr.  3 07:24 `) + name,
  (name, size) => `-rw-r--r-- 1 o g ${size} M\xe4r  3 07:24 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} 4 Sept 07:24 ${name}`,
  (name, size) => `-rw-r--r-- 1 domain users ${size} \xd1\xce\xd7  3 07:24 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} 8\x8c\x8e  4 07:24 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} 2020-02-03 04:05:06 +0100 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} 09-26 13:45 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} 24.04.2013 17:12 ${name}`,
  (name) => `-rw-r--r-- 1 o g -1294967296 Aug  4 07:24 ${name}`,
  (name) => `-rw-r--r-- 1 o g 33.5k Aug  4 07:24 ${name}`,
  (name) => `-rw-r--r-- 1 o g Aug  4 07:24 ${name}`,
  (name, size) => `-rw-r--r-- 1 o g ${size} Xyz  4 07:24 ${name}`,
  (name, size) => `-rw-r--r--100 o g ${size} Aug  4 07:24 ${name}`,
  (name, size) => `04-27-20  03:47PM   ${size} ${name}`,
  (name, size) => `2002-09-02  19:06   ${size} ${name}`,
  (name, size) => `+i1,m825718503,r,s${size}\t${name}`,
  (name, size) => `type=file;size=${size};modify=20200203040506; ${name}`,
];

/** Lines whose columns are filled up with blanks, or that end with the name in a way of their own. */
const trimmed: readonly Form[] = [
  (name, size) => `-rw-r--r-- 1 o g ${size} 2014.07.15   ${name}`,
  (name, size) => `0100644   500  101   ${size}    123456789       ${name}`,
  (name, size) => `${size}  Apr 04, 2000 21:06   ${name}`,
  (name, size) => `QPGMR           ${size} 18.09.06 14:21:26 *STMF      ${name}`,
  (name) => `-????????? ? ? ? ?            ? ${name}`,
  // Forms that nobody knows.
  (name, size) => `${size} bytes, long since: ${name}`,
  // A date in the name would be that of the line.
  (name) => `${name.includes(':') ? '??' : '-rw-r--r-- yesterday'} ${name}`,
  (name) => `${name} (a file)`,
  (name) => `?? \x1b[31m ${name}`,
];

/** Lines of MLSD, right ones and others. */
const machine: readonly Form[] = [
  (name, size) => `type=file;size=${size};modify=20200203040506; ${name}`,
  (name) => `Type=file;Modify=20200203040506; ${name}`,
  (name) => `type=file;size=-1294967296; ${name}`,
  (name) => `type=file;size=99999999999999999999; ${name}`,
  (name, size) => `size=${size};modify=20200203040506; ${name}`,
  (name, size) => `type=OS.other=thing;size=${size}; ${name}`,
  // A path would be that of the folder itself.
  (name) => `type=${name.includes('/') ? 'file' : 'cdir'};modify=20200203040506; ${name}`,
  (name) => ` ${name}`,
];

const letters = fc.stringMatching(/^[a-z]{3,6}$/);
const plainName = letters.map((text) => `n-${text}.txt`);

const oddName = fc.oneof(
  letters.map((text) => ` ${text}`),
  letters.map((text) => `${text} `),
  letters.map((text) => `${text} -> target`),
  letters.map((text) => `${text}\r${text}`),
  letters.map((text) => `${text}\n${text}`),
  letters.map((text) => `${text}\0x`),
  letters.map((text) => `../${text}`),
  letters.map((text) => `/etc/${text}`),
  letters.map((text) => `/${text}`),
  letters.map((text) => `2014 ${text}`),
  letters.map((text) => `${text}; size=3; x`),
  letters.map((text) => utf8(`é ${text} ü`)),
  letters.map((text) => `\xe9\xff ${text}`),
  letters.map((text) => `Aug  4 07:24 ${text}`),
  letters.map((text) => `PM ${text}`),
  letters.map((text) => `MB ${text}`),
);

const anyName = fc.oneof({ arbitrary: plainName, weight: 2 }, { arbitrary: oddName, weight: 1 });

interface Told {
  readonly name: string;
  readonly form: number;
  readonly exists: boolean;
  readonly twice: 'once' | 'same' | 'other';
}

const toldName: fc.Arbitrary<Told> = fc.record({
  name: anyName,
  form: fc.nat(1000),
  exists: fc.boolean(),
  twice: fc.constantFrom('once', 'once', 'once', 'same', 'other'),
});

const content = 'twelve bytes';

/** Any mixture of forms, oddities and servers. */
export const generatedListing: fc.Arbitrary<GeneratedListing> = fc
  .record({
    names: fc.uniqueArray(toldName, { selector: ({ name }) => name, minLength: 1, maxLength: 8 }),
    offers: fc.subarray(['SIZE', 'MDTM', 'MLST', 'NLST', 'dots', 'heading', 'machine', 'option']),
    entersAnything: fc.boolean(),
    end: fc.constantFrom('\r\n', '\r\n', '\n'),
  })
  .map(({ names, offers, entersAnything, end }) => {
    const offered = new Set<string>(offers);
    const isMachine = offered.has('machine') && offered.has('MLST');
    const forms = isMachine ? machine : [...exact, ...trimmed];
    const lines = names.flatMap((one) => linesOf(one, forms));
    const dots = ['.', '..'].map((name) =>
      isMachine ? `type=dir; ${name}` : `drwxr-xr-x 2 o g 4096 Aug  4 07:24 ${name}`,
    );
    const whole = [
      ...(offered.has('heading') && !isMachine ? ['total 12'] : []),
      ...(offered.has('dots') ? dots : []),
      ...lines,
    ];
    const existing = names.filter(({ name, exists }) => exists && /^[^\0\r\n/]+$/.test(name));
    const files = Object.fromEntries(existing.map(({ name }) => [name, content]));
    const list: ListingWorld['list'] = (command, folder) => {
      if (folder !== '') return [];
      if (command === 'NLST') return offered.has('NLST') ? Object.keys(files) : undefined;
      if (command === 'MLSD') return isMachine ? whole : undefined;
      if (isMachine) return '550 not here';
      return command === 'LIST -a' && !offered.has('option') ? [] : whole;
    };
    const knows = ['SIZE', 'MDTM', 'MLST'].filter((name) => offered.has(name));
    return {
      files,
      list,
      knows,
      entersAnything,
      end,
      told: names.map(({ name }) => name),
      lines: whole,
    };
  });

function linesOf({ name, form, twice }: Told, forms: readonly Form[]): string[] {
  const of = (index: number, size: number): string => {
    const write = forms[index % forms.length];
    // A column that is filled up says nothing of blanks before a name.
    return write === undefined ? name : write(trimmed.includes(write) ? name.trim() : name, size);
  };
  const line = of(form, content.length);
  if (twice === 'once') return [line];
  return [line, twice === 'same' ? line : of(form + 1, content.length + 1)];
}

/** The pieces of a name that a line break leaves of it, which is all that a listing can tell. */
export function piecesOf(name: string): string[] {
  return name.split(/[\r\n]+/).map((piece) => piece.trim());
}
