import { afterAll, beforeAll, expect, it } from 'vitest';
import { Engine } from './engine';
import { KilledProgram } from './killedProgram';
import { seed } from './seeded';

const actions = Number(process.env['SAUVEGARDE_ACTIONS'] ?? 200);

let killer: KilledProgram;

beforeAll(async () => {
  killer = await KilledProgram.make();
});

afterAll(() => killer[Symbol.dispose]());

it(`${actions} random actions leave what the model expects (seed ${seed})`, async () => {
  using engine = new Engine(seed, killer);
  await engine.run(actions);
  console.table([{ seed, actions, ...engine.counts }]);
  expect(engine.counts['back up']).toBeGreaterThan(0);
}, 3_600_000);
