import { describe, expect, it } from 'vitest';
import type { Kept } from './durability';
import { PowerCut } from './powerCut';
import { everyMoment, seed, seeded } from './seeded';
import { Tally } from './tally';
import { trials } from './trial';

const states: readonly Kept[] = ['nothing', 'names', 'contents', 'some'];
const few = 3;

describe(`a power cut (seed ${seed})`, () => {
  it.each(trials)('in %s leaves whole snapshots only, and the next one goes well', async (name) => {
    using cut = await PowerCut.record(name, seed);
    const tally = new Tally('power cut', name);
    const moments = everyMoment(cut.moments, few, seeded(seed));
    for (const moment of new Set([...moments, cut.moments])) {
      for (const kept of states) {
        await tally.try(`after ${moment} effects, kept: ${kept}`, () => cut.at(moment, kept));
      }
    }
    expect(tally.end()).toEqual([]);
  });
});
