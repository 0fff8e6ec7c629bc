/** Backs up many small files over a slow disk, and kills itself while threads create the N-th batch of them. */
import { addManyFiles } from './manyFiles';
import { SlowDisk } from './slowDisk';
import { StoreFixture } from './storeFixture';

const [workspace, version = '1', at = '1'] = process.argv.slice(2);
const fixture = new StoreFixture(undefined, workspace);
addManyFiles(fixture.server, Number(version));
fixture.clock.advance(Number(version) * 3_600_000);
const { disk } = new SlowDisk(fixture.clock);
let left = Number(at);
await fixture.run({
  ...disk,
  startCreating: () => {
    const thread = disk.startCreating();
    return (
      thread && {
        create: async (files) => {
          const created = thread.create(files);
          left -= 1;
          // The thread has the files, and is somewhere among them.
          if (left === 0) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
          return created;
        },
        [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
      }
    );
  },
});
