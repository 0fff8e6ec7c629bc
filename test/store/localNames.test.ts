import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  compareInFolderOrder,
  faultOfName,
  fromBytes,
  isText,
  nameOf,
  parentOf,
  textOf,
  type RemotePath,
} from '../../src/model/remotePath';
import type { DiskAbilities } from '../../src/store/abilities';
import { LocalNames } from '../../src/store/localNames';

const linux: DiskAbilities = {
  share: 'link',
  caseSensitive: true,
  normalizationSensitive: true,
  anyBytes: true,
  forbidden: '',
  trailingDots: true,
  deviceNames: true,
  longestName: 255,
};
/** eCryptfs. */
const encrypted: DiskAbilities = { ...linux, longestName: 143 };
const mac: DiskAbilities = {
  ...linux,
  caseSensitive: false,
  normalizationSensitive: false,
  anyBytes: false,
};
const windows: DiskAbilities = {
  ...mac,
  normalizationSensitive: true,
  forbidden: '<>:"\\|?*\u0001\n\t',
  trailingDots: false,
  deviceNames: false,
};
const disks = { linux, mac, windows, encrypted };

const utf8 = (text: string): RemotePath => fromBytes(Buffer.from(text));

/** Where each of some paths stands, by path; asked in folder order as a run does. */
function placesOn(disk: DiskAbilities, paths: readonly string[]): Map<string, string> {
  const names = new LocalNames(disk);
  const sorted = [...new Set(paths)].sort(compareInFolderOrder);
  return new Map(sorted.map((path) => [path, names.place(path as RemotePath)]));
}

describe.each([
  ['linux', 'a:b', 'a:b'],
  ['linux', 'con', 'con'],
  ['linux', 'ends. ', 'ends. '],
  ['linux', '%41', '%41'],
  ['linux', '\xff\xfe', '\xff\xfe'],
  ['linux', 'a%~2', 'a%25~2'],
  ['windows', 'a:b', 'a%3Ab'],
  ['windows', '<>"|?*', '%3C%3E%22%7C%3F%2A'],
  ['windows', 'back\\slash', 'back%5Cslash'],
  ['windows', 'bell\x07', 'bell%07'],
  ['windows', 'a\nb', 'a%0Ab'],
  ['windows', 'con', '%63on'],
  ['windows', 'AUX.txt', '%41UX.txt'],
  ['windows', 'aux. ', '%61ux.%20'],
  ['windows', 'com1', '%63om1'],
  ['windows', 'lpt0.x', '%6Cpt0.x'],
  ['windows', 'CONIN$', '%43ONIN$'],
  ['windows', utf8('com¹'), utf8('%63om¹')],
  ['windows', 'console', 'console'],
  ['windows', 'ends.', 'ends%2E'],
  ['windows', '...', '..%2E'],
  ['windows', ' ', '%20'],
  ['windows', '100%', '100%'],
  ['windows', '%41', '%2541'],
  ['windows', 'caf\xe9', 'caf%E9'],
  ['windows', utf8('café'), utf8('café')],
  ['mac', 'a:b', 'a:b'],
  ['mac', 'con', 'con'],
  ['mac', 'ends. ', 'ends. '],
  ['mac', 'caf\xe9', 'caf%E9'],
  ['mac', '%E9', '%25E9'],
] as const)('on a disk like that of %s', (disk, name, local) => {
  it(`${JSON.stringify(name)} stands as ${JSON.stringify(local)}`, () => {
    expect(placesOn(disks[disk], [name]).get(name)).toBe(local);
  });
});

describe('names that a disk takes for one', () => {
  it.each([
    ['linux', ['README', 'readme'], ['README', 'readme']],
    ['mac', ['README', 'ReadMe', 'readme'], ['README', 'ReadMe%~2', 'readme%~3']],
    ['mac', [utf8('cafe\u0301'), utf8('café')], [utf8('cafe\u0301'), utf8('café%~2')]],
    ['mac', [utf8('ss'), utf8('ß')], ['ss', utf8('ß%~2')]],
    ['windows', ['a', 'A/b', 'a/b'], ['A', 'A/b', 'a%~2', 'a%~2/b']],
    ['windows', ['a%3ab', 'a:b'], ['a%3ab', 'a%3Ab%~2']],
    ['windows', ['X', 'x', 'x%~2'], ['X', 'x%~2', 'x%25~2']],
  ] as const)('on %s: %j', (disk, names, locals) => {
    const places = placesOn(
      disks[disk],
      [...names, ...names.map((name) => parentOf(name as RemotePath))].filter(Boolean),
    );
    expect([...places.values()]).toEqual(locals);
  });

  it('are numbered below the longest name too', () => {
    const names = ['X'.repeat(255), 'x'.repeat(255)];
    const [first, second] = [...placesOn(mac, names).values()];
    expect(first).toBe(names[0]);
    expect(second!.length).toBeLessThanOrEqual(255);
    expect(second!.toLowerCase()).not.toBe(first!.toLowerCase());
  });

  it('cannot be chosen by a server that knows how long ones are shortened', () => {
    const long = 'x'.repeat(300);
    const shortened = placesOn(linux, [long]).get(long)!;
    const places = placesOn(linux, [long, shortened]);
    expect(new Set(places.values()).size).toBe(2);
  });
});

const piece = fc.constantFrom(
  ...[
    'a',
    'A',
    'ß',
    'ss',
    'é',
    'e\u0301',
    'İ',
    ':',
    '.',
    ' ',
    '%',
    '~',
    '3A',
    '\\',
    'con',
    'aux',
    '\x07',
  ],
);
const name = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => utf8(pieces.join(''))),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => fromBytes(Buffer.from(bytes))),
  fc
    .tuple(piece, fc.integer({ min: 120, max: 600 }))
    .map(([text, length]) => utf8(text.repeat(length)).slice(0, 1000)),
);
const paths = fc
  .array(fc.array(name, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((all) =>
    all
      .filter((names) => names.every((text) => faultOfName(text) === undefined))
      .flatMap((names) => names.map((_name, end) => names.slice(0, end + 1).join('/'))),
  );

describe.each(Object.entries(disks))('any names on a disk like that of %s', (_name, disk) => {
  it('get clean places, each its own, the same in every run', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const places = placesOn(disk, all);
        const seen = new Set<string>();
        for (const [path, local] of places) {
          expect(local.split('/').length).toBe(path.split('/').length);
          const last = nameOf(local as RemotePath);
          expect(faultOfName(last)).toBeUndefined();
          expect(last.length).toBeLessThanOrEqual(disk.longestName);
          expect(parentOf(local as RemotePath)).toBe(
            places.get(parentOf(path as RemotePath)) ?? '',
          );
          if (!disk.anyBytes) expect(isText(last)).toBe(true);
          if (disk === windows) {
            expect(last).not.toMatch(/[<>:"\\|?*\x01-\x1f]|[. ]$/);
            expect(textOf(last)).not.toMatch(/^(con|aux|nul|prn)(\.|$)/i);
          }
          const folded = textOf(local).normalize('NFKD').toLowerCase().toUpperCase();
          const key = disk.caseSensitive ? local : folded;
          expect(seen.has(key), JSON.stringify(local)).toBe(false);
          seen.add(key);
        }
        expect(placesOn(disk, all)).toEqual(places);
        expect(
          new Set([...places.values()].map((local) => bytesOf(local).toString('hex'))).size,
        ).toBe(places.size);
      }),
      { numRuns: 400 },
    );
  });
});
