import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OddSftp, type Oddities, type Tree } from '../servers/oddSftp';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { BackUpFixture } from '../conformance/backUpFixture';

const many = Array.from({ length: 63 }, (_, index) => `file${index}`);
const big = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

const tree: Tree = {
  '/': { names: ['big', 'empty', 'folder', 'link', 'zero', 'exact'] },
  '/big': big,
  '/zero': Buffer.alloc(0),
  '/exact': big.subarray(0, 65_536),
  '/empty': { names: [] },
  '/folder': { names: many },
  '/link': { target: 'big' },
  ...Object.fromEntries(many.map((name) => [`/folder/${name}`, Buffer.from(`content of ${name}`)])),
};

const unsupported = 8;
const failure = 4;
const denied = 3;
const noSuchFile = 2;
const [lstat, fstat, realpath, stat] = [7, 8, 16, 17];
/** The server's words for a handle too many: a limit is told in no agreed way. */
const wordsForTooMany = [
  [failure, 'Failure'],
  [failure, ''],
  [failure, 'too many open files'],
  [denied, 'Too Many Open File/Directory Handles'],
  [9, 'Quota exceeded'],
] as const;

/** What the server does; all of it is to be backed up all the same. */
const harmless: readonly (readonly [string, Oddities])[] = [
  ['nothing odd', {}],
  ['. and .. are listed', { dots: true }],
  ['no type; long names', { listed: 'no type', told: 'no type', longNames: 'unix' }],
  ['no permissions; long names', { listed: 'no permissions', longNames: 'unix' }],
  [
    'no permissions nor sizes; long names',
    { listed: 'no permissions nor size', longNames: 'unix' },
  ],
  ['no attributes; long names', { listed: 'nothing', told: 'nothing', longNames: 'unix' }],
  [
    'no attributes; long names of Windows',
    { listed: 'nothing', told: 'nothing', longNames: 'dos' },
  ],
  ['no type anywhere', { listed: 'no type', told: 'no type' }],
  ['no permissions anywhere', { listed: 'no permissions', told: 'no permissions' }],
  ['only times', { listed: 'no permissions nor size', told: 'no permissions nor size' }],
  ['no attributes anywhere', { listed: 'nothing', told: 'nothing', longNames: 'the name' }],
  ['no attributes, one handle', { listed: 'nothing', told: 'nothing', handles: 1 }],
  ['no LSTAT', { refused: { [lstat]: unsupported } }],
  ['LSTAT fails', { refused: { [lstat]: failure } }],
  ['no LSTAT, no attributes listed', { refused: { [lstat]: unsupported }, listed: 'nothing' }],
  [
    'no LSTAT, links followed in listings',
    { refused: { [lstat]: unsupported }, listed: 'followed', longNames: 'unix' },
  ],
  ['links followed in listings', { listed: 'followed', longNames: 'unix' }],
  ['neither LSTAT nor STAT', { refused: { [lstat]: unsupported, [stat]: unsupported } }],
  [
    'neither LSTAT nor STAT nor FSTAT, nothing listed',
    { refused: { [lstat]: failure, [stat]: failure, [fstat]: failure }, listed: 'nothing' },
  ],
  ['no FSTAT', { refused: { [fstat]: unsupported } }],
  ['no REALPATH', { refused: { [realpath]: unsupported } }],
  ['/folder/. is not found', { dotRefused: noSuchFile }],
  ['/folder/. fails', { dotRefused: failure }],
  ['/folder/. is denied', { dotRefused: denied }],
  ['names come twice', { answers: (names) => [names, names] }],
  ['each name comes twice', { answers: (names) => names.map((name) => [name, name]) }],
  [
    'an empty answer among others',
    { answers: (names) => [[], names.slice(0, 2), [], names.slice(2)] },
  ],
  ['empty answers for an end', { ending: 'empty answers' }],
  ['an error for an end', { ending: 'no more files' }],
  ['READ past the end fails', { pastEnd: 'failure' }],
  ['READ past the end gives nothing but the end', { pastEnd: 'end of file' }],
  ['READ at the end gives empty content', { pastEnd: 'nothing' }],
  [
    'READ past the end fails, no sizes listed',
    { pastEnd: 'failure', listed: 'no permissions nor size' },
  ],
  [
    'READ past the end fails, sizes only by FSTAT',
    { pastEnd: 'failure', listed: 'nothing', refused: { [lstat]: failure, [stat]: failure } },
  ],
  [
    'READ past the end gives only the end, sizes only by FSTAT',
    { pastEnd: 'end of file', listed: 'nothing', refused: { [lstat]: failure, [stat]: failure } },
  ],
  ['4 KiB at once', { mostRead: 4096 }],
  ['7,000 bytes at once', { mostRead: 7000 }],
  ['4 KiB at once, else failure', { mostRead: 4096, refusesLongReads: true }],
  [
    '4 KiB at once, and past the end failure',
    { mostRead: 4096, refusesLongReads: true, pastEnd: 'failure' },
  ],
  ['a packet of 32 KiB in all', { mostRead: 32_768 - 13, refusesLongReads: true }],
  ...[40, 16, 3, 1].flatMap((handles) =>
    wordsForTooMany.map(
      ([status, message]) =>
        [
          `${handles} handles, then status ${status} "${message}"`,
          { handles, tooMany: { status, message } },
        ] as const,
    ),
  ),
];

describe('an odd server is backed up whole:', () => {
  test.each(harmless)('%s', async (_what, oddities) => {
    const odd = new OddSftp(tree, oddities);
    await using scripted = await ScriptedSftp.start(odd.script);
    using fixture = fixtureFor(scripted);
    const report = await fixture.run();
    expect(report.skipped).toEqual([]);
    expect(report.status).toBe('complete');
    const entries = await fixture.entries(report.snapshot, '');
    const found = Object.fromEntries([...entries].map(([path, entry]) => [`/${path}`, entry]));
    expect(Object.keys(found).toSorted()).toEqual(
      Object.keys(tree)
        .filter((path) => path !== '/')
        .toSorted(),
    );
    for (const [path, node] of Object.entries(tree)) {
      if (path === '/') continue;
      if (Buffer.isBuffer(node)) {
        const sha256 = createHash('sha256').update(node).digest('hex');
        expect(found[path], path).toMatchObject({ type: 'file', size: node.length, sha256 });
      } else if ('target' in node) {
        expect(found[path], path).toMatchObject({ type: 'symlink', target: node.target });
      } else expect(found[path], path).toMatchObject({ type: 'directory' });
    }
    // Those who let more be open at once are asked to.
    if (oddities.handles !== undefined) expect(odd.greatest).toBe(oddities.handles);
  });
});

const mode = 0o100644;

/** What cannot be known, and what the report says of it; all else is backed up. */
const reported: readonly (readonly [string, Oddities, Readonly<Record<string, string>>])[] = [
  [
    'names that are none among good ones',
    {
      answers: (names) => [
        [...names, { name: '../x', mode, size: 1 }, { name: '', mode }, { name: 'a/b', mode }],
      ],
    },
    { '/': 'protocol', '/folder': 'protocol' },
  ],
  [
    'listings that break off',
    { ending: 'failure' },
    { '/': 'protocol', '/folder': 'protocol', '/empty': 'protocol' },
  ],
  [
    'a listing that repeats itself for ever',
    { answers: (names) => Array.from({ length: 2000 }, () => names) },
    { '/': 'protocol', '/folder': 'protocol' },
  ],
  [
    'no attributes, and an entry that may not be looked at',
    { listed: 'nothing', refusedPaths: { '/big': denied } },
    { '/big': 'permission' },
  ],
  [
    'no attributes, and an entry that nothing is answered about',
    { listed: 'nothing', refusedPaths: { '/folder/file7': failure } },
    { '/folder/file7': 'protocol' },
  ],
  [
    'no attributes, and an entry that is not there though it is listed',
    { listed: 'nothing', refusedPaths: { '/folder/file7': noSuchFile } },
    { '/folder/file7': 'not-found' },
  ],
  [
    'one name for a file and a folder, and no way to tell',
    {
      answers: (names) => [[...names, { name: 'zero', mode: 0o40755 }]],
      refusedPaths: { '/zero': denied, '/folder/zero': denied },
    },
    { '/zero': 'permission', '/folder/zero': 'permission' },
  ],
  ['a file that cannot be opened', { refusedPaths: { '/big': failure } }, { '/big': 'protocol' }],
];

describe('what an odd server does not let be known is reported, and its former content kept:', () => {
  test.each(reported)('%s', async (_what, oddities, skipped) => {
    await using scripted = await ScriptedSftp.start(new OddSftp(tree).script);
    using fixture = fixtureFor(scripted);
    const first = await fixture.run();
    expect(first.status).toBe('complete');
    // Of each file another length, so that it is asked for again.
    const changed = Object.fromEntries(
      Object.entries(tree).map(([path, node]) => [
        path,
        Buffer.isBuffer(node) ? Buffer.concat([node, Buffer.from('more')]) : node,
      ]),
    );
    scripted.script = new OddSftp(changed, oddities).script;
    const report = await fixture.run();
    expect(report.status).toBe('incomplete');
    const found = Object.fromEntries(report.skipped.map(({ path, kind }) => [path, kind]));
    expect(found).toEqual(skipped);
    const entries = await fixture.entries(report.snapshot, '');
    for (const [path, node] of Object.entries(tree)) {
      if (path === '/') continue;
      const entry = entries.get(path.slice(1));
      expect(entry, path).toBeDefined();
      if (!Buffer.isBuffer(node)) continue;
      const isCarried = path in skipped;
      expect(entry?.carried, path).toBe(isCarried ? first.snapshot : undefined);
      expect(entry?.size, path).toBe(node.length + (isCarried ? 0 : 4));
    }
  });
});

function fixtureFor(scripted: ScriptedSftp): BackUpFixture {
  return new BackUpFixture({
    protocol: 'sftp',
    host: '127.0.0.1',
    port: scripted.port,
    username: 'somebody',
    fingerprint: scripted.fingerprint,
    include: ['/'],
  });
}
