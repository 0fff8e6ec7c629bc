import { describe, expect, it } from 'vitest';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const mebibyte = 1024 * 1024;
const listed = 'unknown' as const;

describe('files whose size the server does not tell', () => {
  it('are taken as they come, with their true size, and are unchanged the next time', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/empty', '', { listed });
    fixture.server.file('data/small', 'small', { listed });
    fixture.server.file('data/big', Buffer.alloc(3 * mebibyte, 'big'), { listed });
    const first = await fixture.run();
    expect(first).toMatchObject({ status: 'complete', files: 3, bytes: 3 * mebibyte + 5 });
    await fixture.expectRight(first.snapshot);
    const entries = await fixture.entries(first.snapshot);
    expect(entries.get('data/big')?.size).toBe(3 * mebibyte);
    expect(entries.get('data/empty')?.size).toBe(0);
    fixture.server.forget();
    const second = await fixture.run();
    expect(second).toMatchObject({ status: 'complete', files: 3, linkedFiles: 3, fetchedFiles: 0 });
    expect(second.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
    await fixture.expectRight(second.snapshot);
  });

  it('are fetched again when their time changes, or when there is none', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/a', 'before', { listed });
    fixture.server.file('data/b', 'b', { listed });
    await fixture.run();
    fixture.server.file('data/a', 'after', { listed, mtime: 1_700_000_001 });
    const second = await fixture.run();
    expect(second).toMatchObject({ fetchedFiles: 1, linkedFiles: 1 });
    await fixture.expectRight(second.snapshot);
  });

  it('are compared by their time where the size is told at last', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/a', 'content', { listed });
    await fixture.run();
    fixture.server.file('data/a', 'content');
    expect(await fixture.run()).toMatchObject({ fetchedFiles: 0, linkedFiles: 1 });
  });

  it('are continued by the next run after an interruption', async () => {
    using fixture = new CheckedStore();
    fixture.server.readingWidth = 1;
    fixture.server.chunkBytes = mebibyte;
    fixture.server.file('data/a', 'a', { listed });
    fixture.server.file('data/b', Buffer.alloc(30 * mebibyte, 'b'), { listed });
    const stop = new AbortController();
    fixture.server.onChunk = async (file, position) => {
      if (file !== 'data/b' || position !== 20 * mebibyte) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
      stop.abort();
    };
    await expect(fixture.run(quickDisk, {}, stop.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    fixture.server.onChunk = () => undefined;
    fixture.server.forget();
    const received = fixture.server.receivedBytes;
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', keptFiles: 1, fetchedFiles: 1 });
    expect(fixture.server.receivedBytes - received).toBe(10 * mebibyte);
    await fixture.expectRight(report.snapshot);
    fixture.expectTidy();
  });
});
