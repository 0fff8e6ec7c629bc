import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import type { PlannedAction } from '../../src/jobs/restore/plannedAction';
import { planRestore } from '../../src/jobs/restore/restore';
import { ChangedSite } from './changedSite';

function newFolder(): string {
  return fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'sauvegarde-restored-'));
}

it('restores to a folder, and has nothing left to do the second time', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  const folder = path.join(newFolder(), 'new', 'folder');
  const report = await site.restore(snapshot, { to: { folder }, verify: true });
  expect(report).toMatchObject({ status: 'complete', verified: true, safetySnapshot: null });
  const place = path.join(folder, site.at('big'));
  expect(fs.readFileSync(place)).toEqual(fs.readFileSync(site.at('big')));
  expect(fs.statSync(path.join(folder, site.at('rights'))).mode & 0o777).toBe(0o640);
  expect(fs.statSync(place).mtimeMs).toBe(fs.statSync(site.at('big')).mtimeMs);
  expect(fs.readlinkSync(path.join(folder, site.at('link')))).toBe('same');
  const again = await site.restore(snapshot, { to: { folder } });
  expect(again).toMatchObject({ created: 0, overwritten: 0, bytes: 0 });
  fs.rmSync(folder, { recursive: true });
});

it('restores only what is named: files, folders, patterns, and all but a pattern', async () => {
  using site = new ChangedSite();
  site.original();
  fs.writeFileSync(site.at('a[1].txt'), 'a name that looks like a pattern');
  fs.writeFileSync(site.at('a1.txt'), 'what the pattern would match');
  const { snapshot } = await site.run();
  const restored = async (...paths: string[]): Promise<string[]> => {
    const folder = newFolder();
    await site.restore(snapshot, { to: { folder }, paths });
    const all = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
    fs.rmSync(folder, { recursive: true });
    return all
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  };
  expect(await restored(site.at('edited'))).toEqual(['edited']);
  expect(await restored(site.at('deleted'))).toEqual(['inside']);
  expect(await restored('ins*', 'edited')).toEqual(['edited', 'inside']);
  expect(await restored(site.at('a[1].txt'))).toEqual(['a[1].txt']);
  expect(await restored(site.at(''), '!*.txt', '!big')).not.toContain('big');
  await expect(restored('/nowhere')).rejects.toMatchObject({ kind: 'configuration' });
});

it('never writes through a link that leads out of the folder', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  const folder = newFolder();
  const outside = newFolder();
  fs.symlinkSync(outside, path.join(folder, 'var'));
  const report = await site.restore(snapshot, { to: { folder } });
  expect(report.status).toBe('incomplete');
  expect(report.created).toBe(0);
  // Each once, with the reason and not with what came of it.
  const failed = report.failed.map(({ path: where }) => where);
  expect([...new Set(failed)]).toEqual(failed);
  expect(fs.readdirSync(outside)).toEqual([]);
  for (const place of [folder, outside]) fs.rmSync(place, { recursive: true });
});

it('says what is newer there, keeps it if wished, and a plan writes nothing', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  const folder = newFolder();
  await site.restore(snapshot, { to: { folder } });
  const place = path.join(folder, site.at('edited'));
  fs.writeFileSync(place, 'newer work');
  const planned: PlannedAction[] = [];
  const plan = (overwrite: 'changed' | 'never' | 'always'): ReturnType<typeof planRestore> =>
    planRestore({
      ...{ server: site.server(), store: site.store, snapshot, paths: [], to: { folder } },
      ...{ overwrite, environment: site.environment, signal: new AbortController().signal },
      onPlanned: (action) => planned.push(action),
    });
  expect(await plan('changed')).toMatchObject({ overwritten: 1, newer: 1, created: 0 });
  expect(planned.find(({ action }) => action === 'overwrite')?.reason).toContain('newer');
  expect(await plan('never')).toMatchObject({ overwritten: 0 });
  expect((await plan('always')).overwritten).toBeGreaterThan(4);
  expect(fs.readFileSync(place, 'utf8')).toBe('newer work');
  const declined = site.restore(snapshot, {
    to: { folder },
    confirm: () => Promise.resolve(false),
  });
  await expect(declined).rejects.toMatchObject({ kind: 'cancelled' });
  expect(fs.readFileSync(place, 'utf8')).toBe('newer work');
  fs.rmSync(folder, { recursive: true });
});

it('never restores a damaged file, and takes the same content from another snapshot', async () => {
  using site = new ChangedSite();
  site.original();
  const { snapshot } = await site.run();
  const damage = async (id: string, name: string): Promise<void> => {
    for await (const entry of site.store.entries(id)) {
      if (!entry.path.endsWith(`/${name}`)) continue;
      const place = site.store.place(id, entry);
      const content = fs.readFileSync(place);
      content[7] = (content[7] ?? 0) ^ 1;
      fs.rmSync(place);
      fs.writeFileSync(place, content);
    }
  };
  const second = await site.run();
  await damage(snapshot, 'big');
  await damage(snapshot, 'edited');
  await damage(second.snapshot, 'edited');
  const folder = newFolder();
  const report = await site.restore(snapshot, { to: { folder } });
  expect(report.failed).toMatchObject([{ path: site.at('edited'), kind: 'changed' }]);
  expect(report.warnings.join()).toContain(second.snapshot);
  expect(fs.existsSync(path.join(folder, site.at('edited')))).toBe(false);
  expect(fs.readFileSync(path.join(folder, site.at('big')))).toEqual(
    fs.readFileSync(site.at('big')),
  );
  fs.rmSync(folder, { recursive: true });
});
