import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { remotePath } from '../../src/model/remotePath';
import { startOpenssh } from '../servers/openssh';
import { never } from '../ssh/setting';
import { failure, opensshWorld } from './opensshWorld';

const world = opensshWorld();

describe('connections', () => {
  test('one that is cut in the middle fails the read, and the next one works', async () => {
    world.tree('cut', { file: randomBytes(20_000_000) });
    await using own = await world.open();
    const entry = await own.stat(world.pathOf('cut/file'), never);
    let cut = false;
    const reading = own.read(
      entry,
      0,
      () => {
        if (!cut) world.server.breakConnections();
        cut = true;
        return undefined;
      },
      never,
    );
    expect(await failure(reading)).toMatchObject({ kind: 'connection', transient: true });
    expect(await world.read(entry, 19_000_000, own)).toHaveLength(1_000_000);
  });

  test('one that is cut at any moment leaves no call without an answer', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`${index}`, randomBytes(40_000)]),
    );
    world.tree('chaos', files);
    await using own = await world.open();
    const entries = await own.list(world.pathOf('chaos'), never);
    for (let delay = 0; delay < 60; delay += 4) {
      const calls = entries.flatMap((entry) => [
        own.read(entry, 0, () => undefined, never),
        own.list(world.pathOf('chaos'), never),
      ]);
      const settled = Promise.allSettled(calls);
      await sleep(delay);
      world.server.breakConnections();
      for (const result of await settled) {
        if (result.status === 'fulfilled') continue;
        expect(result.reason).toMatchObject({ kind: 'connection', transient: true });
      }
    }
    expect(await own.list(world.pathOf('chaos'), never)).toHaveLength(200);
  });

  test('a server that stands still', async () => {
    world.tree('still', { file: randomBytes(20_000_000) });
    await using own = await world.open({ timeout: 700 });
    const entry = await own.stat(world.pathOf('still/file'), never);
    let stopped: number[] = [];
    const reading = own.read(
      entry,
      0,
      () => {
        if (stopped.length === 0) stopped = world.server.pauseConnections();
        return undefined;
      },
      never,
    );
    const error = await failure(reading);
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    expect(error).toMatchObject({ kind: 'timeout', transient: true });
    expect(await world.read(entry, 19_999_999, own)).toHaveLength(1);
  });

  test('idle for longer than the timeout is no fault', async () => {
    await using own = await world.open({ timeout: 300 });
    await sleep(700);
    expect(await own.list(world.pathOf('.'.slice(1)), never)).not.toHaveLength(0);
  });

  test('an account that is locked into a folder, with one channel', async () => {
    const root = mkdtempSync('/srv/sauvegarde-chroot-');
    chmodSync(root, 0o755);
    writeFileSync(`${root}/inside`, 'locked in');
    try {
      const options = { chroot: root, forcedCommand: 'internal-sftp', maxSessions: 1 };
      await using locked = await startOpenssh(options);
      await using own = await world.open({ privateKey: locked.writeKey() }, locked);
      const entries = await own.list(remotePath('/'), never);
      expect(entries).toMatchObject([{ path: 'inside', type: 'file' }]);
      expect((await world.read(entries[0]!, 0, own)).toString()).toBe('locked in');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test('an account without SFTP', async () => {
    await using closed = await startOpenssh({ forcedCommand: '/bin/false' });
    const error = await failure(world.open({ privateKey: closed.writeKey() }, closed));
    expect(error).toMatchObject({ kind: 'connection', scope: 'run' });
    expect(error.message).toContain('the account may have no SFTP');
  });

  test('received bytes are counted', async () => {
    world.tree('counted', { file: randomBytes(1_000_000) });
    const before = world.sftp.receivedBytes;
    await world.read(await world.sftp.stat(world.pathOf('counted/file'), never));
    expect(world.sftp.receivedBytes - before).toBeGreaterThan(1_000_000);
    expect(world.sftp.receivedBytes - before).toBeLessThan(1_100_000);
  });
});
