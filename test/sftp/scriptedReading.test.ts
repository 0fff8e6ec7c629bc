import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { BackupError } from '../../src/base/errors';
import { remotePath, rootPath } from '../../src/model/remotePath';
import { never } from '../ssh/setting';
import { failure, file, scriptedWorld, timeout } from './scriptedWorld';

const world = scriptedWorld();

describe('reading', () => {
  test('answers that are cut short are asked for again, and shorter from then on', async () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    await world.open({
      content,
      answer: ({ type, offset, length }, reply) => {
        if (type !== 5 || length <= 4096) return false;
        reply.data(content.subarray(offset, offset + 4096));
        return true;
      },
    });
    expect((await world.read(file(content.length))).content.equals(content)).toBe(true);
    expect(
      (await world.read(file(content.length), 150_000)).content.equals(content.subarray(150_000)),
    ).toBe(true);
  });

  test('answers in any order', async () => {
    const content = Buffer.from(Array.from({ length: 900_000 }, (_, index) => index % 251));
    const held: (() => void)[] = [];
    await world.open({
      content,
      answer: ({ type, offset, length }, reply) => {
        if (type !== 5) return false;
        held.push(() => reply.data(content.subarray(offset, offset + length)));
        setTimeout(() => held.splice(Math.floor(held.length / 2), 1)[0]?.(), 1);
        return content.length > offset;
      },
    });
    expect((await world.read(file(content.length))).content.equals(content)).toBe(true);
  });

  test.each([
    ['the size that was listed', 7, { grown: false }],
    ['grown', 3, { grown: true }],
    ['grown from nothing', 0, { grown: true }],
  ])('%s', async (_what, size, outcome) => {
    await world.open({});
    expect(await world.read(file(size))).toMatchObject(outcome);
    expect((await world.read(file(size))).content.length).toBe(size);
  });

  test('changed while it was read', async () => {
    await world.open({});
    expect(await failure(world.read(file(7, 999)))).toMatchObject({ kind: 'changed' });
  });

  test('shorter than it was listed', async () => {
    await world.open({});
    for (const size of [8, 40_000, 100_000_000]) {
      const { content, ...outcome } = await world.read(file(size));
      expect([content.toString(), outcome]).toEqual(['content', { grown: false, short: true }]);
    }
  });

  test('a file that is a folder now', async () => {
    await world.open({
      answer: ({ type }, reply) => {
        if (type === 5) reply.status(4, 'Failure');
        else if (type === 8) reply.attributes({ mode: 0o40755, size: 4096 });
        else return false;
        return true;
      },
    });
    expect(await failure(world.read(file(7)))).toMatchObject({ kind: 'changed' });
  });

  test('a server without FSTAT is believed', async () => {
    await world.open({ answer: ({ type }, reply) => type === 8 && (reply.status(8, 'no'), true) });
    expect(await world.read(file(7))).toMatchObject({ grown: false });
    expect(await world.read(file(6))).toMatchObject({ grown: true });
  });

  test('every handle is closed, whatever happened', async () => {
    await world.open({ content: Buffer.alloc(500_000, 'x') });
    await world.read(file(500_000));
    await world.read(file(500_001));
    await world.read(file(5_000_000));
    const stop = new AbortController();
    const cancelled = world.sftp.read(
      file(500_000),
      0,
      () => (stop.abort(), undefined),
      stop.signal,
    );
    expect(await failure(cancelled)).toMatchObject({ kind: 'cancelled' });
    const full = new BackupError('disk-full', 'No space is left.');
    expect(
      await failure(world.sftp.read(file(500_000), 0, () => Promise.reject(full), never)),
    ).toBe(full);
    const thrown = world.sftp.read(
      file(500_000),
      0,
      () => {
        throw full;
      },
      never,
    );
    expect(await failure(thrown)).toBe(full);
    await world.sftp.list(rootPath, never);
    await sleep(50);
    const count = (type: number) =>
      world.scripted.requests.filter((request) => request.type === type).length;
    expect(count(4)).toBe(count(3) + count(11));
  });

  test('a slow taker holds up the server, not the memory', async () => {
    const content = Buffer.alloc(40_000_000);
    await world.open({ content });
    let go: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => (go = resolve));
    let taken = 0;
    const slow = world.sftp.read(
      file(content.length),
      0,
      (chunk) => ((taken += chunk.length), blocked),
      never,
    );
    await sleep(3 * timeout);
    const asked = world.scripted.requests.reduce((sum, { length }) => sum + length, 0);
    expect(asked).toBeLessThan(6_000_000);
    // The silence was ours: it is no timeout. Other files go on.
    expect(await world.read(file(7, 1000)).catch((error: unknown) => error)).toBeDefined();
    go();
    expect(await slow).toEqual({ grown: false });
    expect(taken).toBe(content.length);
  });
});

describe('connections that break', () => {
  test('silence is a timeout, and the next call works', async () => {
    await world.open({ answer: () => true });
    expect(await failure(world.sftp.stat(remotePath('/file'), never))).toMatchObject({
      kind: 'timeout',
      transient: true,
    });
    world.scripted.script = {};
    expect(await world.sftp.stat(remotePath('/file'), never)).toMatchObject({ size: 7 });
    expect(world.scripted.connections).toBe(2);
  });

  test('an answer that never comes is noticed though others do', async () => {
    await world.open({ answer: ({ type }) => type === 8 });
    const stop = new AbortController();
    const reading = failure(world.read(file(7)));
    const busy = (async () => {
      while (!stop.signal.aborted) {
        await world.sftp.stat(remotePath('/file'), never).catch(() => undefined);
        await sleep(50);
      }
    })();
    expect(await reading).toMatchObject({ kind: 'timeout' });
    stop.abort();
    await busy;
  });

  test('a cut is a transient error, for all calls, and one reconnection serves all', async () => {
    await world.open({ answer: ({ type }) => type === 5 });
    const calls = Array.from({ length: 50 }, () => failure(world.read(file(7))));
    await sleep(50);
    world.scripted.breakConnections();
    for (const call of calls)
      expect(await call).toMatchObject({ kind: 'connection', transient: true });
    world.scripted.script = {};
    await Promise.all(Array.from({ length: 50 }, () => world.read(file(7))));
    expect(world.scripted.connections).toBe(2);
    expect(world.sftp.receivedBytes).toBeGreaterThan(1000);
  });

  test('a server that has gone ends the run, after a few attempts', async () => {
    await world.open({});
    await world.scripted[Symbol.asyncDispose]();
    await sleep(20);
    const errors = await Promise.all([
      failure(world.read(file(7))),
      failure(world.sftp.list(rootPath, never)),
    ]);
    for (const error of errors)
      expect(error).toMatchObject({ kind: 'connection', scope: 'run', transient: false });
  });

  test.each(['read', 'list', 'stat'] as const)('%s is cancelled at once', async (method) => {
    await world.open({ answer: () => true });
    const stop = new AbortController();
    const calls = {
      read: () => world.read(file(7), 0, stop.signal),
      list: () => world.sftp.list(rootPath, stop.signal),
      stat: () => world.sftp.stat(remotePath('/file'), stop.signal),
    };
    const call = failure(calls[method]());
    setTimeout(() => stop.abort(), 20);
    expect(await call).toMatchObject({ kind: 'cancelled' });
    expect(await failure(calls[method]())).toMatchObject({ kind: 'cancelled' });
  });
});
