import fs from 'node:fs';
import path from 'node:path';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { CommandLine } from '../cli/commandLine';
import { RunningDaemon } from '../cli/runningDaemon';
import { faultsOf } from './promtool';
import { valuesIn } from './valuesIn';

function withSite(line: CommandLine): void {
  const data = path.join(line.workspace, 'data');
  fs.mkdirSync(data);
  fs.writeFileSync(path.join(data, 'page'), 'hello');
  line.configureServer({ protocol: 'local', include: [data], schedule: '0 0 29 2 *' });
}

async function refused(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  }).then((code) => {
    socket.destroy();
    return code as string | undefined;
  });
}

it('the daemon serves metrics and its health where it is told to, and ends with them', async () => {
  using line = new CommandLine();
  withSite(line);
  await using daemon = new RunningDaemon(line, {}, ['--metrics', '127.0.0.1:0']);
  const address = String((await daemon.event('metrics'))['address']);
  const at = (place: string): URL => new URL(place, address);
  await daemon.event('finished');
  const take = async (): Promise<Map<string, number>> => {
    const answer = await fetch(at('/metrics?any=thing'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(faultsOf(text)).toBe('');
    return valuesIn(text, line.workspace);
  };
  // What was asked for while the run was under way is answered again for five seconds.
  await expect
    .poll(async () => (await take()).get('sauvegarde_snapshot_files{server="web"}'))
    .toBe(1);
  const values = await take();
  const looked = values.get('sauvegarde_scheduler_last_look_timestamp_seconds') ?? 0;
  expect(Math.abs(Date.now() / 1000 - looked)).toBeLessThan(600);
  expect(values.has('sauvegarde_run_started_timestamp_seconds{server="web"}')).toBe(false);
  const health = await fetch(at('/healthz'));
  expect([health.status, await health.text()]).toEqual([200, 'ok\n']);
  expect((await fetch(at('/'))).status).toBe(404);
  // Somebody who says nothing, and keeps the connection, does not keep the daemon.
  const idle = connect(Number(at('/').port), '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const dropped = new Promise((resolve) => idle.once('close', resolve));
  expect(await daemon.stop()).toBe(0);
  await dropped;
  expect(await refused(Number(at('/').port))).toBe('ECONNREFUSED');
  expect(daemon.error).toBe('');
});

it('the daemon says how long a run has been under way', async () => {
  using line = new CommandLine();
  const data = path.join(line.workspace, 'data');
  fs.mkdirSync(data);
  fs.writeFileSync(path.join(data, 'big'), Buffer.alloc(30_000_000));
  const slow = { protocol: 'local', include: [data], bandwidth: '100kB/s' };
  line.configureServer({ ...slow, schedule: '0 0 29 2 *' });
  await using daemon = new RunningDaemon(line, {}, ['--metrics', 'localhost:0']);
  const { address } = await daemon.event('metrics');
  await daemon.event('run');
  const text = await (await fetch(String(address))).text();
  const began = valuesIn(text, line.workspace).get(
    'sauvegarde_run_started_timestamp_seconds{server="web"}',
  );
  expect(began).toBeGreaterThan(Date.now() / 1000 - 600);
  expect(await daemon.stop()).toBe(0);
});

it.each([
  ['9469', 'Name an address and a port'],
  ['192.0.2.1:9469', 'This computer has no such address'],
])('--metrics %s is refused', async (address, why) => {
  using line = new CommandLine();
  withSite(line);
  const { code, out, error } = await line.run(['daemon', '--metrics', address]);
  expect(code).toBe(2);
  expect(out + error).toContain(why);
});

it('an address that is taken is said, and nothing is backed up meanwhile', async () => {
  using line = new CommandLine();
  withSite(line);
  await using daemon = new RunningDaemon(line, {}, ['--metrics', '127.0.0.1:0']);
  const address = new URL(String((await daemon.event('metrics'))['address'])).host;
  using other = new CommandLine();
  withSite(other);
  const { code, events } = await other.run(['daemon', '--metrics', address]);
  expect(code).toBe(2);
  expect(events).toMatchObject([{ event: 'error', kind: 'configuration' }]);
  expect(events[0]?.message).toContain('Another program listens there');
  expect(fs.existsSync(other.backups)).toBe(false);
  await daemon.stop();
});
