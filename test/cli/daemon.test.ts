import fs from 'node:fs';
import path from 'node:path';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account } from '../servers/account';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { CommandLine } from './commandLine';
import { RunningDaemon } from './runningDaemon';
import { tightHeap } from '../tightHeap';

const everySecond = '* * * * * *';

function withData(line: CommandLine, files = { page: 'hello' }): Record<string, unknown> {
  const data = path.join(line.workspace, 'data');
  fs.mkdirSync(data);
  for (const [name, content] of Object.entries(files))
    fs.writeFileSync(path.join(data, name), content);
  return { protocol: 'local', include: [data] };
}

describe('the daemon', () => {
  it('runs what is due, and ends cleanly when it is told to', async () => {
    using line = new CommandLine();
    line.configureServer({ ...withData(line), schedule: everySecond });
    await using daemon = new RunningDaemon(line);
    const scheduled = await daemon.event('scheduled');
    expect(scheduled).toMatchObject({ server: 'web', schedule: everySecond });
    expect(Date.parse(String(scheduled['next']))).toBeGreaterThan(0);
    const first = await daemon.event('finished');
    expect(first).toMatchObject({ server: 'web', status: 'complete', files: 1 });
    const second = await daemon.event('finished', 1);
    expect(second['snapshot']).not.toBe(first['snapshot']);
    expect(await daemon.stop()).toBe(0);
    expect(daemon.events.at(-1)?.event).toBe('stopped');
    expect(daemon.error).toBe('');
    for (const { time } of daemon.events) expect(new Date(time).toISOString()).toBe(time);
  });

  it('takes an edited configuration, and goes on with the old one while there are faults', async () => {
    using line = new CommandLine();
    const server = withData(line);
    line.configureServer({ ...server, schedule: '0 0 1 1 *' });
    await using daemon = new RunningDaemon(line);
    // Never backed up: it is caught up at once.
    await daemon.event('finished');
    line.configure('{ "servers": { "web": { "protocoll": 1 } } }');
    expect(await daemon.event('error')).toMatchObject({ kind: 'configuration' });
    const other = { ...server, schedule: everySecond };
    line.configure({ destination: 'elsewhere', servers: { other } });
    await daemon.event('reloaded');
    await daemon.event('finished', 1);
    expect(daemon.named('finished')[1]).toMatchObject({ server: 'other' });
    expect(fs.readdirSync(path.join(line.workspace, 'elsewhere'))).toContain('other');
    expect(daemon.named('scheduled').map(({ server: name }) => name)).toEqual(['web', 'other']);
    expect(await daemon.stop('SIGINT')).toBe(0);
  });

  it('says that a server is overdue, once', async () => {
    using line = new CommandLine();
    const server = withData(line);
    line.configureServer(server);
    expect((await line.run(['backup'])).code).toBe(0);
    const runs = path.join(line.backups, 'web', '.sauvegarde', 'runs');
    const [old = ''] = fs.readdirSync(runs).filter((name) => name.endsWith('.json'));
    // The same run, ten days ago; since then the folder is gone, so that no run catches it up.
    const report = JSON.parse(fs.readFileSync(path.join(runs, old), 'utf8')) as object;
    const then = new Date(Date.now() - 10 * 86_400_000).toISOString();
    const aged = { ...report, started: then, finished: then, snapshot: '2026-01-01T00-00-00Z' };
    fs.rmSync(path.join(runs, old));
    fs.writeFileSync(path.join(runs, '2026-01-01T00-00-00Z.json'), JSON.stringify(aged));
    fs.rmSync(path.join(line.workspace, 'data'), { recursive: true });
    line.configureServer({ ...server, schedule: '0 0 * * *', timeZone: 'Pacific/Kiritimati' });
    const listed = await line.run(['list', '--json']);
    expect(listed.events[0]).toMatchObject({ event: 'overdue', server: 'web', lastGood: then });
    expect((await line.run(['list'])).out).toContain('web  OVERDUE');
    for (const expected of [1, 0]) {
      await using daemon = new RunningDaemon(line);
      await daemon.event('scheduled');
      if (expected > 0) {
        expect(await daemon.event('finished')).toMatchObject({ status: 'failed' });
        expect(await daemon.event('overdue')).toMatchObject({ server: 'web', lastGood: then });
      }
      await daemon.stop();
      expect(daemon.named('overdue')).toHaveLength(expected);
    }
  });
});

it('runs two hundred servers, two at a time, in bounded memory', async () => {
  using line = new CommandLine();
  const server = { ...withData(line), schedule: '0 0 29 2 *' };
  const names = Array.from({ length: 200 }, (_, index) => `site-${index}`);
  line.configure({ servers: Object.fromEntries(names.map((name) => [name, server])) });
  await using daemon = new RunningDaemon(line, tightHeap);
  await daemon.event('finished', 199);
  const peak = daemon.peakMemory();
  expect(await daemon.stop()).toBe(0);
  expect(new Set(daemon.named('finished').map(({ server: name }) => name)).size).toBe(200);
  let running = 0;
  let most = 0;
  for (const { event } of daemon.events) {
    if (event === 'run') running += 1;
    if (event === 'finished') running -= 1;
    most = Math.max(most, running);
  }
  expect(most).toBe(2);
  const starts = daemon.named('run').map(({ time }) => time.slice(0, 19));
  expect(new Set(starts).size).toBeGreaterThan(10);
  expect(peak).toBeLessThan(250_000_000);
});

describe('the daemon and a server', () => {
  const owner = account();
  const site = `${owner.home}/daemon-${process.pid}`;
  let ssh: Openssh;
  const connection = (port = ssh.port): Record<string, unknown> => ({
    ...{ protocol: 'sftp', host: '127.0.0.1', port, username: owner.name, include: [site] },
    ...{ fingerprint: ssh.fingerprint(), schedule: everySecond, timeout: 5 },
  });
  const secrets = { SAUVEGARDE_PASSWORD_WEB: owner.password };

  beforeAll(async () => {
    ssh = await startOpenssh();
    fs.mkdirSync(site, { recursive: true });
    fs.writeFileSync(path.join(site, 'big'), Buffer.alloc(20_000_000, 7));
    fs.utimesSync(path.join(site, 'big'), 1_700_000_000, 1_700_000_000);
  });

  afterAll(async () => {
    fs.rmSync(site, { recursive: true, force: true });
    await ssh[Symbol.asyncDispose]();
  });

  it('says what it will lack without a person, before the run does', async () => {
    using line = new CommandLine();
    line.configure({
      servers: {
        locked: { ...connection(), schedule: '0 0 29 2 *' },
        unknown: { ...connection(), fingerprint: undefined, schedule: '0 0 29 2 *' },
      },
    });
    await using daemon = new RunningDaemon(line);
    const both = [await daemon.event('needs-person'), await daemon.event('needs-person', 1)];
    expect(both.map(({ server, kind }) => [server, kind])).toEqual([
      ['locked', 'authentication'],
      ['unknown', 'host-key'],
    ]);
    await daemon.stop();
    expect(JSON.stringify(daemon.events)).not.toContain(owner.password);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s in the middle of a run leaves what the next run continues',
    async (signal) => {
      using line = new CommandLine();
      line.configureServer({ ...connection(), bandwidth: '4MB/s' });
      await using daemon = new RunningDaemon(line, secrets);
      await halfway(line);
      expect(await daemon.stop(signal)).toBe(0);
      const errors = daemon.named('error');
      expect(errors.map(({ kind }) => kind)).toEqual(['cancelled']);
      expect(daemon.events.at(-1)?.event).toBe('stopped');
      line.configureServer(connection());
      const next = await line.run(['backup', '--json'], { env: secrets });
      expect(next.events[0]).toMatchObject({ status: 'complete', files: 1 });
      const { receivedBytes } = next.events[0] as unknown as { receivedBytes: number };
      expect(receivedBytes).toBeLessThan(18_000_000);
    },
  );

  it('says once that the network was lost, tries again, and goes on where it was', async () => {
    using line = new CommandLine();
    const link = await Link.to(ssh.port);
    await using _link = link;
    // Due once, as it was never backed up, and not again while this test lasts.
    const slow = { ...connection(link.port), bandwidth: '4MB/s', schedule: '0 0 29 2 *' };
    line.configureServer(slow);
    await using daemon = new RunningDaemon(line, secrets);
    await halfway(line);
    link.cut();
    expect(await daemon.event('error')).toMatchObject({ kind: 'connection', willRetry: true });
    expect(await daemon.stop()).toBe(0);
    expect(daemon.named('error')).toHaveLength(1);
    link.mend();
    line.configureServer({ ...slow, bandwidth: undefined });
    const next = await line.run(['backup', '--json'], { env: secrets });
    expect(next.events[0]).toMatchObject({ status: 'complete', files: 1 });
    const { receivedBytes } = next.events[0] as unknown as { receivedBytes: number };
    expect(receivedBytes).toBeLessThan(18_000_000);
  });
});

/** Waits until much of the big file has come. */
async function halfway(line: CommandLine): Promise<void> {
  const partial = path.join(line.backups, 'web', '.sauvegarde', 'partial');
  const size = (): number =>
    fs.existsSync(partial)
      ? fs
          .readdirSync(partial, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .reduce((sum, file) => sum + fs.statSync(path.join(file.parentPath, file.name)).size, 0)
      : 0;
  await expect.poll(size, { interval: 50 }).toBeGreaterThan(6_000_000);
}

/** A way to a server that can be cut. */
class Link implements AsyncDisposable {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  readonly #server: ReturnType<typeof createServer>;
  #isCut = false;

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async to(target: number): Promise<Link> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const link = new Link(server, address.port);
    server.on('connection', (near) => link.#join(near, target));
    return link;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  #join(near: Socket, target: number): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
