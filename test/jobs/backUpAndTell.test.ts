import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { silentLog } from '../../src/base/log';
import type { BackUpOptions } from '../../src/jobs/backUp/backUp';
import { attachedLog } from '../../src/jobs/tell/attachedLog';
import { backUpAndTell, type ToldRun } from '../../src/jobs/backUp/backUpAndTell';
import { tellOverdue } from '../../src/jobs/tell/tellRun';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { Server } from '../../src/model/configuration/server';
import type { Environment } from '../../src/sources/environment';
import { WalkedSource } from '../../src/sources/walkedSource';
import { startWebReceiver, type WebReceiver } from '../servers/webReceiver';
import { StoreFixture } from '../store/storeFixture';

let web: WebReceiver;
let fixture: StoreFixture;

beforeEach(async () => {
  web = await startWebReceiver(({ path: called }) => (called.startsWith('/ill') ? 404 : 200));
  fixture = new StoreFixture();
  fixture.server.folder('data');
  fixture.server.file('data/one');
});

afterEach(async () => {
  fixture[Symbol.dispose]();
  await web[Symbol.asyncDispose]();
});

function server(report?: Readonly<Record<string, unknown>>): Server {
  const told = report ?? { when: 'always', webhook: web.at('/hook'), monitor: web.at('/ping') };
  const raw = { protocol: 'local', include: ['/data'], report: told };
  const file = JSON.stringify({ servers: { test: raw } });
  return parseConfiguration(file, fixture.workspace).configuration!.servers.get('test')!;
}

function environment(): Environment {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return {
    clock: fixture.clock,
    log: silentLog,
    credentials: { password: nothing, passphrase: nothing, answers: nothing },
    home: fixture.workspace,
    agent: undefined,
    user: 'nobody',
  };
}

function run(changes: Partial<BackUpOptions> = {}): Promise<ToldRun> {
  return backUpAndTell({
    server: server(),
    store: fixture.store,
    environment: environment(),
    signal: new AbortController().signal,
    open: () => Promise.resolve(new WalkedSource(fixture.server, fixture.clock)),
    ...changes,
  });
}

const paths = (): string[] => web.calls.map(({ path: called }) => called);
const posted = (): unknown => JSON.parse(web.calls.find(({ body }) => body !== '')!.body);
const logOf = (id: string): string => fs.readFileSync(fixture.store.layout.runLog(id), 'utf8');
const runFiles = (): string[] => fs.readdirSync(fixture.store.layout.runs).sort();

describe('a run', () => {
  it('that is complete is told, and says so in its log', async () => {
    const { outcome, untold } = await run();
    expect(untold).toEqual([]);
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
    expect(paths()[0]).toBe('/ping/start');
    expect(paths().sort()).toEqual(['/hook', '/ping', '/ping/start']);
    const { snapshot } = outcome.status === 'fulfilled' ? outcome.value : { snapshot: '' };
    expect(posted()).toMatchObject({ event: 'finished', server: 'test', status: 'complete' });
    expect(logOf(snapshot)).toMatch(/info {2}The webhook at 127\.0\.0\.1:\d+ was called\.\n/);
  });

  it('that is incomplete counts as a failure', async () => {
    fixture.server.script = (call, called) => {
      if (call === 'read' && called === 'data/one') throw new BackupError('permission', 'No.');
    };
    const { outcome } = await run();
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'incomplete' } });
    expect(paths().sort()).toEqual(['/hook', '/ping/fail', '/ping/start']);
  });

  it('that is suspicious counts as a failure, and removes nothing', async () => {
    const named = server();
    const keeping = { ...named, unattended: { keep: { last: 1 } } } as Server;
    await run({ server: keeping });
    const before = web.calls.length;
    fixture.server.remove('data/one');
    const { outcome, retention } = await run({ server: keeping });
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
    const calls = web.calls.slice(before);
    expect(calls.map(({ path: called }) => called).sort()).toEqual([
      ...['/hook', '/ping/fail', '/ping/start'],
    ]);
    const body = calls.find(({ path: called }) => called === '/hook')?.body ?? '';
    expect(JSON.parse(body)).toMatchObject({
      text: 'Backup suspicious: test, 1 of 1 files are gone',
      suspicious: { reason: 'files-lost', lost: 1, of: 1 },
    });
    expect(retention?.removed).toEqual([]);
    expect(fixture.states().size).toBe(2);
  });

  it('that is complete thins out the snapshots, and says so in its log', async () => {
    const keeping = { ...server(), unattended: { keep: { last: 1 } } } as Server;
    await run({ server: keeping });
    fixture.clock.advance(60_000);
    const { outcome, retention, emptied } = await run({ server: keeping });
    expect(retention?.removed).toHaveLength(1);
    const { snapshot } = outcome.status === 'fulfilled' ? outcome.value : { snapshot: '' };
    expect([...fixture.states().keys()]).toEqual([snapshot]);
    expect(logOf(snapshot)).toMatch(/info {2}Retention removed 1 snapshot \(/);
    await emptied;
    expect(fs.readdirSync(fixture.store.layout.trash)).toEqual([]);
  });

  it('that failed is told with its report', async () => {
    const gone = new BackupError('connection', 'The host is gone.', { scope: 'run' });
    const { outcome, untold } = await run({ open: () => Promise.reject(gone) });
    expect(outcome).toEqual({ status: 'rejected', reason: gone });
    expect(untold).toEqual([]);
    expect(paths().sort()).toEqual(['/hook', '/ping/fail', '/ping/start']);
    const reason = { kind: 'connection', message: 'The host is gone.' };
    expect(posted()).toMatchObject({ status: 'failed', error: reason });
    const [report, ...others] = runFiles().filter((name) => name.endsWith('.json'));
    expect(others).toEqual([]);
    const written: unknown = JSON.parse(
      fs.readFileSync(path.join(fixture.store.layout.runs, report!), 'utf8'),
    );
    expect(posted()).toMatchObject(written as object);
  });

  it('that failed before it could begin is told all the same', async () => {
    fs.writeFileSync(path.join(fixture.workspace, 'backups'), 'in the way');
    const { outcome, untold } = await run();
    expect(outcome.status).toBe('rejected');
    expect(untold).toEqual([]);
    expect(paths().sort()).toEqual(['/hook', '/ping/fail']);
    expect(posted()).toMatchObject({ status: 'failed', files: 0 });
  });

  it('that another one keeps from starting is told to nobody', async () => {
    await fixture.store.prepare();
    await using _lock = fixture.store.lock(fixture.clock);
    const { outcome, untold } = await run();
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'locked' } });
    expect(untold).toEqual([]);
    expect(paths()).toEqual([]);
  });

  it('that was cancelled is told to nobody, but for its start', async () => {
    const stop = new AbortController();
    fixture.server.script = () => stop.abort();
    const { outcome, untold } = await run({ signal: stop.signal });
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'cancelled' } });
    expect(untold.filter(({ path: field }) => field !== 'report.monitor')).toEqual([]);
    expect(paths().filter((called) => called !== '/ping/start')).toEqual([]);
  });

  it('is as good where it cannot be told, and its log says that it could not', async () => {
    const ill = { when: 'always', webhook: web.at('/ill'), monitor: web.at('/ill') };
    const { outcome, untold } = await run({ server: server(ill) });
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
    expect(untold.map(({ path: field }) => field)).toEqual([
      'report.monitor',
      'report.webhook',
      'report.monitor',
    ]);
    const { snapshot, warnings } = outcome.status === 'fulfilled' ? outcome.value : never();
    expect(warnings).toEqual([]);
    expect(logOf(snapshot)).toMatch(/warn {2}The report could not be posted: .*\(404\)/);
  });

  it('tells nobody where nobody is configured', async () => {
    const { report: _report, ...quiet } = server();
    const { outcome, untold } = await run({ server: quiet });
    expect(outcome.status).toBe('fulfilled');
    expect(untold).toEqual([]);
    expect(paths()).toEqual([]);
  });
});

describe('an overdue server', () => {
  const late = { due: Date.UTC(2026, 10, 24, 7), lastGood: Date.UTC(2026, 10, 20, 7) };
  const tell = (report?: Readonly<Record<string, unknown>>) =>
    tellOverdue(server(report), late, {
      environment: environment(),
      signal: new AbortController().signal,
    });

  it('is told like a failure', async () => {
    expect(await tell()).toEqual([]);
    expect(paths().sort()).toEqual(['/hook', '/ping/fail']);
    expect(posted()).toMatchObject({
      event: 'overdue',
      server: 'test',
      due: '2026-11-24T07:00:00.000Z',
      lastGood: '2026-11-20T07:00:00.000Z',
    });
  });

  it('is told to the monitor alone where reports are never sent', async () => {
    const report = { when: 'never', webhook: web.at('/hook'), monitor: web.at('/ping') };
    expect(await tell(report)).toEqual([]);
    expect(paths()).toEqual(['/ping/fail']);
  });

  it('comes back as a warning where it cannot be told', async () => {
    const untold = await tell({ webhook: web.at('/ill') });
    expect(untold).toMatchObject([{ path: 'report.webhook' }]);
  });
});

it('the beginning and the end of a long log are attached', async () => {
  const { outcome } = await run();
  const { snapshot } = outcome.status === 'fulfilled' ? outcome.value : never();
  const file = fixture.store.layout.runLog(snapshot);
  expect((await attachedLog(fixture.store, file))?.toString()).toBe(logOf(snapshot));
  const megabyte = 1024 * 1024;
  fs.writeFileSync(file, 'a'.repeat(megabyte) + 'b'.repeat(500) + 'c'.repeat(megabyte));
  const attached = (await attachedLog(fixture.store, file))?.toString() ?? '';
  expect(attached.replaceAll(/a+/g, 'A').replaceAll(/c+/g, 'C')).toMatch(
    /^A\n… 500 bAtes are left out …\nC$|^A\n… 500 bytes Are left out …\nC$/,
  );
  fs.rmSync(file);
  expect(await attachedLog(fixture.store, file)).toBeUndefined();
});

function never(): never {
  throw new Error('The run did not succeed.');
}

describe('a server whose snapshots are read again after each run', () => {
  it('has damage told like a run that failed, and every time', async () => {
    const verifying = { ...server(), verify: { share: 1 } };
    const first = await run({ server: verifying });
    expect(first.verified).toMatchObject([{ status: 'whole', checkedFiles: 1 }]);
    expect(paths()).not.toContain('/ping/fail');
    const { snapshot } =
      first.outcome.status === 'fulfilled' ? first.outcome.value : { snapshot: '' };
    const place = path.join(fixture.store.layout.snapshot(snapshot), 'data/one');
    const { mtimeMs } = fs.statSync(place);
    fs.chmodSync(place, 0o644);
    fs.writeFileSync(place, 'Content of data/one');
    fs.utimesSync(place, mtimeMs / 1000, mtimeMs / 1000);
    for (let round = 0; round < 2; round += 1) {
      const before = web.calls.length;
      const { outcome, verified, untold } = await run({ server: verifying });
      expect(untold).toEqual([]);
      expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
      expect(verified.at(-1)).toMatchObject({ snapshot, status: 'damaged' });
      expect(paths().slice(before).sort()).toEqual([
        '/hook',
        '/hook',
        '/ping',
        '/ping/fail',
        '/ping/start',
      ]);
      const bodies = web.calls
        .slice(before)
        .filter(({ body }) => body !== '')
        .map(({ body }) => JSON.parse(body) as object);
      expect(bodies[1]).toMatchObject({
        event: 'damaged',
        text: `Backup damaged: test, 1 entry in ${snapshot}`,
        server: 'test',
        snapshots: [{ snapshot, damaged: [{ path: '/data/one', kind: 'changed' }] }],
      });
      const { snapshot: newest } =
        outcome.status === 'fulfilled' ? outcome.value : { snapshot: '' };
      expect(logOf(newest)).toContain(`Damaged in ${snapshot} (changed): "/data/one"`);
    }
  });

  it('keeps what the damage that was found can be mended from', async () => {
    const idOf = ({ outcome }: ToldRun): string =>
      outcome.status === 'fulfilled' ? outcome.value.snapshot : never();
    const damaged = idOf(await run());
    // The same content with another time has a file of its own.
    fixture.server.file('data/one', undefined, { mtime: 1_700_000_060 });
    const source = idOf(await run());
    await fixture.store.pins.set(damaged, 'by-hand');
    const place = path.join(fixture.store.layout.snapshot(damaged), 'data/one');
    fs.chmodSync(place, 0o644);
    fs.writeFileSync(place, 'Content of data/one');
    fixture.server.remove('data/one');
    fixture.server.file('data/other');
    const unattended = { keep: { last: 1 }, guard: false };
    const keeping = { ...server(), verify: { share: 1 }, unattended } as Server;
    const { retention } = await run({ server: keeping });
    expect(retention?.removed).toEqual([]);
    expect(retention?.decisions).toContainEqual({
      id: source,
      keep: true,
      reasons: [`needed by ${damaged}`],
    });
  });

  it('is as good where they cannot be read: that is said', async () => {
    const verifying = { ...server(), verify: { share: 1 } };
    await run({ server: verifying });
    fs.mkdirSync(fixture.store.layout.proven + '.x');
    fs.rmSync(fixture.store.layout.proven);
    fs.renameSync(fixture.store.layout.proven + '.x', fixture.store.layout.proven);
    const { outcome, untold, verified } = await run({ server: verifying });
    expect(outcome.status).toBe('fulfilled');
    expect(verified).toEqual([]);
    expect(untold).toMatchObject([{ path: 'verify' }]);
  });
});
