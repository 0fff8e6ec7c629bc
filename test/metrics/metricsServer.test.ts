import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ailmentOf } from '../../src/jobs/schedule/health';
import { Scheduler } from '../../src/jobs/schedule/scheduler';
import { addressText, listenAddressArgument } from '../../src/cli/metrics/listenAddress';
import { MetricsServer, plainPage, type Pages } from '../../src/cli/metrics/metricsServer';
import { recently } from '../../src/cli/metrics/recently';
import { heldBytes } from '../../src/model/metrics/heldBytes';
import type { RunFigures } from '../../src/model/overview/runFigures';
import { nodeDisk } from '../../src/store/nodeDisk';
import { Store } from '../../src/store/store';
import { scheduled } from '../schedule/watchedServers';
import { HandClock } from '../vscode/handClock';

const here = { host: '127.0.0.1', port: 0 };
const limits = { connections: 3, asking: 500, answer: 1000 };
const pages: Pages = new Map([
  ['/small', () => Promise.resolve(plainPage(200, 'all is well'))],
  ['/big', () => Promise.resolve(plainPage(200, 'x'.repeat(50_000_000)))],
]);

async function opened(server: MetricsServer): Promise<Socket> {
  const socket = connect(server.address.port, server.address.host);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Reads on until the connection is closed. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()).resume());

/** All that is answered until the connection is closed. */
async function said(server: MetricsServer, text: string): Promise<string> {
  const socket = await opened(server);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.write(text);
  await closed(socket);
  return answer;
}

it.each([
  [
    'GET /small HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    /^HTTP\/1\.1 200 [^]*\r\n\r\nall is well\n$/,
  ],
  ['HEAD /small HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', /^HTTP\/1\.1 200 [^]*\r\n\r\n$/],
  ['GET /small?x=/big HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
  ['GET /../small HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 404 [^]*Try \/small or \/big\./],
  ['GET http://elsewhere/small HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 404 /],
  [
    'POST /small HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n',
    /^HTTP\/1\.1 405 [^]*allow: GET, HEAD/,
  ],
  ['DELETE /small HTTP/1.1\r\nhost: x\r\n\r\n', /^HTTP\/1\.1 405 /],
  [`GET /small HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
  ['GET /small HTTP/1.1\r\nhost: x\r\n', /^HTTP\/1\.1 408 /],
])('answers %#', async (text, expected) => {
  await using server = await MetricsServer.listen(here, pages, limits);
  expect(await said(server, text)).toMatch(expected);
});

it('waits neither for those who say nothing, nor for those who do not read', async () => {
  await using server = await MetricsServer.listen(here, pages, limits);
  const silent = await opened(server);
  const reader = await opened(server);
  reader.pause();
  reader.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n');
  await closed(silent);
  // It is told nothing while it does not read: what it has got is less than all, and then the end.
  await new Promise((resolve) => setTimeout(resolve, 2 * limits.answer));
  let bytes = 0;
  reader.on('data', (chunk: Buffer) => (bytes += chunk.length));
  reader.resume();
  await closed(reader);
  expect(bytes).toBeLessThan(50_000_000);
});

it('takes so many connections, and serves again when one has gone', async () => {
  await using server = await MetricsServer.listen(here, pages, { ...limits, asking: 60_000 });
  const three = [await opened(server), await opened(server), await opened(server)];
  const fourth = await opened(server);
  await closed(fourth);
  three[0]?.destroy();
  await expect.poll(() => said(server, 'GET /small HTTP/1.0\r\n\r\n')).toContain('all is well');
});

it('what many ask for is worked out once, and what failed is asked for again', async () => {
  const clock = new HandClock(0);
  let asked = 0;
  const finish: (() => void)[] = [];
  const page = recently(
    () =>
      new Promise<number>((resolve) => {
        asked += 1;
        const number = asked;
        finish.push(() => resolve(number));
      }),
    5000,
    clock,
  );
  const both = [page(), page()];
  finish[0]?.();
  expect(await Promise.all(both)).toEqual([1, 1]);
  expect(await page()).toBe(1);
  await clock.pass(5000);
  const next = page();
  finish[1]?.();
  expect(await next).toBe(2);
  let failures = 0;
  const failing = recently(() => Promise.reject(new Error(String((failures += 1)))), 5000, clock);
  await expect(failing()).rejects.toThrow('1');
  await expect(failing()).rejects.toThrow('2');
});

it('a scheduler that hangs in a store is not well', async () => {
  const clock = new HandClock(Date.UTC(2026, 10, 30));
  const stop = new AbortController();
  let hangs = false;
  let letGo = (): void => undefined;
  const nothing = (): Promise<void> => Promise.resolve();
  const namesIn = (): Promise<string[]> =>
    new Promise((resolve) => {
      letGo = () => resolve([]);
      if (!hangs) letGo();
    });
  const scheduler = new Scheduler(
    {
      servers: () => [scheduled('web', '* * * * *')],
      storeOf: () => new Store('/nowhere', 'web', { ...nodeDisk, namesIn }),
      ...{ maxParallelServers: () => 1, run: nothing, overdue: nothing, trouble: () => undefined },
    },
    clock,
  );
  const ended = scheduler.run(stop.signal);
  const ailment = (): string | undefined => ailmentOf(scheduler.throughAt, clock.monotonic());
  for (let minute = 0; minute < 10; minute += 1) {
    const before = scheduler.throughAt;
    await expect.poll(() => clock.sleepers).toBe(1);
    await clock.pass(60_000);
    await expect.poll(() => scheduler.throughAt).toBeGreaterThan(before);
    expect(ailment()).toBeUndefined();
  }
  hangs = true;
  await clock.pass(60_000);
  expect(ailment()).toBeUndefined();
  await clock.pass(180_000);
  expect(ailment()).toBe('The scheduler has not looked at the servers for 240 seconds.');
  hangs = false;
  letGo();
  await expect.poll(ailment).toBeUndefined();
  stop.abort();
  await ended;
});

it.each([
  ['nothing', [], 0],
  ['one', [{ bytes: 100, fetchedBytes: 100 }], 100],
  [
    'what was fetched since',
    [
      { bytes: 100, fetchedBytes: 5 },
      { bytes: 100, fetchedBytes: 20 },
    ],
    120,
  ],
  [
    'what came by runs that are gone',
    [
      { bytes: 100, fetchedBytes: 100 },
      { bytes: 300, fetchedBytes: 20 },
    ],
    300,
  ],
  [
    'what has shrunk',
    [
      { bytes: 100, fetchedBytes: 100 },
      { bytes: 10, fetchedBytes: 0 },
    ],
    100,
  ],
])('the bytes that snapshots hold: %s', (_name, snapshots, expected) => {
  expect(heldBytes(snapshots as unknown as RunFigures[])).toBe(expected);
});

it.each([
  ['127.0.0.1:9469', '127.0.0.1', '127.0.0.1:9469'],
  ['[::1]:9469', '::1', '[::1]:9469'],
  ['localhost:0', 'localhost', 'localhost:0'],
])('listens at %s', (text, host, shown) => {
  const address = listenAddressArgument(text);
  expect(address.host).toBe(host);
  expect(addressText(address)).toBe(shown);
});

it.each([':9469', '127.0.0.1', '127.0.0.1:70000', '::1:9469', 'http://h:1', '[h]:1', 'u@h:1', ''])(
  'does not guess where %j is',
  (text) => expect(() => listenAddressArgument(text)).toThrow('Name an address and a port'),
);
