import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { compareWithServer } from '../../src/jobs/compare/compareWithServer';
import { Selection } from '../../src/model/selection';
import { WalkedSource } from '../../src/sources/walkedSource';
import { CheckedStore } from './checkedStore';
import { quickDisk } from './storeFixture';

const mebibyte = 1024 * 1024;
const big = Buffer.alloc(3 * mebibyte, 'not the same everywhere, ');

interface Case {
  readonly what: string;
  readonly content: string | Buffer;
  readonly listed: number;
}

const cases: readonly Case[] = [
  { what: 'a file of /proc, listed with 0 bytes', content: 'MemTotal: 1 kB\n', listed: 0 },
  { what: 'a file of /sys, listed with a page', content: '1\n', listed: 4096 },
  { what: 'an empty file that is listed with 1 byte', content: '', listed: 1 },
  { what: 'one that is listed compressed', content: big, listed: 70_000 },
  { what: 'one that is listed with 1 byte less', content: 'content', listed: 6 },
  { what: 'one that is listed with its ASCII size', content: 'a\nb\nc\n', listed: 9 },
  { what: 'a big one that is listed with its ASCII size', content: big, listed: 3_200_000 },
  { what: 'one whose 32 bits have overflowed', content: big, listed: 2 ** 32 - 1 },
];

describe('a listing that is wrong', () => {
  it.each(cases)('$what', async ({ content, listed }) => {
    using fixture = new CheckedStore();
    fixture.server.file('data/f', content, { listed });
    fixture.server.file('data/right', 'right');
    const first = await fixture.run();
    const size = Buffer.from(content).length;
    expect(first).toMatchObject({ status: 'complete', files: 2, bytes: size + 5, skipped: [] });
    expect(first.warnings).toEqual([
      {
        path: '/data/f',
        message: `The server lists ${listed} bytes and sends ${size}: all that came is kept.`,
      },
    ]);
    await fixture.expectRight(first.snapshot);
    expect((await fixture.entries(first.snapshot)).get('data/f')).toMatchObject({ size, listed });
    expect((await fixture.entries(first.snapshot)).get('data/right')).not.toHaveProperty('listed');

    fixture.server.forget();
    for (let run = 0; run < 2; run += 1) {
      const next = await fixture.run();
      expect(next).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 2 });
      expect(next.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
      expect(next.warnings).toEqual([]);
      await fixture.expectRight(next.snapshot);
      expect((await fixture.entries(next.snapshot)).get('data/f')).toMatchObject({ size, listed });
      expect(await differences(fixture, next.snapshot)).toEqual([]);
    }
    expect(fixture.server.total('read')).toBe(0);
  });

  it('is compared again when it says something else, or the truth', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/f', 'content', { listed: 3 });
    await fixture.run();
    fixture.server.file('data/f', 'content');
    const honest = await fixture.run();
    expect(honest).toMatchObject({ fetchedFiles: 0, linkedFiles: 1 });
    expect((await fixture.entries(honest.snapshot)).get('data/f')).not.toHaveProperty('listed');
    fixture.server.file('data/f', 'changed in size and content', { listed: 4 });
    const other = await fixture.run();
    expect(other).toMatchObject({ fetchedFiles: 1, linkedFiles: 0 });
    await fixture.expectRight(other.snapshot);
    fixture.server.file('data/f', 'the same listing!', { listed: 4, mtime: 1_700_000_001 });
    const later = await fixture.run();
    expect(later).toMatchObject({ fetchedFiles: 1 });
    await fixture.expectRight(later.snapshot);
  });

  it('of every file costs one reading each once that is known, and few words', async () => {
    using fixture = new CheckedStore();
    fixture.server.readingWidth = 1;
    for (let file = 0; file < 40; file += 1) {
      fixture.server.file(`data/f${file}`, `content ${file}`, { listed: 3 });
    }
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', fetchedFiles: 40 });
    expect(fixture.server.total('read')).toBe(43);
    expect(report.warnings).toHaveLength(6);
    expect(report.warnings.at(-1)?.message).toMatch(/^This file and 34 others are listed/);
    await fixture.expectRight(report.snapshot);
    fixture.server.forget();
    expect(await fixture.run()).toMatchObject({ fetchedFiles: 0, linkedFiles: 40 });
  });

  it('where the server tells the truth of a single file is expected to be wrong again', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/f', 'content', { listed: 3 });
    fixture.server.script = (call) => {
      // Listed with 3 bytes, described with 7, as by LIST and by SIZE.
      if (call === 'stat') fixture.server.file('data/f', 'content');
      if (call === 'list') fixture.server.file('data/f', 'content', { listed: 3 });
    };
    const first = await fixture.run();
    expect((await fixture.entries(first.snapshot)).get('data/f')).toMatchObject({
      size: 7,
      listed: 3,
    });
    expect(await fixture.run()).toMatchObject({ fetchedFiles: 0, linkedFiles: 1 });
  });

  it('is found out of a file that an interrupted run has fetched', async () => {
    using fixture = new CheckedStore();
    fixture.server.readingWidth = 1;
    fixture.server.file('data/a', 'content', { listed: 3 });
    fixture.server.file('data/b', 'b');
    const stop = new AbortController();
    fixture.server.onChunk = (file) => {
      if (file === 'data/b') stop.abort();
    };
    await expect(fixture.run(quickDisk, {}, stop.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    fixture.server.onChunk = () => undefined;
    const report = await fixture.run();
    expect(report).toMatchObject({ keptFiles: 1, fetchedFiles: 1 });
    expect((await fixture.entries(report.snapshot)).get('data/a')).toMatchObject({
      size: 7,
      listed: 3,
    });
    await fixture.expectRight(report.snapshot);
    expect(await fixture.run()).toMatchObject({ fetchedFiles: 0, linkedFiles: 2 });
  });

  it('does not keep the last content from being carried over', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/f', 'content', { listed: 3 });
    const first = await fixture.run();
    fixture.server.file('data/f', 'changed', { listed: 4, mtime: 1_700_000_005 });
    fixture.server.script = (call, file) => {
      if (call === 'read' && file === 'data/f') throw new BackupError('permission', 'No.');
    };
    const second = await fixture.run();
    const entry = (await fixture.entries(second.snapshot)).get('data/f')!;
    expect(entry).toMatchObject({ size: 7, listed: 3, carried: first.snapshot });
    expect(fs.readFileSync(fixture.place(second.snapshot, entry), 'utf8')).toBe('content');
  });
});

describe('a file that is not as long as it was listed', () => {
  it('because it grows is kept as it was at one moment', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/log', 'line');
    fixture.server.onChunk = () => {
      const { content, mtime } = fixture.server.node('data/log')!;
      fixture.server.file('data/log', `${content.toString()}+`, { mtime: mtime + 1 });
    };
    const report = await fixture.run();
    expect(report.warnings[0]?.message).toMatch(/^The file kept growing/);
    const entry = (await fixture.entries(report.snapshot)).get('data/log')!;
    expect(fs.readFileSync(fixture.place(report.snapshot, entry), 'utf8')).toBe('line++');
    expect(entry).not.toHaveProperty('listed');
  });

  it('because it has become longer or shorter meanwhile is read as it is now', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/longer', 'content');
    fixture.server.file('data/shorter', 'content');
    fixture.server.script = (call, file, count) => {
      if (call !== 'read' || count > 1) return;
      const content = file === 'data/longer' ? 'longer content' : 'cont';
      fixture.server.file(file, content, { mtime: 1_700_000_009 });
    };
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', warnings: [] });
    await fixture.expectRight(report.snapshot);
    for (const entry of (await fixture.entries(report.snapshot)).values()) {
      expect(entry).not.toHaveProperty('listed');
    }
  });

  it.each([
    ['once', 1],
    ['every time', 100],
  ])('because the transfer ends without a word, %s, is continued', async (_how, times) => {
    using fixture = new CheckedStore();
    fixture.server.chunkBytes = 100_000;
    fixture.server.file('data/f', big);
    let left = times;
    fixture.server.endsAt = () => ((left -= 1) >= 0 ? 1_000_000 : Infinity);
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', warnings: [] });
    await fixture.expectRight(report.snapshot);
  });
});

async function differences(fixture: CheckedStore, id: string): Promise<unknown[]> {
  const source = new WalkedSource(fixture.server, fixture.clock);
  const selection = new Selection(['/data'], [], 'record');
  const found: unknown[] = [];
  const { signal } = new AbortController();
  for await (const one of compareWithServer(source, selection, fixture.store.entries(id), signal)) {
    found.push(one);
  }
  return found;
}
