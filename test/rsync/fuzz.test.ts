import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { seeded } from '../benchmark/dataSets';
import type { Wanted } from '../../src/model/transfer';
import { RecordedRsync } from './recording';
import { talk, talkTo } from './talk';

/** `SAUVEGARDE_FUZZ_CASES=20000` for the long run. */
const cases = Number(process.env['SAUVEGARDE_FUZZ_CASES'] ?? 1000);
const seed = Number(process.env['SAUVEGARDE_FUZZ_SEED'] ?? 20_261_123);

/** Whole numbers below a bound, the same in every run with this seed. */
function generator(start: number): (bound: number) => number {
  const random = seeded(start);
  return (bound) => Math.floor(random() * bound);
}

const nasty = [0, 1, 0x7f, 0x80, 0xbf, 0xc0, 0xf0, 0xf8, 0xfc, 0xfe, 0xff, 46, 47];

/** One to four changes: a byte replaced, taken out, put in, or the rest cut off. */
function mutated(bytes: Buffer, below: (bound: number) => number): Buffer {
  let result = Buffer.from(bytes);
  for (let left = 1 + below(4); left > 0; left -= 1) {
    const at = below(result.length);
    const value = below(2) === 0 ? below(256) : nasty[below(nasty.length)]!;
    const before = result.subarray(0, at);
    switch (below(8)) {
      case 0:
        result = Buffer.concat([before, result.subarray(at + 1)]);
        break;
      case 1:
        result = Buffer.concat([before, Buffer.from([value]), result.subarray(at)]);
        break;
      case 2:
        result = Buffer.concat([before, result.subarray(0, below(64))]);
        break;
      default:
        result[at] = value;
    }
    if (result.length === 0) return result;
  }
  return result;
}

interface Recorded {
  readonly offer: number;
  readonly bytes: Buffer;
}

let folder: string;
let recorded: Recorded[];
/** SHA-256 of every file that a session can bring, by path. */
const known = new Map<string, string>();

/** Files whole and by differences, names that share beginnings, a link, an empty folder. */
function makeTree(): void {
  const random = seeded(7);
  const large = Buffer.from(Array.from({ length: 30_000 }, () => Math.floor(random() * 256)));
  const files = { 'a/one': 'hi', 'a/one two': '', 'a/two': large, b: large.subarray(0, 9000) };
  mkdirSync(`${folder}/tree/a/empty`, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(`${folder}/tree/${name}`, content);
    known.set(`srv/${name}`, createHash('sha256').update(content).digest('hex'));
  }
  symlinkSync('a/one', `${folder}/tree/link`);
  writeFileSync(`${folder}/basis`, Buffer.from(large).fill(0, 10_000, 10_003));
}

const basisOf = (name: string): Wanted['basis'] =>
  name === 'a/two' ? { place: `${folder}/basis`, size: 30_000, isTwin: false } : undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sauvegarde-fuzz-'));
  makeTree();
  recorded = [];
  for (const offer of [27, 28, 29, 30, 31]) {
    const server = new RecordedRsync(`${folder}/tree`);
    const { error, arrived } = await talkTo(server, { timeout: 5000, offer, basisOf });
    expect(error).toBeUndefined();
    expect(arrived).toEqual(known);
    recorded.push({ offer, bytes: server.said });
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('recorded sessions with changed bytes', () => {
  it('bring everything as long as nothing is changed', async () => {
    for (const { offer, bytes } of recorded) {
      const quiet = { end: false, timeout: 10_000, offer, basisOf };
      const { error, arrived } = await talk([bytes], quiet);
      expect([offer, error]).toEqual([offer, undefined]);
      expect(arrived).toEqual(known);
    }
  });

  it(
    `end with an error, or with nothing but what is right, ${cases} times`,
    async () => {
      const below = generator(seed);
      let failed = 0;
      const one = async (): Promise<void> => {
        const { offer, bytes } = recorded[below(recorded.length)]!;
        const changed = mutated(bytes, below);
        const cut = below(changed.length + 1);
        const says = [changed.subarray(0, cut), changed.subarray(cut)];
        const end = below(4) > 0;
        const result = await talk(says, { timeout: 200, end, offer, basisOf });
        // A name may have been changed, but never the content of a file that is accepted.
        const digests = new Set(known.values());
        for (const digest of result.arrived.values()) expect(digests).toContain(digest);
        if (result.error === undefined) return;
        failed += 1;
        expect(result.error).toBeInstanceOf(BackupError);
        expect(result.dropped).toBe(true);
      };
      for (let done = 0; done < cases; done += 50) {
        await Promise.all(Array.from({ length: Math.min(50, cases - done) }, one));
      }
      expect(failed).toBeGreaterThan(cases / 3);
    },
    60_000 + cases * 30,
  );
});
