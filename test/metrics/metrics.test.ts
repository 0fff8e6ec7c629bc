import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CommandLine } from '../cli/commandLine';
import { makeManyServers, serverName } from '../overview/manyServers';
import { faultsOf } from './promtool';
import { valuesIn } from './valuesIn';

class Sites extends CommandLine {
  readonly data = path.join(this.workspace, 'data "quoted"\\');
  readonly file = path.join(this.workspace, 'sauvegarde.prom');

  constructor() {
    super();
    fs.mkdirSync(this.data);
    fs.writeFileSync(path.join(this.data, 'page'), 'x'.repeat(1000));
    const web = { protocol: 'local', include: [this.data] };
    const daily = { ...web, schedule: '0 7 * * *', timeZone: 'Europe/Paris' };
    this.configure({ servers: { web, daily, 'has.a-dot': web } });
  }

  async written(): Promise<Map<string, number>> {
    const { code, error } = await this.run(['metrics', '-o', this.file]);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const text = fs.readFileSync(this.file, 'utf8');
    expect(faultsOf(text)).toBe('');
    return valuesIn(text, this.workspace);
  }
}

it('says of a server what its last run did, and what there is', async () => {
  using sites = new Sites();
  const began = Date.now() / 1000;
  await sites.run(['backup', 'web']);
  fs.writeFileSync(path.join(sites.data, 'more'), 'x'.repeat(500));
  await sites.run(['backup', 'web']);
  const values = await sites.written();
  const of = (name: string, more = ''): number | undefined =>
    values.get(`sauvegarde_${name}{server="web"${more}}`);
  for (const moment of ['last_run', 'last_success', 'last_snapshot']) {
    expect(of(`${moment}_timestamp_seconds`), moment).toBeGreaterThanOrEqual(began);
    expect(of(`${moment}_timestamp_seconds`), moment).toBeLessThanOrEqual(Date.now() / 1000);
  }
  expect(of('last_run_status', ',status="complete"')).toBe(1);
  expect(of('last_run_status', ',status="failed"')).toBe(0);
  expect(of('last_run_fetched_files')).toBe(1);
  expect(of('last_run_fetched_bytes')).toBe(500);
  expect(of('last_run_skipped_entries')).toBe(0);
  expect(of('last_run_duration_seconds')).toBeGreaterThan(0);
  expect(of('snapshot_files')).toBe(2);
  expect(of('snapshot_bytes')).toBe(1500);
  expect(of('snapshots')).toBe(2);
  expect(of('store_bytes')).toBe(1500);
  expect(of('store_readable')).toBe(1);
  expect(of('proven_timestamp_seconds')).toBeUndefined();
  expect(of('next_run_timestamp_seconds')).toBeUndefined();
  await sites.run(['verify', 'web']);
  const proven = (await sites.written()).get('sauvegarde_proven_timestamp_seconds{server="web"}');
  expect(proven).toBeGreaterThan(began - 1);
});

it('says of a server without a backup when it is due, and no more than is known', async () => {
  using sites = new Sites();
  const values = await sites.written();
  const next = values.get('sauvegarde_next_run_timestamp_seconds{server="daily"}') ?? 0;
  expect(new Date(next * 1000).toISOString()).toMatch(/T0[56]:00:00\.000Z$/);
  expect(values.get('sauvegarde_overdue{server="daily"}')).toBe(0);
  expect(values.get('sauvegarde_snapshots{server="has.a-dot"}')).toBe(0);
  expect([...values.keys()].filter((key) => key.includes('last_'))).toEqual([]);
});

it('says what went wrong: a failure, damage, a loss, a store that cannot be read', async () => {
  using sites = new Sites();
  await sites.run(['backup', 'web', 'daily']);
  const own = path.join(sites.backups, 'daily', '.sauvegarde');
  const [id = ''] = fs.readdirSync(path.join(own, 'snapshots')).map((name) => name.slice(0, -7));
  const suspicious = [{ snapshot: id, reason: 'files-lost', lost: 9, of: 10 }];
  fs.writeFileSync(path.join(own, 'guard.json'), JSON.stringify({ judged: id, suspicious }));
  const page = path.join(sites.backups, 'daily', id, sites.data, 'page');
  fs.chmodSync(page, 0o644);
  fs.writeFileSync(page, 'damaged');
  expect((await sites.run(['verify', 'daily'])).code).toBe(5);
  fs.rmSync(sites.data, { recursive: true });
  expect((await sites.run(['backup', 'web'])).code).toBe(1);
  fs.symlinkSync('/', path.join(sites.backups, 'has.a-dot'));
  const values = await sites.written();
  expect(values.get('sauvegarde_damaged_entries{server="daily"}')).toBe(1);
  expect(values.get('sauvegarde_suspicious_snapshots{server="daily"}')).toBe(1);
  expect(values.get('sauvegarde_last_run_status{server="web",status="failed"}')).toBe(1);
  expect(values.get('sauvegarde_snapshots{server="web"}')).toBe(1);
  expect(values.get('sauvegarde_store_readable{server="has.a-dot"}')).toBe(0);
  expect(values.has('sauvegarde_snapshots{server="has.a-dot"}')).toBe(false);
  const { events } = await sites.run(['metrics', '--json']);
  expect(events).toMatchObject([
    { event: 'metrics', server: 'web', status: 'failed', snapshots: 1, damaged: 0 },
    { event: 'metrics', server: 'daily', damaged: 1, suspicious: 1, overdue: false },
    { event: 'metrics', server: 'has.a-dot', readable: false },
  ]);
});

it('says how the off-site copies stand', async () => {
  using sites = new Sites();
  const copies = ['nas', 'cloud', 'new'].map((name) => ({ name, restic: `/srv/${name}` }));
  const web = { protocol: 'local', include: [sites.data] };
  sites.configure({ copies, servers: { web } });
  const folder = path.join(sites.backups, 'web', '.sauvegarde', 'copies');
  fs.mkdirSync(folder, { recursive: true });
  const [snapshot, time] = ['2026-11-23T07-00-00Z', '2026-11-23T08:00:00.000Z'];
  const known = {
    nas: { copied: { snapshot, time }, proven: { snapshot, time, files: 1, bytes: 2 } },
    cloud: { copied: { snapshot, time }, failed: { kind: 'network', message: 'no route', time } },
  };
  for (const [name, state] of Object.entries(known)) {
    fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(state));
  }
  const values = await sites.written();
  const found = [...values].filter(([key]) => key.startsWith('sauvegarde_copy_'));
  const then = Date.parse(time) / 1000;
  expect(Object.fromEntries(found)).toEqual({
    'sauvegarde_copy_copied_timestamp_seconds{server="web",copy="nas"}': then,
    'sauvegarde_copy_copied_timestamp_seconds{server="web",copy="cloud"}': then,
    'sauvegarde_copy_proven_timestamp_seconds{server="web",copy="nas"}': then,
    'sauvegarde_copy_failing{server="web",copy="nas"}': 0,
    'sauvegarde_copy_failing{server="web",copy="cloud"}': 1,
    'sauvegarde_copy_failing{server="web",copy="new"}': 0,
  });
});

it('leaves the former file, or none, where it cannot write', async () => {
  using sites = new Sites();
  const place = path.join(sites.workspace, 'no', 'such.prom');
  const { code, error } = await sites.run(['metrics', '-o', place]);
  expect(code).toBe(2);
  expect(error).toContain('The metrics cannot be written');
  await sites.written();
  expect(fs.readdirSync(sites.workspace).filter((name) => name.includes('.prom'))).toEqual([
    'sauvegarde.prom',
  ]);
  // The collector of node_exporter is another account.
  expect(fs.statSync(sites.file).mode & 0o044).toBe(0o044);
});

it('tells of three hundred servers, and reads only what is new the next time', async () => {
  using sites = new Sites();
  const count = 300;
  await makeManyServers({
    ...{ destination: sites.backups, servers: count, runs: 8, files: 10, now: Date.now() },
  });
  const server = { protocol: 'local', include: ['/var/www'], schedule: '0 7 * * *' };
  const names = Array.from({ length: count }, (_none, number) => serverName(number));
  sites.configure({ servers: Object.fromEntries(names.map((name) => [name, server])) });
  const values = await sites.written();
  const known = names.filter((name) => values.has(`sauvegarde_snapshot_bytes{server="${name}"}`));
  expect(known).toEqual(names);
  const figures = path.join(sites.backups, serverName(7), '.sauvegarde', 'figures.json');
  const before = fs.statSync(figures).ino;
  expect((await sites.written()).size).toBe(values.size);
  expect(fs.statSync(figures).ino).toBe(before);
});
