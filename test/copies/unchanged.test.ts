import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock';
import { bringBeside } from '../../src/jobs/copies/broughtBeside';
import { copySnapshots } from '../../src/jobs/copies/copySnapshots';
import { howToCompare } from '../../src/jobs/copies/howToCompare';
import { recover } from '../../src/jobs/copies/recover';
import { startFolder, type FarEnd } from '../servers/repositories';
import { CopiedFixture } from './copiedFixture';
import { Site } from './site';

const never = new AbortController().signal;
let farEnd: FarEnd;
beforeAll(async () => {
  farEnd = await startFolder();
  using site = new Site();
  using fixture = await CopiedFixture.create(farEnd, site.folder);
  expect(fixture.workspace).not.toBe('');
});
afterAll(() => farEnd[Symbol.asyncDispose]());

it('of 10,000 files that did not change none is read again', async () => {
  using site = new Site();
  for (let index = 0; index < 10_000; index += 1) {
    site.write(`folder ${index % 100}/${index}`, `content of ${index}`);
  }
  using fixture = new CopiedFixture(farEnd, site.folder);
  await fixture.run();
  const [first] = await fixture.copy();
  expect(first).toMatchObject({ readFiles: 10_001, unmodifiedFiles: 0 });
  await fixture.run();
  const [second] = await fixture.copy();
  // The manifest is a new one.
  expect(second).toMatchObject({ readFiles: 1, unmodifiedFiles: 10_000 });
});

it('another server of the same name is not mixed with ours; ours may move', async () => {
  using site = new Site();
  site.write('a', 'a');
  using fixture = new CopiedFixture(farEnd, site.folder);
  const { snapshot } = await fixture.run();
  const options = fixture.options();
  const moved = { ...options.server, protocol: 'sftp' as const, host: 'elsewhere.example.org' };
  const repository = await fixture.repository();
  await repository.remove(await repository.copies('test', never), never);
  await fixture.copy();
  // Whoever has a snapshot that is there is the same, wherever it is now.
  await expect(fixture.copy()).resolves.toEqual([]);
  await expect(copySnapshots({ ...options, server: moved })).resolves.toEqual([]);
  using other = new CopiedFixture(farEnd, site.folder);
  await systemClock.sleep(1100, never);
  await other.run();
  await expect(copySnapshots({ ...other.options(), server: moved })).rejects.toMatchObject({
    kind: 'configuration',
  });
  expect(await fixture.copied()).toEqual([snapshot]);
});

it('a server with a .sauvegarde in its root, and names of a stranger, come back as they were', async () => {
  using site = new Site();
  const folder = path.join(site.folder, 'snapshot');
  for (const name of ['.sauvegarde/pins/theirs', '.sauvegarde-1/x', '--help', 'a']) {
    site.write(`snapshot/${name}`, name);
  }
  using fixture = new CopiedFixture(farEnd, site.folder);
  const { snapshot } = await fixture.run();
  const { layout } = fixture.store;
  await fixture.store.pins.set(snapshot, 'by-hand');
  const repository = await fixture.repository();
  const { id } = await repository.add(
    {
      ...{ server: 'root', endpoint: 'local://', snapshot, folder, compare: 'content' },
      beside: [layout.manifest(snapshot), layout.pins].map((place) => linked(place, site)),
    },
    never,
  );
  const record = { id, server: 'root', snapshot };
  const target = path.join(site.folder, 'brought');
  const beside = await bringBeside(fixture.store, repository, record, target, never);
  expect(fs.readFileSync(beside?.manifest ?? '')).toEqual(
    fs.readFileSync(layout.manifest(snapshot)),
  );
  expect(fs.readdirSync(beside?.pins ?? '')).toEqual([snapshot]);
  await repository.bring(record, { target, paths: ['.sauvegarde', '--help'] }, never);
  expect(fs.readFileSync(path.join(target, '.sauvegarde/pins/theirs'), 'utf8')).toContain('theirs');
  expect(fs.readFileSync(path.join(target, '--help'), 'utf8')).toBe('--help');
});

/** As a store has it: beside the snapshot's folder. */
function linked(place: string, site: Site): string {
  const own = path.join(site.folder, '.sauvegarde', path.basename(path.dirname(place)));
  const isFile = fs.statSync(place).isFile();
  const there = isFile
    ? path.join(own, path.basename(place))
    : path.join(path.dirname(own), 'pins');
  fs.mkdirSync(path.dirname(there), { recursive: true });
  fs.cpSync(place, there, { recursive: true });
  return there;
}

it('where each snapshot has inodes of its own, a content that changed under its time is found', async () => {
  using site = new Site();
  site.write('a', 'one');
  using fixture = new CopiedFixture(farEnd, site.folder);
  const { snapshot: first } = await fixture.run();
  const { snapshot: second } = await fixture.run();
  const { store } = fixture;
  const description = JSON.parse(fs.readFileSync(store.layout.description, 'utf8')) as object;
  const compare = (id: string): Promise<string> => howToCompare(store, 'nas', id, first);
  expect(await compare(second)).toBe('inode');
  const disk = { ...(description as { disk: object }).disk, share: 'clone' };
  fs.writeFileSync(store.layout.description, `${JSON.stringify({ ...description, disk })}\n`);
  expect(await compare(second)).toBe('time');
  site.write('a', 'two');
  // Nothing but the content differs, so only comparing that finds it.
  const { snapshot: third } = await fixture.runReread();
  expect(await compare(third)).toBe('content');
});

it('a recovery that was stopped goes on; a snapshot by itself brings its pin', async () => {
  await using own = await startFolder();
  fs.cpSync(farEnd.address, own.address, { recursive: true });
  using site = new Site();
  using fixture = new CopiedFixture(own, site.folder);
  const ids: string[] = [];
  for (const content of ['one', 'two', 'three']) {
    site.write(content, content);
    ids.push((await fixture.run()).snapshot);
    await fixture.copy();
  }
  const [first = '', second, third] = ids;
  await fixture.store.pins.set(first, 'by-hand');
  site.write('four', 'four');
  const { snapshot: fourth } = await fixture.run();
  await fixture.copy();
  fixture.loseTheDisk();
  const stop = new AbortController();
  const stopped = recover({
    ...{ ...fixture.options(), wanted: 'all', signal: stop.signal },
    onRecovered: ({ snapshot }) => snapshot === second && stop.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
  const rest = await fixture.recover();
  expect(rest.map(({ snapshot }) => snapshot)).toEqual([third, fourth]);
  await fixture.expectWhole();
  fixture.loseTheDisk();
  await fixture.recover(first);
  expect(await fixture.store.snapshots()).toMatchObject([{ id: first, pinned: true }]);
  expect(execFileSync('find', [fixture.store.layout.own, '-name', 'recovery*']).toString()).toBe(
    '',
  );
});
