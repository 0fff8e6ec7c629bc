/**
 * Does what it is told and kills itself before the N-th of its operations that has to do with a text. If it
 * comes to its end, it prints how many there were.
 */
import { perform, type Deed } from './deeds';
import { ServedSite } from './servedSite';

interface Order {
  readonly place: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly deed: Deed;
  /** What an operation and what it is about must have in it; empty: any. */
  readonly step: string;
  readonly at: number;
}

const { place, now, deed, step, at } = JSON.parse(process.argv[2] ?? '') as Order;
let operations = 0;
await perform(new ServedSite(place, now), deed, {
  before: (_seam, operation, about) => {
    if (!`${operation} ${about}`.includes(step)) return;
    operations += 1;
    if (operations === at) process.kill(process.pid, 'SIGKILL');
  },
});
console.log(operations);
