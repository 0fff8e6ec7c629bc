import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BundledProgram } from '../bundledProgram';
import { setVersion } from './changingTree';
import { CheckedStore } from './checkedStore';
import { addManyFiles } from './manyFiles';

let program: BundledProgram;
let creating: BundledProgram;

beforeAll(async () => {
  program = await BundledProgram.of('test/store/killedRun.ts');
  creating = await BundledProgram.of('test/store/killedCreating.ts');
});

afterAll(() => {
  program[Symbol.dispose]();
  creating[Symbol.dispose]();
});

/** Whether the run was killed; otherwise it ended by itself, for good. */
function isKilled(fixture: CheckedStore, version: number, step: string, at: number): boolean {
  const parameters = [program.file, fixture.workspace, String(version), step, String(at)];
  const { signal, status, stderr } = spawnSync(process.execPath, parameters);
  expect(signal === 'SIGKILL' || status === 0, stderr.toString()).toBe(true);
  return signal === 'SIGKILL';
}

async function expectRecovery(
  fixture: CheckedStore,
  version: number,
  before: ReadonlyMap<string, string>,
): Promise<void> {
  await fixture.expectSound(before);
  setVersion(fixture.server, version);
  fixture.clock.advance(7_200_000);
  const report = await fixture.run();
  await fixture.expectSound(before);
  await fixture.expectRight(report.snapshot);
  fixture.expectTidy();
  fixture.forgetOldest();
}

describe('a run that is killed', () => {
  it('before any of its operations leaves whole snapshots only, and the next run succeeds', async () => {
    using fixture = new CheckedStore();
    setVersion(fixture.server, 1);
    await fixture.run();
    let at = 1;
    let version = 2;
    for (; ; version += 1) {
      const before = fixture.states();
      if (!isKilled(fixture, version, '', at)) break;
      await expectRecovery(fixture, version, before);
      at += 5;
    }
    expect(at).toBeGreaterThan(100);
  });

  it.each([
    ['the inode records are moved', 'rename ', 1],
    ['the parity is moved', 'rename ', 2],
    ['the tree is moved', 'rename ', 3],
    ['the manifest is known by its name', 'syncFolder', 1],
    ['the tree is at its dated place', 'syncFolder', 3],
    ['the manifest is renamed', 'rename ', 4],
    ['the manifest is there', 'syncFolder', 4],
    ['the remains are removed', 'remove ', 2],
    ['a link', 'link ', 2],
    ['a small file', 'createFile ', 2],
    ['a big file', 'data/changed/big', 3],
    ['the totals', 'manifest', 3],
  ])('at the step "%s" (%s, number %i) as well', async (_step, operation, at) => {
    using fixture = new CheckedStore();
    setVersion(fixture.server, 1);
    await fixture.run();
    const before = fixture.states();
    expect(isKilled(fixture, 2, operation, at)).toBe(true);
    await expectRecovery(fixture, 2, before);
  });

  it('again and again gets there in the end', async () => {
    using fixture = new CheckedStore();
    setVersion(fixture.server, 1);
    await fixture.run();
    const before = fixture.states();
    for (const at of [90, 60, 120, 40, 150, 20]) {
      isKilled(fixture, 2, '', at);
      await fixture.expectSound(before);
    }
    await expectRecovery(fixture, 2, before);
  });

  it.each([1, 2, 5, 9, 14])('while threads create its files, at batch %i', async (at) => {
    using fixture = new CheckedStore();
    addManyFiles(fixture.server, 1);
    await fixture.run();
    const before = fixture.states();
    const parameters = [creating.file, fixture.workspace, '2', String(at)];
    const { signal, stderr } = spawnSync(process.execPath, parameters);
    expect(signal, stderr.toString()).toBe('SIGKILL');
    await fixture.expectSound(before);
    addManyFiles(fixture.server, 3);
    fixture.clock.advance(7_200_000);
    const report = await fixture.run();
    await fixture.expectSound(before);
    await fixture.expectRight(report.snapshot);
    fixture.expectTidy();
  });
});
