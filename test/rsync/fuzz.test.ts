import { expect, describe, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { seeded } from '../benchmark/dataSets';
import { goldenServer } from './goldenSession';
import { talk } from './talk';

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

describe('sessions with changed bytes', () => {
  it(
    `end with an error or with what was asked for, ${cases} times`,
    async () => {
      const below = generator(seed);
      let failed = 0;
      for (let first = 0; first < cases; first += 50) {
        const talks = Array.from({ length: Math.min(50, cases - first) }, () => {
          const bytes = mutated(goldenServer, below);
          const cut = below(bytes.length + 1);
          const says = [bytes.subarray(0, cut), bytes.subarray(cut)];
          return talk(says, { timeout: 200, end: below(4) > 0 });
        });
        for (const { error, outcomes, dropped } of await Promise.all(talks)) {
          if (error === undefined) {
            expect(outcomes.length).toBeGreaterThanOrEqual(0);
            continue;
          }
          failed += 1;
          expect(error).toBeInstanceOf(BackupError);
          expect(dropped).toBe(true);
        }
      }
      expect(failed).toBeGreaterThan(cases / 2);
    },
    60_000 + cases * 20,
  );
});
