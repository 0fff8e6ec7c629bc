import type { ListingWorld } from './listingFtp';

/** A server that lists its root in an awkward way, and what must come of it. */
export interface AwkwardCase extends ListingWorld {
  readonly what: string;
  /** What is listed, by path; `?` behind it: of a size that nobody knows; `/`: a folder. */
  readonly entries: readonly string[];
  /** What is reported as unknown: a path, or `/` for whatever else there may be, and a part of why. */
  readonly unknown?: readonly (readonly [path: string, message: string])[];
}

const line = (name: string, size: number | string = 12): string =>
  `-rw-r--r-- 1 o g ${size} Aug  4 07:24 ${name}`;
const folder = (name: string): string => `drwxr-xr-x 2 o g 4096 Aug  4 07:24 ${name}`;
const fact = (name: string, size = 12): string =>
  `type=file;size=${size};modify=20260804072400; ${name}`;
const twelve = 'twelve bytes';

/** Lists the root, whatever the command. */
const always = (...lines: string[]): ListingWorld['list'] => {
  return (command) => (command === 'NLST' ? undefined : lines);
};

/** Answers each command with lines of its own. */
const each = (
  lists: Readonly<Record<string, readonly string[] | string>>,
): ListingWorld['list'] => {
  return (command) => lists[command];
};

const machine = ['MLST', 'SIZE', 'MDTM'];

/** Lines that are not understood among lines that are. */
export const strangeLines: readonly AwkwardCase[] = [
  {
    what: 'a form that nobody knows, whose name NLST tells',
    files: { a: twelve, 'b c': twelve },
    list: each({ 'LIST -a': [line('a'), 'b c was a file of 12 bytes'], NLST: ['a', 'b c'] }),
    entries: ['a', 'b c'],
  },
  {
    what: 'a form that nobody knows, whose name only a look finds',
    files: { a: twelve, 'b c': twelve },
    list: always(line('a'), '12 bytes long since yesterday: b c'),
    entries: ['a', 'b c'],
  },
  {
    what: 'a folder in a form that nobody knows',
    files: { a: twelve, 'the folder/x': twelve },
    list: (command, where) => {
      if (where !== '') return [line('x')];
      return command === 'NLST' ? undefined : [line('a'), 'drwxr-xr-x yesterday the folder'];
    },
    entries: ['a', 'the folder/'],
  },
  {
    what: 'a server that enters whatever it is asked to: a guess proves nothing there',
    files: { a: twelve },
    list: always(line('a'), 'who knows what'),
    entersAnything: true,
    entries: ['a'],
    unknown: [['/', 'who knows what']],
  },
  {
    what: 'a line that nothing explains',
    files: { a: twelve },
    list: always(line('a'), 'ls: cannot access "b": Input/output error\x1b[2J'),
    entries: ['a'],
    unknown: [['/', 'Input/output error\\\\x1b[2J']],
  },
  {
    what: 'a line that says why',
    files: { a: twelve },
    list: always(line('a'), '/bin/ls: b: Permission denied'),
    entries: ['a'],
    unknown: [['/', 'Permission denied']],
  },
  {
    what: 'a name of which even ls knows nothing, and the server does',
    files: { a: twelve, b: twelve },
    list: always(line('a'), '-????????? ? ? ? ?            ? b'),
    entries: ['a', 'b'],
  },
  {
    what: 'a name of which nobody knows anything',
    files: { a: twelve },
    list: always(line('a'), '-????????? ? ? ? ?            ? b'),
    entries: ['a'],
    unknown: [['b', 'without saying what it is']],
  },
  {
    what: 'a very long line',
    files: { a: twelve },
    list: always(line('a'), `?? ${'x'.repeat(2000)}`),
    entries: ['a'],
    unknown: [['/', 'x'.repeat(400)]],
  },
];

/** What is asked of names one by one. */
export const namesAlone: readonly AwkwardCase[] = [
  {
    what: 'a folder of which the line tells no more than the name',
    files: { 'b/c': twelve },
    list: each({ 'LIST -a': ['+i1,m2\tb'] }),
    entries: ['b/'],
  },
  {
    what: 'the same on a server that enters whatever it is asked to',
    files: { 'b/c': twelve },
    list: each({ 'LIST -a': ['+i1,m2\tb'] }),
    entersAnything: true,
    entries: [],
    unknown: [['b', 'without saying what it is']],
  },
];

/** Servers that offer MLSD and do not keep to it. */
export const machineListings: readonly AwkwardCase[] = [
  {
    what: 'a file without a size',
    files: { a: twelve },
    knows: machine,
    list: each({ MLSD: ['type=file;modify=20260804072400; a'], 'LIST -a': [] }),
    entries: ['a'],
  },
  {
    what: 'a negative size, where SIZE is negative too',
    files: { a: twelve },
    knows: ['MLST'],
    list: each({ MLSD: ['type=file;size=-1294967296; a'], 'LIST -a': [], LIST: [] }),
    entries: ['a?'],
  },
  {
    what: 'no type',
    files: { a: twelve, 'b/c': twelve },
    knows: machine,
    list: each({ MLSD: ['size=12; a', 'modify=20260804072400; b'], 'LIST -a': '550 no' }),
    entries: ['a', 'b/'],
  },
  {
    what: 'a type that is none, which LIST knows',
    files: { a: twelve },
    knows: machine,
    list: each({ MLSD: ['type=OS.other=thing;size=3; a'], 'LIST -a': [line('a')] }),
    entries: ['a'],
  },
  {
    what: 'no blank before the name',
    files: { a: twelve },
    knows: machine,
    list: each({ MLSD: ['type=file;size=12;a'], 'LIST -a': [] }),
    entries: ['a'],
  },
  {
    what: 'what only LIST shows, and the server knows',
    files: { a: twelve, '.hidden': twelve },
    knows: machine,
    list: each({ MLSD: [fact('a')], 'LIST -a': [line('a'), line('.hidden')] }),
    entries: ['a', '.hidden'],
  },
  {
    what: 'what only LIST shows, and the server does not know: an invented name',
    files: { a: twelve },
    knows: machine,
    list: each({ MLSD: [fact('a')], 'LIST -a': [line('a'), line('invented')] }),
    entries: ['a'],
  },
  {
    what: 'an answer in the form of LIST',
    files: { a: twelve },
    knows: machine,
    list: () => [line('a')],
    entries: ['a'],
  },
  {
    what: 'MLSD that shows nothing, LIST that does',
    files: { a: twelve },
    knows: machine,
    list: each({ MLSD: [], 'LIST -a': [line('a')] }),
    entries: ['a'],
  },
];

/** Lines of which it is open where the name begins. */
export const openBeginnings: readonly AwkwardCase[] = [
  {
    what: 'a heading in a language that nobody foresaw',
    files: { a: twelve },
    list: always('mitenkas 8', line('a')),
    entries: ['a'],
  },
  {
    what: 'a first line that looks like such a heading and is none',
    files: { a: twelve, b: twelve },
    list: always('b 12', line('a')),
    entries: ['a', 'b'],
  },
  {
    what: 'years behind all times, which begin no names',
    files: { a: twelve, b: twelve },
    list: always(line('2014 a'), line('2015 b')),
    entries: ['a', 'b'],
  },
  {
    what: 'years behind all times, which begin the names',
    files: { '2014 a': twelve, '2015 b': twelve },
    list: always(line('2014 a'), line('2015 b')),
    entries: ['2014 a', '2015 b'],
  },
  {
    what: 'a name that looks like a unit',
    files: { 'B side': twelve },
    list: always('08-14-26  03:47PM       12 B side'),
    entries: ['B side'],
  },
];

/** Sizes that are none. */
export const sizes: readonly AwkwardCase[] = [
  {
    what: 'a size of 32 bits that wrapped: SIZE knows better',
    files: { a: twelve },
    list: always(line('a', -1_294_967_296)),
    entries: ['a'],
  },
  {
    what: 'a size of 32 bits that wrapped, and no SIZE',
    files: { a: twelve },
    knows: [],
    list: always(line('a', -1_294_967_296)),
    entries: ['a?'],
  },
  {
    what: 'a size with a unit',
    files: { a: twelve },
    list: always(line('a', '1.2k')),
    entries: ['a'],
  },
];

/** Servers that take an option of LIST for a name, or an empty folder for an error. */
export const emptyAnswers: readonly AwkwardCase[] = [
  {
    what: '-a taken for a name: nothing, and 226',
    files: { a: twelve },
    list: each({ 'LIST -a': [], LIST: [line('a')] }),
    entries: ['a'],
  },
  {
    what: '-a taken for a name: a total of nothing',
    files: { a: twelve },
    list: each({ 'LIST -a': ['total 0'], LIST: [line('a')] }),
    entries: ['a'],
  },
  {
    what: '-a taken for a name: the text of an error for a listing',
    files: { a: twelve },
    list: each({ 'LIST -a': ['ls: -a: No such file or directory'], LIST: [line('a')] }),
    entries: ['a'],
  },
  {
    what: '-a refused',
    files: { a: twelve },
    list: each({ 'LIST -a': '550 -a: Permission denied', LIST: [line('a')] }),
    entries: ['a'],
  },
  { what: 'nothing there', files: {}, list: each({ 'LIST -a': [], LIST: [] }), entries: [] },
];

/** Names that are told twice, or that could lead out of their folder. */
export const awkwardNames: readonly AwkwardCase[] = [
  {
    what: 'line ends of two kinds',
    files: { a: twelve, b: twelve },
    list: always(`${line('a')}\n${line('b')}`),
    entries: ['a', 'b'],
  },
  {
    what: 'a carriage return for a line end',
    files: { a: twelve, b: twelve },
    list: always(`${line('a')}\r${line('b')}`),
    entries: ['a', 'b'],
  },
  {
    what: 'a line feed in a name',
    files: { a: twelve },
    list: always(line('a'), line('b\nc')),
    entries: ['a', 'b\nc'],
  },
  {
    what: 'whole paths',
    files: { a: twelve },
    list: always(line('/a')),
    entries: ['a'],
  },
  {
    what: 'names that lead elsewhere',
    files: { a: twelve },
    list: always(line('a'), line('../b'), line('/etc/passwd'), line('c/d'), line('e\0f')),
    entries: ['a'],
    unknown: [['/', '../b']],
  },
  {
    what: 'a folder that marks itself and its parent',
    files: { a: twelve },
    list: always(folder('.'), folder('..'), line('a')),
    entries: ['a'],
  },
];
