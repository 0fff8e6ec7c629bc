import { expect, describe, it } from 'vitest';
import { systemClock } from '../../src/base/clock';
import { usualLimits } from '../../src/sources/rsync/limits';
import { Listing } from '../../src/sources/rsync/listing';
import { requestOrder } from '../../src/sources/rsync/listOrder';
import { RsyncSession, type SessionOptions } from '../../src/sources/rsync/rsyncSession';
import { Transfer } from '../../src/sources/rsync/transfer';
import { remotePath } from '../../src/model/remotePath';
import { FrameSplitter } from '../../src/sources/rsync/frames';
import { never } from '../ssh/setting';
import { goldenServer } from './goldenSession';
import { hex, ScriptedTransport } from './scriptedTransport';
import { DigestSink } from './worlds';

const goldenClient = hex(`
1f000000 04000007 00000000 27000007 02008000000000000000000000000000000000
03008000000000000000000000000000000000 00 01000007 00 01000007 00 01000007 00 01000007 00`);

const options: SessionOptions = {
  timeout: 10_000,
  clock: systemClock,
  limits: usualLimits,
  offer: 31,
  digests: false,
};

/** The data in a client's bytes, without the frames around them: their borders are free. */
function unframed(bytes: Buffer): string {
  const data: Buffer[] = [bytes.subarray(0, 4)];
  const splitter = new FrameSplitter({
    onData: (piece) => void data.push(piece),
    onMessage: (tag) => expect.fail(`message ${tag}`),
  });
  splitter.push(bytes.subarray(4));
  return Buffer.concat(data).toString('hex');
}

describe('the golden session', () => {
  it.each([1, 7, 1000])(
    'is understood and answered byte for byte, %i bytes at once',
    async (cut) => {
      const pieces = Array.from({ length: Math.ceil(goldenServer.length / cut) }, (_none, index) =>
        goldenServer.subarray(index * cut, (index + 1) * cut),
      );
      const transport = new ScriptedTransport(pieces);
      const session = await RsyncSession.open(transport, options, never);
      expect(session.protocol).toBe(31);
      const table = await session.readList([]);
      const listing = new Listing(remotePath('/srv'), 'content', table, 0.000001);
      const entries = Array.from({ length: listing.length }, (_none, at) => listing.entry(at));
      expect(entries).toMatchObject([
        { path: 'srv', type: 'directory', mode: 0o755, mtime: 1_704_164_646 },
        { path: 'srv/a', type: 'file', size: 3, mode: 0o644, mtime: 1_704_164_645 },
        { path: 'srv/d', type: 'directory', mode: 0o755, mtime: 1_704_164_645 },
        { path: 'srv/d/e', type: 'file', size: 0, mode: 0o644 },
        { path: 'srv/l', type: 'symlink', target: 'a' },
      ]);
      const order = requestOrder(table, 31);
      expect([...order].map((row) => table.name(row))).toEqual(['.', 'a', 'l', 'd', 'd/e']);
      const sink = new DigestSink();
      const outcomes: unknown[] = [];
      const transfer = new Transfer(session, order, sink, (_request, outcome) => {
        outcomes.push(outcome);
        return Promise.resolve();
      });
      for (const [number, path] of ['srv/a', 'srv/d/e'].entries()) {
        const position = listing.find(path)!;
        const entry = listing.entry(position);
        await transfer.request({
          wanted: { entry, number },
          entry,
          row: listing.row(position),
          usesBasis: true,
          acceptsGrowth: false,
        });
      }
      transfer.finish();
      await transfer.receive();
      expect(outcomes).toEqual([
        { kind: 'delivered', size: 3 },
        { kind: 'delivered', size: 0 },
      ]);
      expect([...sink.arrived.keys()]).toEqual(['srv/a', 'srv/d/e']);
      await new Promise((resolve) => setImmediate(resolve));
      expect(unframed(transport.told)).toBe(unframed(goldenClient));
    },
  );
});
