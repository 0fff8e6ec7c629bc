import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { compareWithServer } from '../../src/jobs/compare/compareWithServer';
import { fileHistory } from '../../src/jobs/history/fileHistory';
import { readRemoteFile } from '../../src/jobs/compare/readRemoteFile';
import { readReport, runIds, summarizeRuns } from '../../src/jobs/history/runHistory';
import type { RemotePath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import { WalkedSource } from '../../src/sources/walkedSource';
import { StoreFixture } from '../store/storeFixture';
import fs from 'node:fs';

const { signal } = new AbortController();
const at = (path: string): RemotePath => path as RemotePath;

function filled(): StoreFixture {
  const fixture = new StoreFixture();
  fixture.server.folder('data');
  for (const name of ['one', 'two', 'three']) fixture.server.file(`data/${name}`);
  return fixture;
}

function sourceOf(fixture: StoreFixture): WalkedSource {
  return new WalkedSource(fixture.server, fixture.clock);
}

describe('comparing a snapshot with the live server', () => {
  async function differences(fixture: StoreFixture, id: string, selection: Selection) {
    const found: string[] = [];
    const entries = fixture.store.entries(id);
    for await (const { kind, path } of compareWithServer(
      sourceOf(fixture),
      selection,
      entries,
      signal,
    )) {
      found.push(`${kind} ${path}`);
    }
    return found;
  }

  it('finds what was added, changed and removed, and fetches nothing', async () => {
    using fixture = filled();
    const { snapshot } = await fixture.run();
    const selection = new Selection(['/data'], [], 'record');
    expect(await differences(fixture, snapshot, selection)).toEqual([]);
    fixture.server.file('data/four');
    fixture.server.remove('data/one');
    fixture.server.file('data/two', 'other content');
    let reads = 0;
    fixture.server.script = (call) => void (reads += call === 'read' ? 1 : 0);
    expect(await differences(fixture, snapshot, selection)).toEqual([
      'added data/four',
      'removed data/one',
      'changed data/two',
    ]);
    expect(reads).toBe(0);
  });

  it('takes what cannot be listed, or is no longer included, for unknown', async () => {
    using fixture = filled();
    fixture.server.folder('data/dark');
    fixture.server.file('data/dark/x');
    const { snapshot } = await fixture.run();
    fixture.server.script = (call, path) => {
      if (call === 'list' && path === 'data/dark') throw new BackupError('permission', 'No.');
    };
    const all = new Selection(['/data'], ['three'], 'record');
    expect(await differences(fixture, snapshot, all)).toEqual(['unknown data/dark']);
  });
});

describe('one file of the live server', () => {
  it('is read whole', async () => {
    using fixture = filled();
    fixture.server.file('data/one', 'the content');
    const { content, entry } = await readRemoteFile(
      sourceOf(fixture),
      at('data/one'),
      1000,
      signal,
    );
    expect(content.toString()).toBe('the content');
    expect(entry.size).toBe(11);
  });

  it.each([
    ['data/none', 1000, 'not-found'],
    ['data', 1000, 'not-found'],
    ['data/one', 3, 'configuration'],
  ])('%s is refused with at most %d bytes: %s', async (path, longest, kind) => {
    using fixture = filled();
    fixture.server.file('data/one', 'the content');
    const reading = readRemoteFile(sourceOf(fixture), at(path), longest, signal);
    await expect(reading).rejects.toMatchObject({ kind });
  });

  it('that cannot be read is an error, not an empty file', async () => {
    using fixture = filled();
    fixture.server.script = (call) => {
      if (call === 'read') throw new BackupError('permission', 'No.');
    };
    const reading = readRemoteFile(sourceOf(fixture), at('data/one'), 1000, signal);
    await expect(reading).rejects.toMatchObject({ kind: 'permission' });
  });
});

it('the history of a file has each content once', async () => {
  using fixture = filled();
  const first = await fixture.run();
  const second = await fixture.run();
  fixture.server.file('data/one', 'new');
  const third = await fixture.run();
  fixture.server.remove('data/one');
  await fixture.run();
  const versions = await fileHistory(fixture.store, at('data/one'));
  expect(versions.map(({ snapshots }) => snapshots)).toEqual([
    [third.snapshot],
    [second.snapshot, first.snapshot],
  ]);
});

describe('what the last runs were', () => {
  it('knows the last run and the last good one', async () => {
    using fixture = filled();
    expect(await summarizeRuns(fixture.store)).toEqual({ last: undefined, lastGood: undefined });
    const good = await fixture.run();
    fixture.server.script = () => {
      throw new BackupError('authentication', 'No.');
    };
    await expect(fixture.run()).rejects.toThrow();
    const { last, lastGood } = await summarizeRuns(fixture.store);
    expect(last?.status).toBe('failed');
    expect(lastGood).toBe(Date.parse(good.finished));
    expect(await runIds(fixture.store)).toEqual([last?.snapshot, good.snapshot]);
  });

  it('passes over a report that is none', async () => {
    using fixture = filled();
    const { snapshot } = await fixture.run();
    for (const text of ['', '{', '[]', '{"status":"complete"}']) {
      fs.writeFileSync(fixture.store.layout.runReport(snapshot), text);
      expect(await readReport(fixture.store, snapshot)).toBeUndefined();
    }
    expect((await summarizeRuns(fixture.store)).last).toBeUndefined();
  });
});
