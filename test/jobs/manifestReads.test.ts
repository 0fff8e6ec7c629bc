import { expect, it } from 'vitest';
import { quickDisk, StoreFixture } from '../store/storeFixture';

/** How often a run reads a manifest to its end: each time costs as much as a look at all of its files. */
async function manifestReads(change: (fixture: StoreFixture) => void): Promise<number> {
  using fixture = new StoreFixture();
  for (let file = 0; file < 2000; file += 1) fixture.server.file(`data/file ${file}`);
  await fixture.run();
  change(fixture);
  let reads = 0;
  const { manifests } = fixture.store.layout;
  await fixture.run({
    ...quickDisk,
    async *readFile(path, start) {
      yield* quickDisk.readFile(path, start);
      // Whoever only wants the header does not come here.
      if (String(path).startsWith(manifests)) reads += 1;
    },
  });
  return reads;
}

it('proves the last manifest and reads it once; where something changed, twice more beside the new one', async () => {
  expect(await manifestReads(() => undefined)).toBe(2);
  expect(await manifestReads(({ server }) => server.file('data/file 7', 'another'))).toBe(6);
});
