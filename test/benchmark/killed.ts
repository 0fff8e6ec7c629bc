import { rmSync } from 'node:fs';
import { runKilled, runPlainly, runToTheEnd } from '../interrupted/killed';
import {
  makeFiles,
  openSlowPlace,
  slowProtocols,
  type SlowProtocol,
} from '../interrupted/slowPlaces';
import { seeded } from './dataSets';

const mega = 1_000_000;
/** Megabytes a second. */
const rates = [0.5, 2, 6] as const;
const moments = 10;
/** Seconds of the line after which a run is killed at the latest. */
const latest = 12;

/** Files of every size, 109 MB together: small ones, some of a megabyte, a few large ones. */
function sizesOf(random: () => number): number[] {
  const sizes = [
    ...Array.from({ length: 600 }, () => Math.floor(random() * 20_000)),
    ...Array.from({ length: 60 }, () => Math.floor(random() * 2 * mega)),
    ...Array.from({ length: 3 }, () => 14 * mega),
  ];
  return sizes
    .map((size) => ({ size, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ size }) => size);
}

/**
 * Kills a first backup at seeded moments on slow lines, and lets the next run finish it: what comes a
 * second time, and how much of that the promise allows. One row for each protocol and line.
 */
export async function measureKilled(folder: string): Promise<Record<string, unknown>[]> {
  const random = seeded(11);
  makeFiles(folder, sizesOf(random), 11);
  const rows = [];
  for (const protocol of slowProtocols) rows.push(...(await rowsOf(protocol, folder, random)));
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

async function rowsOf(
  protocol: SlowProtocol,
  folder: string,
  random: () => number,
): Promise<Record<string, unknown>[]> {
  await using place = await openSlowPlace(protocol, folder);
  const { whole, listing } = await runPlainly(place);
  const rows = [];
  for (const rate of rates) {
    const again: number[] = [];
    let share = 0;
    for (let moment = 0; moment < moments; moment += 1) {
      place.line.rate = rate * mega;
      using workspace = place.workspace();
      const bytes = listing + mega / 4 + random() * latest * rate * mega;
      const { received, allowed } = await runKilled(place, workspace, bytes);
      const last = await runToTheEnd(place, workspace);
      const twice = Math.max(0, received + last - whole - listing);
      again.push(twice);
      share = Math.max(share, twice / allowed);
    }
    const row = {
      protocol,
      'line MB/s': rate,
      'again MB, each': again.map((bytes) => (bytes / mega).toFixed(1)).join(' '),
      'most MB': Math.round(Math.max(...again) / 1e5) / 10,
      'of what is allowed': `${Math.round(share * 100)} %`,
    };
    console.table([row]);
    rows.push(row);
  }
  return rows;
}
