import fs from 'node:fs';
import { expect, it } from 'vitest';
import { seed, seeded } from '../faults/seeded';
import { Tally } from '../faults/tally';
import { turnBit, VerifyFixture } from './verifyFixture';

const flips = Number(process.env['SAUVEGARDE_FLIPS'] ?? 200);

/** Two snapshots that share most files; one file of each is only in it. */
async function made(): Promise<{ fixture: VerifyFixture; ids: string[] }> {
  const fixture = new VerifyFixture();
  for (let file = 0; file < 40; file += 1) {
    fixture.server.file(
      `data/d${file % 4}/file ${file}`,
      `content of ${file} `.repeat(1 + 9 * file),
    );
  }
  fixture.server.file('data/big', Buffer.alloc(700_000, 'big'));
  fixture.server.link('data/link', 'somewhere');
  const old = await fixture.run();
  fixture.server.file('data/changed', 'new');
  const recent = await fixture.run();
  return { fixture, ids: [recent.snapshot, old.snapshot] };
}

function targets(fixture: VerifyFixture, ids: readonly string[]): string[] {
  const found = ids.map((id) => fixture.store.layout.manifest(id));
  for (const id of ids) {
    const root = fixture.store.layout.snapshot(id);
    for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const place = `${entry.parentPath}/${entry.name}`;
      if (entry.isFile() && fs.statSync(place).size > 0) found.push(place);
    }
  }
  return found;
}

it(`finds every single bit that turned, and mends it where its content is elsewhere (seed ${seed})`, async () => {
  const { fixture, ids } = await made();
  using _ = fixture;
  const before = fixture.states();
  const random = seeded(seed);
  const all = targets(fixture, ids);
  const tally = new Tally('single turned bits', 'files and manifests');
  for (let flip = 0; flip < flips; flip += 1) {
    // Half of them in manifests, last lines included.
    const place = flip % 2 === 0 ? all[random(2)]! : all[random(all.length)]!;
    const bit = random(8 * fs.statSync(place).size);
    const label = `bit ${bit} of ${place}`;
    await tally.try(label, async () => {
      turnBit(place, bit);
      const verified = await fixture.verify({ scope: 'all' });
      expect(
        verified.map(({ status }) => status),
        label,
      ).toContain('damaged');
      // The server still has all that is in the newest snapshot.
      const repaired = await fixture.verify({ scope: 'all', repair: true });
      expect(
        repaired.map(({ status }) => status),
        label,
      ).toEqual(['whole', 'whole']);
      expect(fixture.states(), label).toEqual(before);
    });
  }
  expect(tally.end()).toEqual([]);
  expect(fixture.opened).toBeGreaterThan(0);
});

it('finds and mends many at once', async () => {
  const { fixture, ids } = await made();
  using _ = fixture;
  const before = fixture.states();
  const random = seeded(seed + 1);
  const all = targets(fixture, ids);
  const turned = new Set(all.filter(() => random(2) === 0));
  for (const place of turned) turnBit(place, random(8 * fs.statSync(place).size));
  const verified = await fixture.verify({ scope: 'all', repair: true });
  expect(verified.map(({ status }) => status)).toEqual(['whole', 'whole']);
  expect(fixture.states()).toEqual(before);
});
