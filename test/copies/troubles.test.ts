import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupError } from '../../src/base/errors';
import { systemClock } from '../../src/base/clock';
import { copySnapshots } from '../../src/jobs/copies/copySnapshots';
import { readCopyState } from '../../src/store/copyStates';
import { discardSnapshots } from '../../src/store/removal';
import { CuttingProxy } from '../servers/cuttingProxy';
import { startFolder, startRcloneRest, type FarEnd } from '../servers/repositories';
import { CopiedFixture } from './copiedFixture';
import { password } from './copiedSite';
import { Site } from './site';

const failure = (work: Promise<unknown>): Promise<BackupError> =>
  work.then(
    () => {
      throw new Error('It went well.');
    },
    (error: unknown) => error as BackupError,
  );

/** The processes of ours of that name. */
function restics(): number[] {
  const table = execFileSync('ps', ['--no-headers', '-eo', 'pid,ppid,comm']).toString().trim();
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => Number(parent) === process.pid && name === 'restic')
    .map(([pid]) => Number(pid));
}

describe('a repository in a folder', () => {
  let template: FarEnd;
  let site: Site;

  beforeAll(async () => {
    template = await startFolder();
    site = new Site();
    site.write('a', 'content of a');
    // What takes a while at a limited rate, and cannot be packed.
    site.write('large', randomBytes(1_500_000));
    using fixture = await CopiedFixture.create(template, site.folder);
    expect(fixture.workspace).not.toBe('');
  });
  afterAll(async () => {
    site[Symbol.dispose]();
    await template[Symbol.asyncDispose]();
  });

  /** Making a repository costs more than all else. */
  async function fresh(): Promise<FarEnd> {
    const farEnd = await startFolder();
    fs.cpSync(template.address, farEnd.address, { recursive: true });
    return farEnd;
  }
  const locksIn = (farEnd: FarEnd): string[] => fs.readdirSync(path.join(farEnd.address, 'locks'));

  /** restic reads the snapshot: it has a lock in the repository, and the snapshot one in the store. */
  async function underWay(farEnd: FarEnd, fixture: CopiedFixture): Promise<void> {
    const { copying } = fixture.store.layout;
    const locks = (): number => (fs.existsSync(copying) ? fs.readdirSync(copying).length : 0);
    await expect.poll(locks).toBe(1);
    await expect.poll(() => locksIn(farEnd)).toHaveLength(1);
  }

  it('a wrong password and no repository are told apart, written down and caught up', async () => {
    await using farEnd = await fresh();
    using fixture = new CopiedFixture(farEnd, site.folder);
    await fixture.run();
    const wrong = await failure(copySnapshots(fixture.withPassword('wrong')));
    expect(wrong).toMatchObject({ kind: 'authentication' });
    expect(wrong.message).toContain('SAUVEGARDE_COPY_PASSWORD_NAS');
    const { disk, layout } = fixture.store;
    expect(readCopyState(disk, layout, 'nas').failed).toMatchObject({ kind: 'authentication' });
    fs.renameSync(farEnd.address, `${farEnd.address}.away`);
    const none = await failure(fixture.copy());
    expect(none).toMatchObject({ kind: 'configuration' });
    expect(none.message).toContain('sauvegarde copies create nas');
    fs.renameSync(`${farEnd.address}.away`, farEnd.address);
    const { snapshot: second } = await fixture.run();
    // Of a repository without copies, the newest; from then on all.
    await fixture.copy();
    expect(await fixture.copied()).toEqual([second]);
    expect(readCopyState(disk, layout, 'nas').failed).toBeUndefined();
    const [third, fourth] = [(await fixture.run()).snapshot, (await fixture.run()).snapshot];
    const copied = await fixture.copy({ keep: { last: 2 } });
    expect(copied.map(({ snapshot }) => snapshot)).toEqual([third, fourth]);
    // And what the rule does not keep has gone.
    expect(await fixture.copied()).toEqual([fourth, third]);
  });

  it('a repository that another program has locked is left alone until it is free', async () => {
    await using farEnd = await fresh();
    using fixture = new CopiedFixture(farEnd, site.folder);
    await fixture.run();
    await fixture.copy();
    const other = holdLock(farEnd);
    try {
      await expect.poll(() => locksIn(farEnd)).toHaveLength(1);
      await fixture.run();
      const kept = { keep: { last: 1 } };
      const locked = await failure(fixture.copy(kept));
      expect(locked).toMatchObject({ kind: 'locked' });
      expect(locksIn(farEnd)).toHaveLength(1);
    } finally {
      other.stdin?.end();
      await new Promise((resolve) => other.once('close', resolve));
    }
    const { snapshot } = await fixture.run();
    await fixture.copy({ keep: { last: 1 } });
    expect(await fixture.copied()).toEqual([snapshot]);
  });

  it('restic is killed: said so, its lock does not stay, and the copy is caught up', async () => {
    await using farEnd = await fresh();
    using fixture = new CopiedFixture(farEnd, site.folder);
    const { snapshot } = await fixture.run();
    const copying = fixture.copy({ bandwidth: '200kB/s' });
    copying.catch(() => undefined);
    await underWay(farEnd, fixture);
    const [pid] = restics();
    expect(pid).toBeGreaterThan(0);
    process.kill(pid ?? 0, 'SIGKILL');
    expect((await failure(copying)).message).toContain('ended from outside');
    expect(locksIn(farEnd)).toEqual([]);
    await fixture.copy();
    expect(await fixture.copied()).toEqual([snapshot]);
  });

  it('a copy that is cancelled leaves no lock; while it is made its snapshot stays, and runs go on', async () => {
    await using farEnd = await fresh();
    using fixture = new CopiedFixture(farEnd, site.folder);
    const { snapshot } = await fixture.run();
    const stop = new AbortController();
    const options = fixture.options({ bandwidth: '200kB/s' });
    const copying = copySnapshots({ ...options, signal: stop.signal });
    copying.catch(() => undefined);
    await underWay(farEnd, fixture);
    const { snapshot: next } = await fixture.run();
    const discard = (): Promise<string[]> =>
      discardSnapshots(fixture.store, [snapshot], systemClock, new AbortController().signal);
    expect(await discard()).toEqual([]);
    stop.abort();
    expect(await failure(copying)).toMatchObject({ kind: 'cancelled' });
    expect(locksIn(farEnd)).toEqual([]);
    expect(restics()).toEqual([]);
    expect(await discard()).toEqual([snapshot]);
    await fixture.copy();
    expect(await fixture.copied()).toEqual([next]);
  });

  it('a full disk is told, and what is there stays whole', async () => {
    await using farEnd = await fresh();
    fs.renameSync(farEnd.address, `${farEnd.address}.away`);
    fs.mkdirSync(farEnd.address);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', farEnd.address]);
    try {
      fs.cpSync(`${farEnd.address}.away`, farEnd.address, { recursive: true });
      using fixture = new CopiedFixture(farEnd, site.folder);
      const { snapshot } = await fixture.run();
      await fixture.copy();
      using larger = new Site();
      larger.write('larger', randomBytes(4_000_000));
      using other = new CopiedFixture(farEnd, larger.folder);
      await other.run();
      expect(await failure(other.copy())).toMatchObject({ kind: 'disk-full' });
      expect(await fixture.copied()).toEqual([snapshot]);
    } finally {
      execFileSync('umount', [farEnd.address]);
    }
  });
});

/** Another program at work in the repository: a backup that waits for its input. */
function holdLock(farEnd: FarEnd): ChildProcess {
  const { PATH, HOME = '/root' } = process.env;
  const args = ['-r', farEnd.address, 'backup', '--stdin'];
  const env = { PATH, HOME, RESTIC_PASSWORD: password };
  return spawn('restic', args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
}

it('a network that breaks in the middle delays the copy; one that is not there is told', async () => {
  await using far = await startRcloneRest();
  await using proxy = new CuttingProxy(far.port ?? 0);
  const port = await proxy.listen();
  const farEnd = { ...far, address: `rest:http://127.0.0.1:${port}/repository/` };
  using site = new Site();
  site.write('large', randomBytes(1_500_000));
  using fixture = await CopiedFixture.create(farEnd, site.folder);
  const { snapshot } = await fixture.run();
  proxy.cutAfter = proxy.passed + 2000;
  const [copied] = await fixture.copy();
  expect(copied).toMatchObject({ snapshot });
  proxy.mend();
  proxy.refuses = true;
  await fixture.run();
  expect(await failure(fixture.copy())).toMatchObject({ kind: 'connection' });
});
