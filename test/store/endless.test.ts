import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/model/entry';
import type { Disk } from '../../src/store/disk';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const mebibyte = 1024 * 1024;

/** A server with a file that never ends, besides good ones. */
function endless(fixture: CheckedStore, chunk: Buffer, afterChunk: () => void): () => number {
  const { server } = fixture;
  for (const name of ['a', 'z']) server.file(`data/${name}`, `content of ${name}`);
  server.file('data/endless', '', { listed: 'unknown' });
  const read = server.read.bind(server);
  let sent = 0;
  server.read = async (entry: Entry, offset, write, signal) => {
    if (entry.path !== 'data/endless') return read(entry, offset, write, signal);
    for (;;) {
      sent += chunk.length;
      await write(Buffer.from(chunk));
      afterChunk();
    }
  };
  return () => sent;
}

describe('a file without a known size that has no end', () => {
  it.each([
    ['content', Buffer.alloc(mebibyte, 'endless')],
    ['zeros', Buffer.alloc(mebibyte)],
  ])('takes no more than its share of the disk, be it %s', async (_what, chunk) => {
    using fixture = new CheckedStore();
    const free = 200 * mebibyte;
    let taken = 0;
    const disk: Disk = {
      ...quickDisk,
      space: () => ({ free: free - (chunk[0] === 0 ? 0 : taken), total: 2 * free }),
    };
    const sent = endless(fixture, chunk, () => (taken += chunk.length));
    const report = await fixture.run(disk);
    expect(report).toMatchObject({ status: 'incomplete', files: 2 });
    expect(report.skipped).toMatchObject([{ path: '/data/endless', kind: 'disk-full' }]);
    expect(sent()).toBeLessThan(1.1 * free);
    expect(sent()).toBeGreaterThan(free / 2);
    const entries = await fixture.entries(report.snapshot);
    expect(entries.get('data/endless')).not.toHaveProperty('sha256');
    await fixture.expectWhole(report.snapshot);
  });

  it('is given up when next to nothing comes of it', async () => {
    using fixture = new CheckedStore();
    endless(fixture, Buffer.from('x'), () => fixture.clock.advance(20_000));
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'incomplete', files: 2 });
    expect(report.skipped).toMatchObject([{ path: '/data/endless', kind: 'timeout' }]);
  });

  it('but an end is taken whole, if it is as long as what is free', async () => {
    using fixture = new CheckedStore();
    const disk: Disk = {
      ...quickDisk,
      space: () => ({ free: 100 * mebibyte, total: 200 * mebibyte }),
    };
    const content = Buffer.alloc(80 * mebibyte, 'x');
    fixture.server.file('data/long', content, { listed: 'unknown' });
    const report = await fixture.run(disk);
    expect(report).toMatchObject({ status: 'complete', bytes: content.length });
  });
});
