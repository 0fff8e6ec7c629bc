/**
 * The benchmark: we and the peers copy the same seeded data sets from the same servers, in turn and
 * interleaved, over loopback and over a link of 40 ms. Prints medians and ratios, and writes them as
 * JSON. `npm run bench -- --rounds 1 --only sftp/small` runs a part of it.
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
import { makeBig, makeMixed, makeSmall } from './dataSets';
import { openFolder, type DiskKind } from './disks';
import { tryFaults } from './faults';
import { measureKilled } from './killed';
import { measureManySnapshots } from './manySnapshots';
import { measureOverview } from './overview';
import { median, type Cost } from './measure';
import { links, openPlace, type LinkName } from './places';
import { measureRestore } from './restore';
import {
  lftp,
  linkDest,
  ours,
  rclone,
  rclone16,
  rememberObscured,
  rsync,
  sftpProgram,
  type Place,
  type Tool,
} from './tools';
import { measureVerify } from './verify';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    output: { type: 'string', default: '.cache/benchmark/result.json' },
  },
});

interface Row {
  readonly protocol: Place['protocol'];
  readonly via?: Place['via'];
  readonly data: keyof typeof dataSets;
  readonly link: LinkName;
  /** Without it, copies are put in memory. */
  readonly disk?: 'worn';
}

/** How each is made, and how many files it has. */
const dataSets = {
  small: { files: 10_000, make: (place: string) => makeSmall(place, 10_000) },
  small2k: { files: 2000, make: (place: string) => makeSmall(place, 2000) },
  many: { files: 100_000, make: (place: string) => makeSmall(place, 100_000) },
  mixed: { files: 3000, make: (place: string) => makeMixed(place) },
  big: { files: 1, make: (place: string) => makeBig(place, 1024 ** 3) },
  big100: { files: 1, make: (place: string) => makeBig(place, 100 * 1024 ** 2) },
} as const;

const rows: readonly Row[] = [
  { protocol: 'sftp', data: 'small', link: 'loopback' },
  { protocol: 'sftp', data: 'small2k', link: '40ms' },
  { protocol: 'sftp', data: 'big', link: 'loopback' },
  { protocol: 'sftp', data: 'big100', link: '40ms' },
  { protocol: 'sftp', data: 'mixed', link: 'loopback' },
  { protocol: 'sftp', data: 'many', link: 'loopback' },
  { protocol: 'sftp', data: 'small', link: 'loopback', disk: 'worn' },
  { protocol: 'ftp', data: 'small', link: 'loopback' },
  { protocol: 'ftp', data: 'small2k', link: '40ms' },
  { protocol: 'ftp', data: 'small', link: 'loopback', disk: 'worn' },
  { protocol: 'ftps', data: 'small', link: 'loopback' },
  { protocol: 'ftps', data: 'small2k', link: '40ms' },
  { protocol: 'rsync', via: 'ssh', data: 'small', link: 'loopback' },
  { protocol: 'rsync', via: 'ssh', data: 'small2k', link: '40ms' },
  { protocol: 'rsync', via: 'ssh', data: 'many', link: 'loopback' },
  { protocol: 'rsync', via: 'daemon', data: 'small', link: 'loopback' },
  { protocol: 'rsync', via: 'daemon', data: 'small2k', link: '40ms' },
];

/** We come first: the others are measured against us. */
function toolsFor(row: Row): readonly Tool[] {
  if (row.protocol === 'rsync') return [ours, rsync, linkDest];
  // FTP has one transfer a connection: all tools have eight, as servers allow few.
  if (row.protocol !== 'sftp') return [ours, rclone, lftp];
  // `sftp -r` waits for each file: minutes on a slow link, and it knows nothing of what is there.
  const isQuick = row.link === 'loopback' && row.data !== 'many';
  return [ours, rclone, rclone16, lftp, ...(isQuick ? [sftpProgram] : [])];
}

function nameOf(row: Row): string {
  const via = row.via === undefined ? '' : `-${row.via}`;
  const disk = row.disk === undefined ? '' : `/${row.disk}`;
  return `${row.protocol}${via}/${row.data}/${row.link}${disk}`;
}

const folders = new Map<DiskKind, string>();

/** Each kind of disk is made ready once, when a row wants it. */
function folderOn(kind: DiskKind): string {
  const folder = folders.get(kind) ?? openFolder(kind);
  chmodSync(folder, 0o755);
  folders.set(kind, folder);
  return folder;
}

const work = folderOn('memory');

type Costs = Record<'first' | 'again', Cost>;

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

/** Each copy has a folder of its own, removed at the end of all: whoever creates files after a removal pays for it. */
async function runRow(row: Row, rounds: number): Promise<Map<string, Costs[]>> {
  const costs = new Map<string, Costs[]>(toolsFor(row).map((tool) => [tool.name, []]));
  await using opened = await openPlace(row.protocol, row.link, `${work}/data/${row.data}`, row.via);
  for (let round = 0; round < rounds; round += 1) {
    for (const tool of toolsFor(row)) {
      const target = `${folderOn(row.disk ?? 'memory')}/target/${nameOf(row)}/${tool.name}-${round}`;
      tool.prepare(opened.place, target);
      const first = await tool.copy(opened.place, target);
      const again = await tool.copy(opened.place, target);
      costs.get(tool.name)?.push({ first, again });
      if (row.data.startsWith('big') || row.data === 'many')
        rmSync(target, { recursive: true, force: true });
    }
  }
  return costs;
}

function medians(costs: readonly Costs[], run: keyof Costs): Omit<Cost, 'output'> {
  const of = (part: 'wall' | 'cpu' | 'peak'): number =>
    median(costs.map((cost) => cost[run][part]));
  return { wall: of('wall'), cpu: of('cpu'), peak: of('peak') };
}

function tableOf(
  row: Row,
  costs: ReadonlyMap<string, readonly Costs[]>,
): Record<string, unknown>[] {
  return (['first', 'again'] as const).map((run) => {
    const cells = toolsFor(row).map(
      (tool) => [tool.name, medians(costs.get(tool.name) ?? [], run)] as const,
    );
    const own = cells[0]?.[1] ?? { wall: Number.NaN, cpu: 0, peak: 0 };
    const best = Math.min(...cells.slice(1).map(([, cost]) => cost.wall));
    return {
      row: nameOf(row),
      run,
      ...Object.fromEntries(cells.map(([name, { wall }]) => [`${name} s`, wall])),
      'cpu s': Math.round(own.cpu * 10) / 10,
      'cpu ms a file': Math.round((own.cpu * 1e5) / dataSets[row.data].files) / 100,
      'peak MB': Math.round(own.peak / 1e6),
      ratio: Math.round((best / own.wall) * 100) / 100,
    };
  });
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
  const rows = [];
  for (const tool of tools) {
    const { wall, output } = await tool.copy(opened.place, `${work}/target/${tool.name}`);
    const received = /"receivedBytes":(\d+)|bytes received: ([\d,]+)/.exec(output);
    const bytes = Number((received?.[1] ?? received?.[2] ?? '').replaceAll(',', ''));
    rows.push({ row: 'rsync-ssh/edited', tool: tool.name, s: wall, 'received bytes': bytes });
  }
  return rows;
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
execFileSync(process.execPath, ['build/bundle.mjs'], { stdio: 'inherit' });
const { password } = account();
rememberObscured(password, execFileSync('rclone', ['obscure', password]).toString().trim());
const table: Record<string, unknown>[] = [];
for (const row of rows) {
  if (!nameOf(row).startsWith(options.only)) continue;
  makeData(row.data);
  const costs = await runRow(row, Number(options.rounds));
  table.push(...tableOf(row, costs));
  console.table(table.slice(-2));
}
const edited = 'rsync-ssh/edited'.startsWith(options.only) ? await measureEdited() : [];
const fuzz = 'fuzz'.startsWith(options.only) ? runFuzz() : [];
const killed = 'killed'.startsWith(options.only) ? await measureKilled(`${work}/killed`) : [];
const memory = 'memory'.startsWith(options.only) ? measureMemory() : [];
const faults = 'faults'.startsWith(options.only) ? tryFaults(`${work}/faults`) : undefined;
const rounds = Number(options.rounds);
const verify = 'verify'.startsWith(options.only)
  ? await measureVerify(`${work}/verify`, rounds)
  : [];
const restore = 'restore'.startsWith(options.only)
  ? await measureRestore(`${work}/restore`, rounds)
  : [];
const retention = 'retention'.startsWith(options.only)
  ? await measureManySnapshots(`${work}/many`, 1000, 10_000)
  : [];
const overview = 'overview'.startsWith(options.only)
  ? await measureOverview(`${work}/overview`, 200, 365)
  : [];
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
