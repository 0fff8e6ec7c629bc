import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { measure, median, type Cost } from './measure';

interface Files {
  readonly name: string;
  readonly folders: number;
  readonly files: number;
  readonly bytes: number;
}

const sets: readonly Files[] = [
  { name: '10,000 of 8 kB', folders: 100, files: 100, bytes: 8192 },
  { name: '40,000 of 8 kB', folders: 400, files: 100, bytes: 8192 },
  { name: '30 of 20 MB', folders: 1, files: 30, bytes: 20_000_000 },
  { name: '100,000 of 8 bytes', folders: 200, files: 500, bytes: 8 },
];

/**
 * The same files read by `sha256sum`, one process, and by `sauvegarde verify`, the whole program from its
 * start to its end, in turn. The ratio is the time of the one to the time of the other: above 1 we are faster.
 */
export async function measureVerify(
  folder: string,
  rounds: number,
): Promise<Record<string, unknown>[]> {
  const rows = [];
  for (const set of sets) {
    const workspace = join(folder, set.name.replaceAll(/\W/g, '-'));
    makeStore(workspace, set);
    const theirs: Cost[] = [];
    const ours: Cost[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await measure('sh', ['-c', sha256sum(workspace)]));
      ours.push(await measure(process.execPath, ['dist/cli.js', 'verify', '-C', workspace]));
    }
    rmSync(workspace, { recursive: true, force: true });
    const row = rowOf(set, theirs, ours);
    console.table([row]);
    rows.push(row);
  }
  return rows;
}

function rowOf(
  { name }: Files,
  theirs: readonly Cost[],
  ours: readonly Cost[],
): Record<string, unknown> {
  const ratios = theirs.map(({ wall }, round) => wall / (ours[round]?.wall ?? Number.NaN));
  const of = (costs: readonly Cost[], part: 'wall' | 'cpu' | 'peak'): number =>
    Math.round(100 * median(costs.map((cost) => cost[part]))) / 100;
  return {
    files: name,
    'sha256sum s': of(theirs, 'wall'),
    'verify s': of(ours, 'wall'),
    'sha256sum cpu s': of(theirs, 'cpu'),
    'verify cpu s': of(ours, 'cpu'),
    'peak MB': Math.round(of(ours, 'peak') / 1e6),
    ratio: Math.round(100 * median(ratios)) / 100,
    load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
  };
}

function makeStore(workspace: string, { folders, files, bytes }: Files): void {
  mkdirSync(join(workspace, '.vscode'), { recursive: true });
  const servers = { big: { protocol: 'local', include: ['/data'] } };
  writeFileSync(join(workspace, '.vscode/sauvegarde.json'), JSON.stringify({ servers }));
  const numbers = [folders, files, bytes].map(String);
  const args = ['build/run.mjs', 'test/verify/bigStore.ts', 'make', workspace, ...numbers];
  execFileSync(process.execPath, args);
}

function sha256sum(workspace: string): string {
  const store = join(workspace, 'backups/big');
  const [snapshot = ''] = readdirSync(store).filter((name) => name.startsWith('2'));
  return `find '${join(store, snapshot)}' -type f -print0 | xargs -0 -n 10000000 sha256sum > /dev/null`;
}
