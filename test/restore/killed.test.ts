import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BundledProgram } from '../bundledProgram';
import { ChangedSite } from './changedSite';

let program: BundledProgram;

beforeAll(async () => {
  program = await BundledProgram.of('test/restore/killedRestore.ts');
});

afterAll(() => program[Symbol.dispose]());

/** Whether the restore was killed; otherwise it ended by itself, for good. */
function isKilled(site: ChangedSite, snapshot: string, step: string, at: number): boolean {
  const parameters = [program.file, site.workspace, site.root, snapshot, step, String(at)];
  const { signal, status, stderr } = spawnSync(process.execPath, parameters);
  expect(signal === 'SIGKILL' || status === 0, stderr.toString()).toBe(true);
  return signal === 'SIGKILL';
}

async function expectRecovery(
  site: ChangedSite,
  snapshot: string,
  before: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  site.expectNoHalf(before, wanted);
  const report = await site.restore(snapshot, { delete: true });
  expect(report).toMatchObject({ status: 'complete', failed: [] });
  expect(site.state()).toEqual(wanted);
  // What the restore, or the killed one, has overwritten is in a snapshot of its own, never in a backup.
  for (const id of await site.store.ids()) {
    expect(id === snapshot || site.store.pins.of(id) === 'before-restore', id).toBe(true);
    expect(await site.isWhole(id), id).toBe(true);
  }
  for (const id of (await site.store.ids()).filter((found) => found !== snapshot)) {
    fs.rmSync(site.store.layout.manifest(id));
    fs.rmSync(site.store.layout.snapshot(id), { recursive: true });
  }
}

describe('a restore that is killed', () => {
  it('before any of its operations leaves no half file, and the same command finishes', async () => {
    using site = new ChangedSite();
    site.original();
    const { snapshot } = await site.run();
    const wanted = site.state();
    let at = 1;
    for (; ; at += 20) {
      site.changed();
      const before = site.state();
      if (!isKilled(site, snapshot, '', at)) break;
      await expectRecovery(site, snapshot, before, wanted);
    }
    expect(at).toBeGreaterThan(40);
  }, 300_000);

  it.each([
    ['the first upload of a probe', 'upload', 1],
    ['the tree of the safety snapshot is moved', 'rename ', 2],
    ['the pin of the safety snapshot', 'pins', 1],
    ['the manifest of the safety snapshot', 'syncFolder', 2],
    ['what is in the way is removed', 'removeFile ', 4],
    ['an upload', 'upload', 4],
    ['a file gets its name', 'replace', 1],
    ['the last file gets its name', 'replace', 5],
    ['a folder is made', 'makeFolder', 1],
    ['a file is deleted', 'extra/new', 3],
    ['a folder is deleted', 'removeFolder', 2],
  ])('at the step "%s" (%s, number %i) as well', async (_step, operation, at) => {
    using site = new ChangedSite();
    site.original();
    const { snapshot } = await site.run();
    const wanted = site.state();
    site.changed();
    const before = site.state();
    isKilled(site, snapshot, operation, at);
    await expectRecovery(site, snapshot, before, wanted);
  });
});
