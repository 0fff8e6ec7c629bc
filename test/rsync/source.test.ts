import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock';
import { Selection } from '../../src/model/selection';
import { remotePath, rootPath } from '../../src/model/remotePath';
import { startOpenssh } from '../servers/openssh';
import { never, serverAt } from '../ssh/setting';
import { openRsyncSource } from '../../src/sources/rsync/rsyncSource';
import { collected, DigestSink, failure, rsyncWorld, scanned, wantedOf, type Way } from './worlds';

const world = rsyncWorld();
const ways: readonly Way[] = ['ssh', 'daemon'];

describe.each(ways)('rsync over %s', (way) => {
  it('lists one folder, and says why if it cannot', async () => {
    const place = world.tree(`listed-${way}`, { 'a*b': 'x', '[c]': 'y', 'd e': '' });
    mkdirSync(`${place}/folder`);
    writeFileSync(`${place}/folder/below`, 'not listed');
    mkdirSync(`${place}/closed`);
    chmodSync(`${place}/closed`, 0);
    world.handOver();
    await using source = await world.open(way);
    const list = async (name: string): Promise<string[]> => {
      const entries = await collected(source.list(world.shown(way, place + name), never));
      return entries.map(({ path, type }) => `${type} ${path.split('/').at(-1)}`);
    };
    const names = ['file [c]', 'file a*b', 'directory closed', 'file d e', 'directory folder'];
    expect(await list('')).toEqual(names);
    expect(await list('/folder')).toEqual(['file below']);
    expect((await failure(list('/closed'))).kind).toBe('permission');
    expect((await failure(list('/nowhere'))).kind).toBe('not-found');
    expect((await failure(list('/a*b'))).kind).toBe('not-found');
  });

  it('backs up paths with signs that a shell or a daemon would expand', async () => {
    const names = [
      'st*r',
      'qu?stion',
      '[a-z]',
      'back\\slash',
      'b\\o*th',
      '\\*',
      "it's",
      '$HOME `id`',
      '-dash',
      'ü {a,b}',
    ];
    for (const name of names) {
      const place = world.tree(name, { file: `in ${name}` });
      await using source = await world.open(way);
      const found = await scanned(source, world.shown(way, place));
      expect(
        found.map(({ entry }) => entry?.type),
        name,
      ).toEqual(['directory', 'file']);
      const below = `${place}/in \\ [it] \\`;
      mkdirSync(below);
      writeFileSync(`${below}/file`, 'x');
      const deeper = await scanned(source, world.shown(way, below));
      expect(deeper.at(-1)?.entry?.path, name).toMatch(/\/file$/);
      rmSync(place, { recursive: true });
    }
  });

  it('gives the digests of files without their content', async () => {
    const content = randomBytes(300_000);
    const place = world.tree(`digests-${way}`, { large: content, empty: '', 'left.log': 'x' });
    const root = world.shown(way, place);
    for (const offer of [28, 31]) {
      await using source = await world.open(way, { offer });
      const selection = new Selection([`/${root}`], ['*.log'], 'record');
      const digests = await source.digests(remotePath(root), selection, never);
      const hash = digests.hash();
      hash.update(content);
      expect(digests.of(remotePath(`/${root}/large`))).toBe(hash.digest().toString('hex'));
      expect(digests.of(remotePath(`/${root}/empty`))).toBe(
        digests.hash().digest().toString('hex'),
      );
      for (const none of [`${root}/left.log`, `${root}/nothing`, root]) {
        expect(digests.of(remotePath(none)), none).toBeUndefined();
      }
      if (offer < 30) continue;
      const md5 = createHash('md5').update(content).digest('hex');
      expect(digests.of(remotePath(`/${root}/large`))).toBe(md5);
      expect(source.receivedBytes).toBeLessThan(20_000);
    }
  });

  it('notices what changed after the list, and brings what is there then', async () => {
    const names = ['grows', 'shrinks', 'gone', 'secret', 'folder', 'same'];
    const place = world.tree(
      `changes-${way}`,
      Object.fromEntries(names.map((name) => [name, randomBytes(50_000)])),
    );
    for (const offer of [29, 31]) {
      for (const name of names) {
        rmSync(`${place}/${name}`, { recursive: true, force: true });
        writeFileSync(`${place}/${name}`, randomBytes(50_000));
      }
      world.handOver();
      await using source = await world.open(way, { offer });
      const root = world.shown(way, place);
      const found = await scanned(source, root);
      appendFileSync(`${place}/grows`, 'more');
      truncateSync(`${place}/shrinks`, 1000);
      rmSync(`${place}/gone`);
      chmodSync(`${place}/secret`, 0);
      rmSync(`${place}/folder`);
      mkdirSync(`${place}/folder`);
      const sink = new DigestSink();
      await source.fetch(wantedOf(found), sink, never);
      for (const name of ['grows', 'shrinks', 'same']) {
        const digest = createHash('sha256')
          .update(readFileSync(`${place}/${name}`))
          .digest('hex');
        expect(sink.arrived.get(`${root}/${name}`), name).toBe(digest);
      }
      const kinds = [...sink.skipped].map(([path, { kind }]) => [path.split('/').at(-1), kind]);
      expect(Object.fromEntries(kinds)).toMatchObject({ gone: 'not-found', secret: 'permission' });
      expect([...sink.skipped.keys()]).toContain(`${root}/folder`);
    }
  });

  it('asks three times for a file that keeps changing, and reports it or cuts it', async () => {
    const place = world.tree(`restless-${way}`, { grows: 'x', shrinks: 'x'.repeat(100_000) });
    let size = 100_000;
    const change = (): Promise<void> => {
      appendFileSync(`${place}/grows`, 'again');
      truncateSync(`${place}/shrinks`, (size -= 1000));
      return Promise.resolve();
    };
    // Between its listing and its reading a fresh file is waited for: there it changes once more.
    const environment = {
      ...world.setting.environment,
      clock: { ...systemClock, sleep: change },
    };
    await using source = await world.open(way, {}, {}, environment);
    const root = world.shown(way, place);
    const found = await scanned(source, root);
    await change();
    const sink = new DigestSink();
    const sizes = new Map<string, number[]>();
    sink.onReceive = ({ path, size: listed = -1 }) => {
      const name = path.slice(root.length + 1);
      sizes.set(name, [...(sizes.get(name) ?? []), listed]);
    };
    await source.fetch(wantedOf(found), sink, never);
    expect(sizes.get('shrinks')).toHaveLength(3);
    expect(sizes.get('grows')).toHaveLength(3);
    expect([...sink.skipped.keys()]).toEqual([`${root}/shrinks`]);
    expect(sink.skipped.get(`${root}/shrinks`)).toMatchObject({
      kind: 'changed',
      message: 'The file changed while it was being read, 3 times.',
    });
    const kept = readFileSync(`${place}/grows`).subarray(0, sizes.get('grows')!.at(-1));
    const digest = createHash('sha256').update(kept).digest('hex');
    expect(sink.arrived.get(`${root}/grows`)).toBe(digest);
    expect(sink.warnings).toEqual([expect.stringContaining('kept growing')]);
  });

  it('ends at once when it is aborted', async () => {
    const place = world.tree(`aborted-${way}`, { large: Buffer.alloc(50_000_000, 'x') });
    await using source = await world.open(way);
    const found = await scanned(source, world.shown(way, place));
    const stop = new AbortController();
    const sink = new DigestSink();
    sink.onReceive = () => stop.abort();
    expect((await failure(source.fetch(wantedOf(found), sink, stop.signal))).kind).toBe(
      'cancelled',
    );
    const selection = new Selection(['/'], [], 'record');
    const again = collected(source.scan(selection, stop.signal));
    expect((await failure(again)).kind).toBe('cancelled');
  });
});

describe('rsync over ssh', () => {
  it('goes on after the connection was cut, and asks only for what has not come', async () => {
    const files = Array.from(
      { length: 40 },
      (_none, at) => [`f${at}`, randomBytes(400_000)] as const,
    );
    const place = world.tree('cut', Object.fromEntries(files));
    await using source = await world.open('ssh');
    const root = world.shown('ssh', place);
    const found = await scanned(source, root);
    const sink = new DigestSink();
    let received = 0;
    sink.onReceive = () => {
      received += 1;
      if (received === 10) world.ssh.breakConnections();
    };
    await source.fetch(wantedOf(found), sink, never);
    expect([...sink.skipped]).toEqual([]);
    expect(sink.arrived.size).toBe(files.length);
    expect(received).toBeLessThan(60);
    for (const [name, content] of files) {
      const digest = createHash('sha256').update(content).digest('hex');
      expect(sink.arrived.get(`${root}/${name}`)).toBe(digest);
    }
  });

  it('gives up a server that hangs', async () => {
    const place = world.tree('hangs', { large: Buffer.alloc(30_000_000) });
    await using server = await startOpenssh();
    const privateKey = server.writeKey();
    const options = { protocol: 'rsync', privateKey, fingerprint: server.fingerprint() } as const;
    const configured = serverAt(server.port, { ...options, timeout: 500 });
    const { environment } = world.setting;
    await using source = await openRsyncSource(configured, environment, never);
    const found = await scanned(source, world.shown('ssh', place));
    const sink = new DigestSink();
    let paused: number[] = [];
    sink.onReceive = () => (paused = server.pauseConnections());
    const error = await failure(source.fetch(wantedOf(found), sink, never));
    for (const pid of paused) process.kill(pid, 'SIGKILL');
    expect(['timeout', 'connection']).toContain(error.kind);
    expect(error.scope).toBe('run');
  });

  it.each([
    ['echo Welcome to the machine; ', /Welcome to the machine.*start-up file/],
    ['exec rsync-that-is-not-there; ', /no rsync on the server.*sftp/],
    ['printf a; ', /sent "a" before rsync spoke.*start-up file/],
    ['echo Sorry; exit 1; ', /does not run rsync; it says "Sorry".*sftp/],
    ['exit 0; ', /ended with code 0.*sftp/],
    ['PATH=/nowhere; ', /no rsync on the server.*sftp/],
    ['echo You may not >&2; exit 3; ', /refuses to run rsync: You may not/],
  ])('says what is wrong: %s', async (start, message) => {
    const forcedCommand = `/bin/sh -c "${start} eval $SSH_ORIGINAL_COMMAND"`;
    await using server = await startOpenssh({ forcedCommand });
    const privateKey = server.writeKey();
    const options = { protocol: 'rsync', privateKey, fingerprint: server.fingerprint() } as const;
    const { environment } = world.setting;
    await using source = await openRsyncSource(serverAt(server.port, options), environment, never);
    const error = await failure(collected(source.list(rootPath, never)));
    expect(error).toMatchObject({ kind: 'protocol', scope: 'run' });
    expect(error.message).toMatch(message);
  });
});
