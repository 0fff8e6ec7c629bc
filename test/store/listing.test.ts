import fs from 'node:fs';
import { expect, it } from 'vitest';
import { StoreFixture } from './storeFixture';
import { watchedDisk } from './watchedDisk';

it('lists snapshots by the ends of their manifests, and tells those that were cut off', async () => {
  using fixture = new StoreFixture();
  for (let file = 0; file < 30; file += 1) fixture.server.file(`data/f${file}`, `${file}`);
  const { snapshot: old } = await fixture.run();
  const { snapshot: recent } = await fixture.run();
  const read: string[] = [];
  const watched = fixture.storeOn(
    watchedDisk((operation, about) => {
      if (operation.startsWith('read')) read.push(`${operation} ${about}`);
    }),
  );
  const { layout } = fixture.store;
  expect(await watched.snapshots()).toMatchObject([
    { id: recent, status: 'complete', totals: { files: 30 } },
    { id: old, status: 'complete', totals: { files: 30 } },
  ]);
  expect(read).toEqual([`readEnd ${layout.manifest(recent)}`, `readEnd ${layout.manifest(old)}`]);
  const whole = fs.readFileSync(layout.manifest(old));
  const lastLine = whole.length - 1 - whole.lastIndexOf(10, -2);
  for (let cut = 1; cut <= lastLine + 40; cut += 1) {
    fs.writeFileSync(layout.manifest(old), whole.subarray(0, whole.length - cut));
    expect((await fixture.store.snapshots())[1], `without ${cut} bytes`).toMatchObject({
      status: 'damaged',
    });
  }
  // A later version may have more to say.
  const longer = whole.toString().replace(/\}\n$/, `,"more":"${'x'.repeat(5000)}"}\n`);
  fs.writeFileSync(layout.manifest(old), longer);
  expect((await fixture.store.snapshots())[1]).toMatchObject({ status: 'complete' });
});
