import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock';
import { overviewOf } from '../../src/jobs/overview/overviewOf';
import type { Server } from '../../src/model/configuration/server';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { Overview, ServerOverview } from '../../src/model/overview/overview';
import type { Disk } from '../../src/store/disk';
import { nodeDisk } from '../../src/store/nodeDisk';
import { Store } from '../../src/store/store';
import { makeManyServers, serverName } from './manyServers';

const now = new Date(2026, 10, 30, 12).getTime();
let folder: string;
let destination: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-overview-'));
  destination = path.join(folder, 'backups');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function configured(count: number): Server[] {
  const raw = Array.from({ length: count }, (_none, number) => [
    serverName(number),
    { protocol: 'local', include: ['/var/www'], schedule: '0 7 * * *' },
  ]);
  const text = JSON.stringify({ servers: Object.fromEntries(raw) as unknown });
  return [...(parseConfiguration(text, folder).configuration?.servers.values() ?? [])];
}

interface Looking {
  readonly disk?: Disk;
  readonly mayWrite?: boolean;
  readonly count?: number;
  readonly at?: number;
}

function look({ disk, mayWrite = true, count = 1, at = now }: Looking = {}): Promise<Overview> {
  return overviewOf({
    servers: configured(count),
    storeOf: ({ name }) => new Store(destination, name, disk),
    clock: { ...systemClock, now: () => at },
    signal: new AbortController().signal,
    mayWrite,
  });
}

async function first(looking?: Looking): Promise<ServerOverview> {
  return (await look(looking)).servers[0]!;
}

/** A disk that says how many runs and manifests were read, and how often anything was written. */
function watched(): {
  readonly disk: Disk;
  readonly read: () => number;
  readonly written: () => number;
} {
  const counts = { read: 0, written: 0 };
  const isRun = (place: unknown): boolean => /[/\\](?:runs|snapshots)[/\\]/.test(String(place));
  const note = (place: unknown): void => {
    if (isRun(place)) counts.read += 1;
  };
  const disk: Disk = {
    ...nodeDisk,
    readWhole: (place, longest) => {
      note(place);
      return nodeDisk.readWhole(place, longest);
    },
    readEnd: (place, longest) => {
      note(place);
      return nodeDisk.readEnd(place, longest);
    },
    readFile: (place, start) => {
      note(place);
      return nodeDisk.readFile(place, start);
    },
    openFile: (place, mode) => {
      counts.written += 1;
      return nodeDisk.openFile(place, mode);
    },
    makeFolder: (place) => {
      counts.written += 1;
      nodeDisk.makeFolder(place);
    },
  };
  return { disk, read: () => counts.read, written: () => counts.written };
}

const make = (servers: number, runs: number): Promise<void> =>
  makeManyServers({ destination, servers, runs, files: 40, now });

const figures = (server = 0): string =>
  path.join(destination, serverName(server), '.sauvegarde', 'figures.json');

/** The newest manifest of the first server, with other totals. */
function rewriteNewest(change: (totals: Record<string, unknown>) => Record<string, unknown>): void {
  const manifests = path.join(destination, serverName(0), '.sauvegarde', 'snapshots');
  const place = path.join(manifests, fs.readdirSync(manifests).sort().at(-1)!);
  const lines = fs.readFileSync(place, 'utf8').trimEnd().split('\n');
  const totals = JSON.parse(lines.pop()!) as Record<string, unknown>;
  fs.writeFileSync(place, [...lines, JSON.stringify(change(totals)), ''].join('\n'));
}

it('tells of a server what its runs and manifests say', async () => {
  await make(1, 30);
  const server = await first();
  expect(server.standing).toEqual({ state: 'good' });
  expect(server.days).toHaveLength(90);
  // The first of the thirty did not come, and nothing can have been missed before the first one.
  expect(server.days.filter(({ state }) => state === 'none')).toHaveLength(61);
  expect(server.newest).toMatchObject({ files: 40, status: 'complete' });
  expect(server.lastGood).toBe(server.newest?.finished);
  expect(new Date(server.nextDue!).getHours()).toBe(7);
  expect(server.proven).toBeUndefined();
  expect(server.changes).toHaveLength(20);
  expect(server.folders?.biggest.map(({ path }) => path)[0]).toBe('var/www');
  expect(server.folders?.mostChanged[0]).toMatchObject({ path: 'var/www', weight: 4 });
});

it('reads only what is new the next time, and nothing is written then', async () => {
  await make(2, 60);
  const before = await look({ count: 2 });
  const again = watched();
  expect((await look({ count: 2, disk: again.disk })).servers).toEqual(before.servers);
  // The newest run is read in any case: its report and its manifest's end.
  expect(again.read()).toBe(4);
  expect(again.written()).toBe(0);
});

it('is the same without what was kept, and whatever stands in its place', async () => {
  await make(1, 30);
  const right = await first();
  for (const text of [
    '',
    '{',
    '[]',
    '{"format":1,"runs":[{"id":"x"},null]}',
    '{"format":2,"runs":[]}',
  ]) {
    fs.writeFileSync(figures(), text);
    expect(await first(), text).toEqual(right);
  }
  fs.rmSync(figures());
  fs.symlinkSync('/etc/passwd', figures());
  expect(await first()).toEqual(right);
  fs.rmSync(figures(), { recursive: true });
  fs.mkdirSync(figures());
  expect(await first()).toEqual(right);
});

it('believes the manifests and not what was kept of them', async () => {
  await make(1, 30);
  const right = await first();
  const kept = JSON.parse(fs.readFileSync(figures(), 'utf8')) as { runs: { bytes: number }[] };
  // A lie about the newest one, whose manifest looks as it did.
  kept.runs[0]!.bytes = 5;
  fs.writeFileSync(figures(), JSON.stringify(kept));
  expect((await first()).newest).toEqual(right.newest);
  rewriteNewest((totals) => ({ ...totals, status: 'incomplete', bytes: 77 }));
  const changed = await first();
  expect(changed.newest).toMatchObject({ status: 'incomplete', bytes: 77 });
  expect(changed.standing).toEqual({ state: 'incomplete' });
  expect(changed.days.at(-1)?.state).toBe('incomplete');
});

it('writes nothing where it must not', async () => {
  await make(1, 10);
  const once = watched();
  const found = await first({ disk: once.disk, mayWrite: false });
  expect(once.written()).toBe(0);
  expect(fs.existsSync(figures())).toBe(false);
  expect(found).toEqual(await first());
});

it('shows all the same what cannot be kept', async () => {
  await make(1, 10);
  const disk: Disk = {
    ...nodeDisk,
    openFile: () => Promise.reject(new Error('read-only')),
  };
  expect((await first({ disk })).standing.state).toBe('good');
});

it('puts those in trouble first, and one that cannot be read hides no other', async () => {
  await make(3, 10);
  const overview = await overviewOf({
    servers: configured(4),
    storeOf: ({ name }) => {
      if (name === serverName(2)) throw new Error('a link that leads out');
      return new Store(destination, name);
    },
    clock: { ...systemClock, now: () => now },
    ...{ signal: new AbortController().signal, mayWrite: false },
  });
  const states = overview.servers.map(({ name, standing }) => `${name} ${standing.state}`);
  expect(states).toEqual([
    'site-002 unreadable',
    'site-003 never',
    'site-000 good',
    'site-001 good',
  ]);
});

it('says overdue, damaged, suspicious, proven and failed as the status bar does', async () => {
  await make(1, 10);
  const store = new Store(destination, serverName(0));
  const { layout } = store;
  const [newest = '', older = ''] = await store.ids();
  expect((await first({ at: now + 3 * 86_400_000 })).standing.state).toBe('overdue');
  fs.writeFileSync(
    layout.proven,
    `${JSON.stringify({ snapshot: older, since: '2026-11-29T10:00:00.000Z' })}\n`,
  );
  expect((await first()).proven).toEqual({
    snapshot: older,
    since: Date.parse('2026-11-29T10:00:00.000Z'),
  });
  await store.damage.set(newest, [{ path: 'a' as never, kind: 'missing' }]);
  expect((await first()).standing).toEqual({ state: 'damaged', entries: 1 });
  await store.guard.record(newest, [{ snapshot: newest, reason: 'files-lost', lost: 9, of: 10 }]);
  expect((await first()).standing).toMatchObject({ state: 'suspicious', loss: { lost: 9 } });
  const report = JSON.parse(fs.readFileSync(layout.runReport(newest), 'utf8')) as object;
  const failed = { status: 'failed', snapshot: '2026-11-30T10-59-00Z' };
  const told = { ...report, ...failed, error: { kind: 'timeout', message: 'Nobody answers.' } };
  fs.writeFileSync(layout.runReport(failed.snapshot), JSON.stringify(told));
  expect((await first()).standing).toEqual({ state: 'failed', reason: 'Nobody answers.' });
  const cancelled = { ...told, error: { kind: 'cancelled', message: 'Stopped.' } };
  fs.writeFileSync(layout.runReport(failed.snapshot), JSON.stringify(cancelled));
  fs.rmSync(figures());
  expect((await first()).standing.state).toBe('suspicious');
});

it('a safety snapshot is none of the backups', async () => {
  await make(1, 10);
  const store = new Store(destination, serverName(0));
  const [newest = ''] = await store.ids();
  await store.pins.set(newest, 'before-restore');
  fs.rmSync(store.layout.runReport(newest));
  const server = await first();
  expect(server.newest?.id).not.toBe(newest);
  expect(server.kept.has(newest)).toBe(false);
});

it('reads in turns with whoever else has something to do', async () => {
  await make(1, 60);
  /** How much had been read at each turn of the others. */
  const turns: number[] = [];
  let read = 0;
  let isOver = false;
  const other = (): void => {
    turns.push(read);
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  const slow: Disk = {
    ...nodeDisk,
    readEnd: (place, longest) => {
      read += 1;
      const until = performance.now() + 5;
      while (performance.now() < until);
      return nodeDisk.readEnd(place, longest);
    },
  };
  await first({ disk: slow });
  isOver = true;
  expect(read).toBeGreaterThan(40);
  // Work of 10 ms, which are two or three readings, and then the others.
  const steps = turns.slice(1).map((at, index) => at - turns[index]!);
  expect(Math.max(...steps)).toBeLessThanOrEqual(4);
});

it('stops when nobody waits any more', async () => {
  await make(1, 10);
  const stop = new AbortController();
  stop.abort();
  const stopped = overviewOf({
    servers: configured(1),
    storeOf: ({ name }) => new Store(destination, name),
    ...{ clock: systemClock, signal: stop.signal, mayWrite: false },
  });
  await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
});
