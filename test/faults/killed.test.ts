import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KilledProgram } from './killedProgram';
import { isEverythingTried, momentsOf, seed, seeded } from './seeded';
import { Tally } from './tally';
import { Trial, trials } from './trial';

/** Of each; together they are more than two hundred. */
const kills = isEverythingTried ? 45 : 1;

/** What publishing, thinning out, mending and writing back consist of: death comes before each of these. */
const steps = [
  'syncTree',
  'syncFolder',
  'snapshots/',
  'inodes/',
  'parity/',
  'pins/',
  'rename ',
  'remove ',
  'removeFile',
  'createFile',
  'link ',
  'makeFolder',
  'trash/',
  'repair/',
  'damaged/',
  'proven',
  'store.json',
  'upload',
  'replace',
  'removeFolder',
  'setAttributes',
] as const;

let program: KilledProgram;

beforeAll(async () => {
  program = await KilledProgram.make();
});

afterAll(() => program[Symbol.dispose]());

describe(`a kill (seed ${seed})`, () => {
  it.each(trials)('in %s leaves whole snapshots only, and the next one goes well', async (name) => {
    using trial = await Trial.of(name, seed);
    const operations = (await program.perform(trial.site, trial.deed, 0))!;
    const tally = new Tally('kill -9', name);
    for (const at of momentsOf(operations, kills, seeded(seed))) {
      await tally.try(`before operation ${at}`, async () => {
        trial.reset();
        expect(await program.perform(trial.site, trial.deed, at)).toBeUndefined();
        await trial.expectSurvived();
      });
    }
    expect(tally.end()).toEqual([]);
  });

  it.runIf(isEverythingTried).each(trials)('at each named step of %s as well', async (name) => {
    using trial = await Trial.of(name, seed);
    const tally = new Tally('kill -9 at a named step', name);
    for (const step of steps) {
      trial.reset();
      const times = (await program.perform(trial.site, trial.deed, 0, step))!;
      for (const at of momentsOf(times, Math.min(times, 3), seeded(seed))) {
        await tally.try(`${step}, number ${at}`, async () => {
          trial.reset();
          expect(await program.perform(trial.site, trial.deed, at, step)).toBeUndefined();
          await trial.expectSurvived();
        });
      }
    }
    expect(tally.end()).toEqual([]);
  });
});
