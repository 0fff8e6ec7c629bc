import fs from 'node:fs';
import { expect, it } from 'vitest';
import { version } from '../../src/jobs/version';
import { container } from '../../src/jobs/handover/kubernetes/fleet';
import { figuresOf } from './figures';
import { simulate } from './simulation';

it('a fleet makes every backup that its outages do not hinder, a few at once and within the hour', () => {
  const outcome = simulate({ servers: 60, days: 7, isSpread: true, seed: 7 });
  const together = simulate({ servers: 60, days: 7, isSpread: false, seed: 7 });
  expect(outcome.due).toBeGreaterThan(400);
  expect(outcome.made + outcome.failed + outcome.missed).toBe(outcome.due);
  expect(outcome.failed + outcome.missed).toBeLessThan(0.05 * outcome.due);
  // Those of different minutes may meet.
  expect(outcome.mostStartsInAMinute).toBeLessThanOrEqual(2);
  expect(outcome.mostAtOnce * 3).toBeLessThan(together.mostAtOnce);
  expect(outcome.latestStart).toBeLessThan(3_600_000);
});

it('docs/fleet.md has the rows that the simulation prints', () => {
  const rows = figuresOf({ servers: 6, days: 2, seed: 1 }).split('\n').slice(2, -1);
  const text = fs.readFileSync('docs/fleet.md', 'utf8');
  for (const row of rows) expect(text).toContain(`| ${row.split('|')[1]!.trim()} `);
});

it('the image has all bundles that the command line loads, and the account of the jobs', () => {
  const text = fs.readFileSync('build/Containerfile', 'utf8');
  const program = fs.readFileSync('dist/cli.js', 'utf8');
  const bundles = [...program.matchAll(/require\("\.\/(\w+\.js)"\)/g)].map(([, name]) => name!);
  expect(bundles.length).toBeGreaterThan(2);
  for (const bundle of ['cli.js', ...bundles]) expect(text).toContain(`/source/dist/${bundle} `);
  const { uid, home, destination, workspace } = container;
  expect(text).toContain(`USER ${uid}:${uid}`);
  expect(text).toContain(`${workspace} ${destination}`);
  expect(home).toBe('/home/sauvegarde');
  expect(text).toContain(`-t sauvegarde:${version}`);
});
