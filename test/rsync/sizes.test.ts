import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { framesOf } from '../../src/sources/rsync/frames';
import { hex } from './scriptedTransport';
import { talk } from './talk';

/** Version 31, no flags but a safe list and seed order, seed 1. */
const greeting = hex('1f000000 2e 01000000');
const root = hex('19 01 2e 00 0010 65 267d93 ed410000');
const end = hex('00');
const request = hex('02 0080 00000000 00000000 00000000 00000000');
const hi = hex('03000000 68690a 00000000 764efa883dda1e11db47671c4a3bbd9e');
const goodbye = hex('000000 003d00 00a700 000400 000100 000000 00');

/** A list with the one file "a", whose size is these bytes, and its content "hi\n". */
function withSize(size: string): Buffer[] {
  const file = hex(`18 01 61 ${size} 65 257d93 a4810000`);
  return [greeting, framesOf(Buffer.concat([root, file, end, request, hi, goodbye]))];
}

describe('a size that an rsync server lists', () => {
  it.each([
    ['of 32 bits that overflowed', 'fc 005ed0b2ffffffff'],
    ['-1', 'fc ffffffffffffffff'],
    ['the smallest of 64 bits', 'fc 0000000000000080'],
    ['the largest of 64 bits', 'fc ffffffffffffff7f'],
    ['the right one', '00 0300'],
  ])('%s', async (_what, size) => {
    const { error, outcomes, arrived } = await talk(withSize(size), {
      end: false,
      timeout: 10_000,
    });
    expect([error, outcomes]).toEqual([
      undefined,
      [expect.objectContaining({ kind: 'delivered' })],
    ]);
    expect([...arrived.values()]).toEqual([createHash('sha256').update('hi\n').digest('hex')]);
  });

  it.each([
    ['whose digest is wrong', Buffer.concat([hi.subarray(0, -1), hex('00')]), goodbye],
    ['that breaks off', hi.subarray(0, 6), Buffer.alloc(0)],
  ])('none, of a file %s', async (_how, content, after) => {
    const file = hex('18 01 61 fc ffffffffffffffff 65 257d93 a4810000');
    const says = [greeting, framesOf(Buffer.concat([root, file, end, request, content, after]))];
    const { error, outcomes, arrived } = await talk(says, { timeout: 10_000 });
    expect(arrived.size).toBe(0);
    if (after.length > 0) expect(outcomes).toEqual([{ kind: 'changed' }]);
    else expect(error).toBeInstanceOf(BackupError);
  });
});
