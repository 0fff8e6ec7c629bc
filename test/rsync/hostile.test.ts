import { expect, describe, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { ByteWriter } from '../../src/sources/rsync/byteWriter';
import { framesOf } from '../../src/sources/rsync/frames';
import { talk } from './talk';
import { hex } from './scriptedTransport';
import { goldenServer } from './goldenSession';

/** Version 31, no flags but a safe list and seed order, seed 1. */
const greeting = hex('1f000000 2e 01000000');
const root = hex('19 01 2e 00 0010 65 267d93 ed410000');
const file = hex('18 01 61 0003 00 65 257d93 a4810000');
const end = hex('00');

function message(tag: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([
    new ByteWriter().int(payload.length + (tag + 7) * 2 ** 24).done(),
    payload,
  ]);
}

function session(...data: Buffer[]): Buffer[] {
  return [greeting, framesOf(Buffer.concat(data))];
}

/** An entry of a list with this name, not sharing anything with the one before. */
function entry(name: string, mode = 0o100644, flags = 0): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  const writer = new ByteWriter();
  if (flags > 0xff) writer.byte((flags & 0xff) | 0x44).byte(flags >> 8);
  else writer.byte(0x40);
  const length = bytes.length;
  if (length < 128) writer.byte(length);
  else writer.byte(0x80 | (length >> 8)).byte(length & 0xff);
  return writer.bytes(bytes).bytes(hex('000300 65257d93')).int(mode).done();
}

const requested = Buffer.concat([root, file, end]);
const whole = hex('00000000 00000000 00000000 00000000');
const digest = hex('764efa883dda1e11db47671c4a3bbd9e');
const hi = hex('03000000 68690a 00000000');

interface Case {
  readonly what: string;
  readonly says: readonly Buffer[];
  readonly kind?: string;
  readonly message?: RegExp;
}

const lists: Case[] = [
  ...['../x', 'a/../b', '/etc/passwd', 'a//b', 'a/./b', 'a/', '', '..', 'nul\0', 'a/b\0'].map(
    (name) => ({ what: `the name ${JSON.stringify(name)}`, says: session(root, entry(name), end) }),
  ),
  { what: 'a file called "."', says: session(entry('.'), end) },
  { what: 'a name in a folder that is none', says: session(root, entry('x/y'), end) },
  { what: 'a name below a link', says: session(root, entry('x/y', 0o120777), end) },
  { what: 'a name twice', says: session(root, entry('x'), entry('x'), end) },
  { what: 'a name of 5,000 bytes', says: session(root, entry('x'.repeat(5000)), end) },
  { what: 'a prefix of nothing', says: session(root, hex('20 05 01 61'), end) },
  { what: 'a mode of no type', says: session(root, entry('x', 0o644), end) },
  { what: 'a mode of 32 bits', says: session(root, entry('x', -1), end) },
  { what: 'a hard link', says: session(root, entry('x', 0o100644, 0x200), end) },
  { what: 'an owner', says: session(root, entry('x', 0o100644, 0x400), end) },
  {
    what: 'more nanoseconds than a second has',
    says: session(root, hex('04 20 01 61 000300 65257d93 f0 ffffff7f a4810000'), end),
  },
  {
    what: 'a time beyond all dates',
    says: session(root, hex('40 01 61 000300 f4 ffffffffffff0f a4810000'), end),
  },
  {
    what: 'a target of 2 GB',
    says: session(root, hex('40 01 61 000300 65257d93 ffa10000 f0ffffff7f'), end),
  },
  { what: 'incremental recursion', says: [hex('1f000000 01 01000000')] },
  { what: 'variable flags', says: [hex('1f000000 8080 01000000')] },
  { what: 'a version of 19', says: [hex('13000000')], message: /before rsync spoke/ },
  { what: 'a version of 26', says: [hex('1a000000')], message: /too old/ },
  {
    what: 'text of a shell',
    says: [Buffer.from('Welcome to \x1b[31mthis host!\n')],
    message: /Welcome to .*\.bashrc/,
  },
  { what: 'a message of 1 MB', says: [greeting, hex('00001009')] },
  { what: 'a message of an unknown kind', says: [greeting, message(55)] },
  { what: 'a frame of no kind', says: [greeting, hex('00000000')] },
  {
    what: 'an index in a message before the list',
    says: [greeting, message(102, hex('01000000'))],
  },
  { what: 'I/O bits of the wrong length', says: [greeting, message(22, hex('01'))] },
  {
    what: 'that it gives up',
    says: [greeting, message(3, Buffer.from('no more\n')), message(86, hex('0c000000'))],
    kind: 'connection',
    message: /code 12.*no more/,
  },
  { what: 'half a list', says: session(root, file.subarray(0, 5)), kind: 'connection' },
  { what: 'nothing at all', says: [], kind: 'connection' },
];

const transfers: Case[] = [
  { what: 'an index beyond the list', says: session(requested, hex('09 0080'), whole) },
  { what: 'the index of a folder', says: session(requested, hex('01 0080'), whole) },
  { what: 'a huge index', says: session(requested, hex('fe ff ffffff')) },
  { what: 'a negative index', says: session(requested, hex('ff 64')) },
  { what: 'an answer without content', says: session(requested, hex('02 0000')) },
  {
    what: 'other blocks',
    says: session(requested, hex('02 0080 05000000 bc020000 10000000 00000000')),
  },
  {
    what: 'a block without a basis',
    says: session(requested, hex('02 0080'), whole, hex('ffffffff')),
  },
  {
    what: 'the smallest number as a block',
    says: session(requested, hex('02 0080'), whole, hex('00000080')),
  },
  {
    what: 'the same file twice',
    says: session(requested, hex('02 0080'), whole, hi, digest, hex('fe 8001000000 0080'), whole),
  },
  {
    what: 'that it cannot send what was not asked for',
    says: [...session(requested), message(102, hex('00000000'))],
  },
  {
    what: 'half a file',
    says: session(requested, hex('02 0080'), whole, hex('03000000 68')),
    kind: 'connection',
  },
  {
    what: 'a file that goes on and on',
    says: [
      ...session(requested, hex('02 0080'), whole, hex('ffffff7f')),
      ...Array.from({ length: 80 }, () => framesOf(Buffer.alloc(1024 * 1024))),
    ],
    kind: 'changed',
  },
];

async function failureOf(one: Case, silent = false): Promise<BackupError> {
  const result = await talk(one.says, { end: !silent, timeout: 300 });
  expect(result.error, 'it should have failed').toBeInstanceOf(BackupError);
  expect(result.dropped).toBe(true);
  return result.error as BackupError;
}

describe('a hostile server', () => {
  it.each([...lists, ...transfers])('that sends $what', async (one) => {
    const error = await failureOf(one);
    expect(error.kind).toBe(one.kind ?? 'protocol');
    if (one.message) expect(error.message).toMatch(one.message);
    expect(error.message).not.toMatch(/[\x00-\x1f]/);
  });

  it('that falls silent at any byte is given up in time', async () => {
    for (let length = 0; length < goldenServer.length; length += 11) {
      const error = await failureOf({ what: '', says: [goldenServer.subarray(0, length)] }, true);
      expect(error.kind).toBe('timeout');
    }
  });

  it('that sends keep-alives only is given up in the end', async () => {
    const says = [greeting, ...Array.from({ length: 5000 }, () => hex('00000007'))];
    const result = await talk([greeting, message(33, hex('00000000'))], {
      end: false,
      timeout: 50,
    });
    expect(result.error).toMatchObject({ kind: 'timeout' });
    expect((await talk(says, { end: false, timeout: 50 })).error).toMatchObject({
      kind: 'timeout',
    });
  });

  it('that sends messages without end is cut off', async () => {
    const text = message(2, Buffer.alloc(60_000, 'x'));
    const says = [greeting, ...Array.from({ length: 60 }, () => text)];
    const { error } = await talk(says, { end: false, timeout: 10_000 });
    expect(error).toMatchObject({ kind: 'protocol' });
    expect((error as BackupError).message).toMatch(/messages without end/);
  });

  it('that lists without end is cut off', async () => {
    const many = Array.from({ length: 3000 }, (_none, at) => entry(`x${at}`));
    const { error } = await talk(session(root, ...many), { end: false, timeout: 10_000 });
    expect((error as BackupError).message).toMatch(/more entries/);
  });

  it('that sends wrong content is asked again', async () => {
    const wrong = session(requested, hex('02 0080'), whole, hi, Buffer.alloc(16), hex('000000'));
    const statistics = framesOf(hex('003d00 00a700 000400 000100 000000 00'));
    const { error, outcomes, arrived } = await talk([...wrong, statistics], {
      end: false,
      timeout: 10_000,
    });
    expect(error).toBeUndefined();
    expect(outcomes).toEqual([{ kind: 'changed' }]);
    expect(arrived.size).toBe(0);
  });

  it('that refuses a file says so by its index', async () => {
    const says = [
      ...session(requested),
      message(102, hex('01000000')),
      framesOf(hex('000000 003d00 00a700 000400 000100 000000 00')),
    ];
    const { error, outcomes } = await talk(says, { end: false, timeout: 10_000 });
    expect([error, outcomes]).toEqual([undefined, ['not sent']]);
  });
});
