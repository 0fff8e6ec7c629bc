import { describe, expect, it } from 'vitest';
import { perform, type Seam } from './deeds';
import { Interruption, type Fault } from './interruption';
import { everyMoment, seed, seeded } from './seeded';
import { Tally } from './tally';
import { Trial, trials } from './trial';

const few = 2;

const faults: readonly (readonly [Seam, Fault, string])[] = [
  ['disk', 'transient', 'EIO'],
  ['disk', 'lasting', 'EIO'],
  ['disk', 'transient', 'ENOSPC'],
  ['disk', 'lasting', 'ENOSPC'],
  ['connection', 'transient', ''],
  ['connection', 'lasting', ''],
];

describe(`a fault of any operation (seed ${seed})`, () => {
  it.each(trials)('of %s leaves whole snapshots only, and the next one goes well', async (name) => {
    using trial = await Trial.of(name, seed);
    const violations: string[] = [];
    for (const [seam, fault, code] of faults) {
      const counted = new Interruption(0, fault, code, seam);
      trial.reset();
      await perform(trial.site, trial.deed, { before: counted.step });
      // A prune asks no server.
      if (counted.operations === 0) continue;
      const tally = new Tally(`${fault} fault of the ${seam} ${code}`, name);
      for (const at of everyMoment(counted.operations, few, seeded(seed))) {
        trial.reset();
        const interruption = new Interruption(at, fault, code, seam);
        const isDone = await perform(trial.site, trial.deed, { before: interruption.step }).then(
          () => true,
          () => false,
        );
        const about = `operation ${at}: ${interruption.failed ?? 'none'}`;
        await tally.try(about, () => trial.expectSurvived(isDone));
      }
      violations.push(...tally.end());
    }
    expect(violations).toEqual([]);
  });
});
