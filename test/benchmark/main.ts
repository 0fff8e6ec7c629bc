/**
 * The benchmark: we and the peers copy the same seeded data sets from the same servers, in turn and
 * interleaved, over loopback and over a link of 40 ms. Prints medians and ratios, and writes them as
 * JSON. `npm run bench -- --rounds 1 --only sftp/small` runs a part of it, `--profile` says what our time
 * is spent on. `docs/performance.md` has the figures.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { parseArgs } from 'node:util';
import { account } from '../servers/account';
import { makeBig } from './dataSets';
import { openFolder, type DiskKind } from './disks';
import { tryFaults } from './faults';
import { measureKilled } from './killed';
import { measureManySnapshots } from './manySnapshots';
import { measureOverview } from './overview';
import { receivedBytes } from './measure';
import { links, openPlace } from './places';
import { profileRow } from './profile';
import { measureRestore } from './restore';
import { dataSets, nameOf, rows, type Row } from './rows';
import { ours, rememberObscured, rsync } from './tools';
import { measureRow } from './transfers';
import { measureVerify } from './verify';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    output: { type: 'string', default: '.cache/benchmark/result.json' },
    /** Only ours, once, with what its time is spent on. */
    profile: { type: 'boolean', default: false },
  },
});

const folders = new Map<DiskKind, string>();

/** Each kind of disk is made ready once, when a row wants it. */
function folderOn(kind: DiskKind): string {
  const folder = folders.get(kind) ?? openFolder(kind);
  chmodSync(folder, 0o755);
  folders.set(kind, folder);
  return folder;
}

const work = folderOn('memory');

function installPeers(): void {
  const needed = ['/usr/bin/rsync', '/usr/bin/rclone', '/usr/bin/lftp', '/usr/bin/time'];
  if (needed.every((path) => existsSync(path))) return;
  const names = needed.map((path) => path.slice('/usr/bin/'.length));
  execFileSync('apt-get', ['update', '-qq']);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names]);
}

function makeData(data: Row['data']): void {
  const place = `${work}/data/${data}`;
  if (!existsSync(place)) dataSets[data].make(place);
}

/** A file of 200 MB with three small edits: what comes over the wire, of which we say how much. */
async function measureEdited(): Promise<Record<string, unknown>[]> {
  const folder = `${work}/data/edited`;
  makeBig(folder, 200 * 1024 ** 2);
  await using opened = await openPlace('rsync', 'loopback', folder);
  const tools = [ours, rsync];
  for (const tool of tools) {
    tool.prepare(opened.place, `${work}/target/${tool.name}`);
    await tool.copy(opened.place, `${work}/target/${tool.name}`);
  }
  const file = openSync(`${folder}/big.bin`, 'r+');
  for (const at of [1_000_000, 100_000_000, 200_000_000]) writeSync(file, `edited at ${at}`, at);
  closeSync(file);
  const lines = [];
  for (const tool of tools) {
    const { wall, output } = await tool.copy(opened.place, `${work}/target/${tool.name}`);
    const bytes = receivedBytes(output);
    lines.push({ row: 'rsync-ssh/edited', tool: tool.name, s: wall, 'received bytes': bytes });
  }
  return lines;
}

/** Peak memory of a first backup of generated trees: it should not grow with their size. */
function measureMemory(): Record<string, unknown>[] {
  return [200, 400, 2000].map((folders) => {
    const args = ['build/run.mjs', 'test/jobs/memoryRun.ts', String(folders), '500'];
    const { peak } = JSON.parse(execFileSync(process.execPath, args).toString()) as {
      peak: number;
    };
    return { entries: folders * 501, 'peak MB': Math.round(peak / 1e6) };
  });
}

/** The fuzz of the tests, twenty times as long: throws if a case hangs, crashes or brings what is wrong. */
function runFuzz(): Record<string, unknown>[] {
  const cases = 20_000;
  const started = performance.now();
  const args = ['vitest', 'run', '--project', 'engine', 'test/rsync/fuzz.test.ts'];
  const env = { ...process.env, SAUVEGARDE_FUZZ_CASES: String(cases) };
  execFileSync('npx', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return [{ fuzz: 'rsync', cases, s: Math.round((performance.now() - started) / 1000) }];
}

installPeers();
const form = options.profile ? ['--readable'] : [];
execFileSync(process.execPath, ['build/bundle.mjs', ...form], { stdio: 'inherit' });
const { password } = account();
rememberObscured(password, execFileSync('rclone', ['obscure', password]).toString().trim());
const table: Record<string, unknown>[] = [];
for (const row of rows) {
  if (!nameOf(row).startsWith(options.only)) continue;
  makeData(row.data);
  const places = {
    data: `${work}/data/${row.data}`,
    target: `${folderOn(row.disk ?? 'memory')}/target`,
  };
  const lines = options.profile
    ? await profileRow(row, places)
    : await measureRow(row, places, Number(options.rounds));
  console.table(lines);
  table.push(...lines);
}
/** Whether a part that is no row is asked for. */
const isAsked = (part: string): boolean => !options.profile && part.startsWith(options.only);
const edited = isAsked('rsync-ssh/edited') ? await measureEdited() : [];
const fuzz = isAsked('fuzz') ? runFuzz() : [];
const killed = isAsked('killed') ? await measureKilled(`${work}/killed`) : [];
const memory = isAsked('memory') ? measureMemory() : [];
const faults = isAsked('faults') ? tryFaults(`${work}/faults`) : undefined;
const rounds = Number(options.rounds);
const verify = isAsked('verify') ? await measureVerify(`${work}/verify`, rounds) : [];
const restore = isAsked('restore') ? await measureRestore(`${work}/restore`, rounds) : [];
const retention = isAsked('retention')
  ? await measureManySnapshots(`${work}/many`, 1000, 10_000)
  : [];
const overview = isAsked('overview') ? await measureOverview(`${work}/overview`, 200, 365) : [];
console.table(table);
console.table(edited);
console.table(killed);
console.table(memory);
console.table(fuzz);
console.table(faults?.rows);
console.table(verify);
console.table(restore);
console.table(retention);
console.table(overview);
mkdirSync('.cache/benchmark', { recursive: true });
writeFileSync(
  options.output,
  `${JSON.stringify({ links, rounds: options.rounds, table, edited, killed, memory, fuzz, faults: faults?.rows, verify, restore, retention, overview }, null, 2)}\n`,
);
for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
if (faults?.isGood === false) process.exitCode = 1;
