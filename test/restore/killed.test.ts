import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BundledProgram } from '../bundledProgram';
import { momentsOf, seed, seeded } from '../faults/seeded';
import { ChangedSite } from './changedSite';

const moments = 12;

let program: BundledProgram;

beforeAll(async () => {
  program = await BundledProgram.of('test/restore/killedRestore.ts');
});

afterAll(() => program[Symbol.dispose]());

/** The number of its operations; undefined if it was killed before one of them. */
function operationsOf(
  site: ChangedSite,
  snapshot: string,
  step: string,
  at: number,
): number | undefined {
  const parameters = [program.file, site.workspace, site.root, snapshot, step, String(at)];
  const { signal, status, stdout, stderr } = spawnSync(process.execPath, parameters);
  if (signal === 'SIGKILL') return undefined;
  expect(status, stderr.toString()).toBe(0);
  return Number(stdout.toString());
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
  it(`at ${moments} moments leaves no half file, and the same command finishes (seed ${seed})`, async () => {
    using site = new ChangedSite();
    site.original();
    const { snapshot } = await site.run();
    const wanted = site.state();
    site.changed();
    const operations = operationsOf(site, snapshot, '', 0)!;
    expect(operations).toBeGreaterThan(100);
    for (const at of momentsOf(operations, moments, seeded(seed))) {
      site.changed();
      const before = site.state();
      expect(operationsOf(site, snapshot, '', at), `before operation ${at}`).toBeUndefined();
      await expectRecovery(site, snapshot, before, wanted);
    }
  });

  it.each([
    ['the first upload of a probe', 'upload', 1],
    ['the tree of the safety snapshot is moved', 'rename ', 4],
    ['the pin of the safety snapshot', 'rename ', 1],
    ['the manifest of the safety snapshot', 'syncFolder', 6],
    ['what is in the way is removed', 'removeFile ', 4],
    ['an upload', 'upload', 4],
    ['a file gets its name', 'replace', 1],
    ['the last file gets its name', 'replace', 5],
    ['a folder is made', 'makeFolder', 1],
    ['a file is deleted', 'extra/new', 2],
    ['a folder is deleted', 'removeFolder', 2],
  ])('at the step "%s" (%s, number %i) as well', async (_step, operation, at) => {
    using site = new ChangedSite();
    site.original();
    const { snapshot } = await site.run();
    const wanted = site.state();
    site.changed();
    const before = site.state();
    expect(operationsOf(site, snapshot, operation, at)).toBeUndefined();
    await expectRecovery(site, snapshot, before, wanted);
  });
});
