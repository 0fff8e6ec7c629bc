import { afterAll, beforeAll, expect, it } from 'vitest';
import { Engine } from './engine';
import { KilledProgram } from './killedProgram';
import { seed } from './seeded';
import { Tally } from './tally';

const actions = Number(process.env['SAUVEGARDE_ACTIONS'] ?? 200);

let killer: KilledProgram;

beforeAll(async () => {
  killer = await KilledProgram.make();
});

afterAll(() => killer[Symbol.dispose]());

it(`${actions} random actions leave what the model expects (seed ${seed})`, async () => {
  using engine = new Engine(seed, killer);
  const tally = new Tally('random actions', `${actions} of them`);
  await tally.try(`seed ${seed}`, () => engine.run(actions));
  console.table([engine.counts]);
  expect(tally.end()).toEqual([]);
  expect(engine.counts['back up']).toBeGreaterThan(0);
});
