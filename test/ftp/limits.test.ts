import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock';
import { systemClock } from '../../src/base/clock';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Peer } from '../servers/scriptedFtp';
import { contentOf, environment, ftpServer, never } from './ftpClient';
import { b, files } from './scripted';

/** A server that bears only so many sessions at once; `limit` may change. */
function limited(limit: {
  most: number;
  answer: string;
}): (command: string, argument: string, peer: Peer) => boolean {
  const inside = new Set<Peer>();
  return (command, _argument, peer) => {
    if (command !== 'PASS' || inside.has(peer)) return false;
    if (inside.size < limit.most) {
      inside.add(peer);
      return false;
    }
    peer.say(limit.answer);
    return true;
  };
}

describe('the learnt limit of connections', () => {
  it.each(['530 Sorry, you have enough of them', '421 Too many connections'])(
    'is raised again after a while, if the server bears more: %s',
    async (answer) => {
      const limit = { most: 2, answer };
      const time = { skipped: 0 };
      const clock: Clock = {
        ...systemClock,
        monotonic: () => systemClock.monotonic() + time.skipped,
      };
      await using ftp = await ScriptedFtp.start({ files, on: limited(limit) });
      const config = ftpServer(ftp.port, { connections: 4 });
      const around = { ...environment('secret'), clock };
      await using server = await openFtpServer(config, around, never);
      const readMany = (): Promise<unknown> =>
        Promise.all(Array.from({ length: 30 }, () => contentOf(server, b)));
      await readMany();
      await expect.poll(() => server.listingWidth).toBe(2);
      const before = ftp.connections;
      await readMany();
      expect(ftp.connections, 'not at once').toBe(before);
      // After a while one more is tried; the limit still holds.
      time.skipped += 61_000;
      await readMany();
      await expect.poll(() => server.listingWidth).toBe(2);
      limit.most = 4;
      for (let round = 0; round < 4; round += 1) {
        time.skipped += 121_000;
        await readMany();
      }
      expect(server.listingWidth).toBe(4);
    },
  );

  it('may be one', async () => {
    const limit = { most: 1, answer: '421 Only one at a time' };
    await using ftp = await ScriptedFtp.start({ files, on: limited(limit) });
    const config = ftpServer(ftp.port, { connections: 4 });
    await using server = await openFtpServer(config, environment('secret'), never);
    const read = await Promise.all(Array.from({ length: 30 }, () => contentOf(server, b)));
    for (const { content } of read) expect(content).toHaveLength(100_000);
    await expect.poll(() => server.listingWidth).toBe(1);
    expect(server.readingWidth).toBe(2);
  });
});
