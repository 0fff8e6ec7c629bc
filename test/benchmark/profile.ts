/**
 * What the time of a run is spent on, by V8's sampling profiler: `npm run bench -- --profile`. The
 * profiles stay in `.cache/benchmark/profiles`; the editor opens them as flame graphs.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Row } from './rows';
import { nameOf } from './rows';
import { oursWith } from './tools';
import { runTools, type RowFolders } from './transfers';

/** As Node writes it with `--cpu-prof`, as far as it is looked at. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** From 0 on. */
    readonly lineNumber: number;
  };
}

const profiles = resolve('.cache/benchmark/profiles');
/** A part that took less of the time is not told. */
const leastShare = 0.005;

/**
 * Milliseconds of each part of the program: a folder of `src`, a package, a module of Node, or, where V8
 * gives no place, what it calls it: `(idle)`, `(garbage collector)`, `open`.
 * @param bundle the readable program, which names its sources
 */
export function partsOf(profile: Profile, bundle: string): Map<string, number> {
  const sources = sourcesOf(bundle);
  const names = new Map(profile.nodes.map((node) => [node.id, partOf(node, sources)]));
  const parts = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '?';
    const delta = (profile.timeDeltas[index] ?? 0) / 1000;
    parts.set(name, (parts.get(name) ?? 0) + delta);
  }
  return new Map([...parts].sort(([, left], [, right]) => right - left));
}

function partOf({ callFrame }: ProfileNode, sources: readonly string[]): string {
  const { functionName, url, lineNumber } = callFrame;
  if (url === '') return functionName;
  if (url.startsWith('node:')) return url;
  return sources[lineNumber] ?? url;
}

/** The part that each line of a bundle belongs to: esbuild names each source in a comment above it. */
function sourcesOf(bundle: string): string[] {
  let source = '(start)';
  return bundle.split('\n').map((line) => {
    const [, path] = /^(?:\s*)\/\/ ((?:src|node_modules)\/\S+)$/.exec(line) ?? [];
    if (path !== undefined) source = folderOf(path);
    return source;
  });
}

function folderOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  const isPackage = folders[0] === 'node_modules';
  return folders.slice(0, isPackage && folders[1]?.startsWith('@') !== true ? 2 : 3).join('/');
}

/** Runs a row once under the profiler. A line for each part, the greatest first, with the milliseconds of each run. */
export async function profileRow(
  row: Row,
  folders: RowFolders,
): Promise<Record<string, unknown>[]> {
  const folder = join(profiles, nameOf(row).replaceAll('/', '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tool = oursWith(['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  await runTools(row, folders, [tool], 1, () => undefined);
  const bundle = readFileSync('dist/cli.js', 'utf8');
  const runs = mainProfiles(folder).map((path) =>
    partsOf(JSON.parse(readFileSync(path, 'utf8')) as Profile, bundle),
  );
  const parts = new Set(runs.flatMap((run) => [...run.keys()]));
  const least = leastShare * Math.max(...runs.map((run) => [...run.values()].reduce(sum, 0)));
  return [...parts]
    .map((part) => ({ part, spent: runs.map((run) => Math.round(run.get(part) ?? 0)) }))
    .filter(({ spent }) => Math.max(...spent) >= least)
    .sort((left, right) => right.spent.reduce(sum, 0) - left.spent.reduce(sum, 0))
    .map(({ part, spent: [first, again, edited] }) => ({
      row: nameOf(row),
      part,
      first,
      again,
      edited,
    }));
}

/** One for each run, in their order: those of the main thread, whose number is 0 (CPU.date.time.process.thread.count). */
function mainProfiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.split('.')[4] === '0')
    .sort()
    .map((name) => join(folder, name));
}

function sum(left: number, right: number): number {
  return left + right;
}
