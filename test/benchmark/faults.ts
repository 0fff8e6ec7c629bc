import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const tests = [
  'test/faults',
  'test/store/faults.test.ts',
  'test/store/killed.test.ts',
  'test/restore/faults.test.ts',
  'test/restore/killed.test.ts',
  'test/verify/faults.test.ts',
  'test/verify/flips.test.ts',
  'test/retention/removal.test.ts',
];

/**
 * The tests of faults, with everything tried: every operation, every moment of a power cut, two hundred kills
 * and those at named steps, 2,000 random actions, 1,000 turned bits. One row for each table.
 *
 * @returns whether nothing was found that must not be
 */
export function tryFaults(folder: string): { rows: Record<string, unknown>[]; isGood: boolean } {
  mkdirSync(folder, { recursive: true });
  const table = path.join(folder, 'faults.ndjson');
  rmSync(table, { force: true });
  const env = {
    ...process.env,
    SAUVEGARDE_FAULTS: 'all',
    SAUVEGARDE_FAULTS_TABLE: table,
    SAUVEGARDE_ACTIONS: '2000',
    SAUVEGARDE_FLIPS: '1000',
  };
  const args = ['vitest', 'run', '--project', 'engine', '--testTimeout', '36000000', ...tests];
  const { status } = spawnSync('npx', args, { env, stdio: 'inherit' });
  const lines = existsSync(table) ? readFileSync(table, 'utf8').trim().split('\n') : [];
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { rows, isGood: status === 0 };
}
