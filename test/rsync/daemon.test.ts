import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { checkServer } from '../../src/jobs/connect/checkServer';
import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import { remotePath, rootPath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import type { Wanted } from '../../src/model/transfer';
import { openRsyncSource } from '../../src/sources/rsync/rsyncSource';
import { startRsyncd } from '../servers/rsyncd';
import { never, serverAt } from '../ssh/setting';
import { collected, DigestSink, failure, rsyncWorld, scanned, wantedOf } from './worlds';

const world = rsyncWorld();

async function modulesOf(server: Server): Promise<Entry[]> {
  await using source = await openRsyncSource(server, world.setting.environment, never);
  return await collected(source.list(rootPath, never));
}

describe('an rsync daemon', () => {
  it('shows its modules as folders, and backs all of them up', async () => {
    const place = world.tree('modules', { file: 'x' });
    await using server = await startRsyncd({ modules: { one: place, 'two words': place } });
    const configured = serverAt(server.port, { protocol: 'rsync', via: 'daemon' });
    const { environment } = world.setting;
    await using source = await openRsyncSource(configured, environment, never);
    const modules = await collected(source.list(rootPath, never));
    expect(modules.map(({ path, type }) => [path, type])).toEqual([
      ['one', 'directory'],
      ['two words', 'directory'],
    ]);
    const found = await scanned(source, rootPath, new Selection(['/'], [], 'record'));
    const paths = ['one', 'one/file', 'two words', 'two words/file'];
    expect(found.map(({ entry }) => entry?.path)).toEqual(paths);
    const sink = new DigestSink();
    await source.fetch(wantedOf(found), sink, never);
    expect(sink.arrived.size).toBe(2);
    const missing = scanned(source, remotePath('/three/x'));
    expect((await missing)[0]?.error).toMatchObject({ kind: 'not-found' });
  });

  it('is talked to over the connection of the login first, and over another if that is gone', async () => {
    const place = world.tree('connections', { file: 'x' });
    await using server = await startRsyncd({ modules: { one: place } });
    const taken: Socket[] = [];
    const counting = createServer((near) => {
      taken.push(near);
      const far = connect({ port: server.port, host: '127.0.0.1' });
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve));
    const { port } = counting.address() as AddressInfo;
    const configured = serverAt(port, { protocol: 'rsync', via: 'daemon' });
    const { environment } = world.setting;
    for (const isGone of [false, true]) {
      taken.length = 0;
      await using source = await openRsyncSource(configured, environment, never);
      if (isGone) taken[0]?.destroy();
      const found = await scanned(source, remotePath('/one'));
      const sink = new DigestSink();
      await source.fetch(wantedOf(found), sink, never);
      expect(sink.arrived.size).toBe(1);
      expect(taken).toHaveLength(isGone ? 2 : 1);
    }
    counting.close();
  });

  it('names its modules when it is checked, beside what cannot be read', async () => {
    const place = world.tree('checked', { file: 'x' });
    await using server = await startRsyncd({ modules: { one: place, 'two words': place } });
    const configured = serverAt(server.port, {
      protocol: 'rsync',
      via: 'daemon',
      include: ['/one', '/three'],
    });
    const checked = await checkServer(configured, world.setting.environment, never);
    expect(checked.modules).toEqual(['one', 'two words']);
    expect(checked.files).toBe(1);
    expect(checked.warnings).toEqual([expect.stringMatching(/clear text.*ssh tunnel/)]);
    expect(checked.skipped).toMatchObject([{ path: '/three', kind: 'not-found' }]);
  });

  it('lists no module that could lead anywhere else', async () => {
    const daemon = createServer((socket) => {
      socket.write('@RSYNCD: 31.0 md5\n');
      socket.on('error', () => undefined);
      socket.on('data', (sent) => {
        if (sent.includes('#list')) socket.end('../..           \tall\n@RSYNCD: EXIT\n');
      });
    });
    await new Promise<void>((resolve) => daemon.listen(0, '127.0.0.1', resolve));
    const { port } = daemon.address() as AddressInfo;
    const configured = serverAt(port, { protocol: 'rsync', via: 'daemon' });
    expect(await failure(modulesOf(configured))).toMatchObject({ kind: 'protocol' });
    await new Promise((resolve) => daemon.close(resolve));
  });

  it.each([27, 29, 31])(
    'takes a password, at protocol %i, and refuses a wrong one',
    async (offer) => {
      const place = world.tree(`auth-${offer}`, { file: 'x' });
      await using server = await startRsyncd({ modules: { locked: place }, password: true });
      const configured = serverAt(server.port, { protocol: 'rsync', via: 'daemon' });
      const { environment } = world.setting;
      const options = {
        offer,
        limits: { entries: 1000, nameBytes: 2 ** 24, messageBytes: 2 ** 20 },
      };
      for (const [password, kind] of [
        [server.account.password, undefined],
        ['wrong', 'authentication'],
        [undefined, 'authentication'],
      ] as const) {
        const credentials = {
          ...environment.credentials,
          password: () => Promise.resolve(password),
        };
        const setting = { ...environment, credentials };
        await using source = await openRsyncSource(configured, setting, never, options);
        const listed = collected(source.list(remotePath('/locked'), never));
        if (kind) expect(await failure(listed)).toMatchObject({ kind });
        else expect((await listed).map(({ path }) => path)).toEqual(['locked/file']);
      }
    },
  );

  it('with a timeout of its own is told that we are still there', async () => {
    const place = world.tree('patient', { first: 'x', second: 'y' });
    const settings = ['timeout = 2'];
    await using server = await startRsyncd({ modules: { quick: place }, settings });
    const configured = serverAt(server.port, { protocol: 'rsync', via: 'daemon' });
    const { environment } = world.setting;
    await using source = await openRsyncSource(configured, environment, never);
    const found = await scanned(source, remotePath('/quick'));
    const received = source.receivedBytes;
    async function* slowly(): AsyncGenerator<Wanted, void, undefined> {
      for await (const wanted of wantedOf(found)) {
        yield wanted;
        await sleep(4500);
      }
    }
    const sink = new DigestSink();
    await source.fetch(slowly(), sink, never);
    expect(sink.arrived.size).toBe(2);
    expect(source.receivedBytes - received, 'nothing was listed again').toBeLessThan(250);
  });

  it.each([
    ['SSH-2.0-OpenSSH_9\r\n', /No rsync daemon answers/],
    ['x'.repeat(200_000), /text without end/],
    ['@RSYNCD: 19.0\n', /too old/],
    ['@RSYNCD: 31.0 md5\n@ERROR: no \x1b[31mway\n', /refuses: "no/],
    ['@RSYNCD: 31.0 md5\n', /No answer for/],
  ])('that says %j is refused', async (said, message) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).write(said);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const configured = serverAt(port, { protocol: 'rsync', via: 'daemon', timeout: 300 });
    const error = await failure(modulesOf(configured));
    expect(error.message).toMatch(message);
    server.close();
  });
});
