/** Backs up a version of the changing tree and kills itself before the N-th operation of the disk. */
import { setVersion } from './changingTree';
import { StoreFixture } from './storeFixture';
import { watchedDisk } from './watchedDisk';

const [workspace, version, wanted = '', first = '1'] = process.argv.slice(2);
let left = Number(first);
const fixture = new StoreFixture(undefined, workspace);
setVersion(fixture.server, Number(version));
fixture.clock.advance(Number(version) * 3_600_000);
const disk = watchedDisk((operation, about) => {
  if (wanted !== '' && !`${operation} ${about}`.includes(wanted)) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
});
await fixture.run(disk);
