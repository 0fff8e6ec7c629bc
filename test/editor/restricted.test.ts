/*
 * A workspace that nobody has said yet that they trust: what is on the disk can be looked at, no server is
 * asked, and nothing is written.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { turnBit } from '../verify/verifyFixture';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { overview } from './overviewPage';
import { makeData, makeDays, names } from './pages';
import { Stage } from './stage';

describe.each(editorVersions)('without trust in code-server %s', (version) => {
  const stage = new Stage(version);
  const own = (): string => path.join(stage.workspace, 'backups/disk/.sauvegarde');
  let before: string[];

  /** All that is kept beside the snapshots, with the time of the last change. */
  const state = (): string[] =>
    fs.readdirSync(own(), { recursive: true, withFileTypes: true }).map((entry) => {
      const place = path.join(entry.parentPath, entry.name);
      return `${place} ${String(fs.statSync(place).mtimeMs)}`;
    });

  beforeAll(async () => {
    const data = makeData(stage);
    const local = { protocol: 'local', include: [data], timeZone: 'UTC', keep: { last: 1 } };
    stage.configuration = JSON.stringify({ servers: { disk: local } }, null, 2);
    await makeDays(stage, 'disk', data, 2);
    for (const name of names.slice(4)) fs.rmSync(path.join(data, name));
    fs.writeFileSync(path.join(data, names[0] ?? ''), 'another text\n');
    const newest = await makeSnapshot(stage, 'disk');
    const kept = path.join(stage.workspace, 'backups/disk', newest, data.slice(1), names[2] ?? '');
    turnBit(kept, 5);
    fs.mkdirSync(path.join(own(), 'damaged'), { recursive: true });
    const file = `${data.slice(1)}/${names[2] ?? ''}`;
    const mark = { path: file, raw: Buffer.from(file).toString('base64'), kind: 'changed' };
    fs.writeFileSync(path.join(own(), 'damaged', newest), `${JSON.stringify(mark)}\n`);
    before = state();
    await stage.set({ asksForTrust: true });
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  stage.step('shows what is known, and can do nothing about it', async (bench) => {
    // Older editors ask for trust; newer ones start without it, and say so in a banner.
    if (version.startsWith('4.100.'))
      await bench.answer('trust the authors', "No, I don't trust the authors");
    await bench.openBackupViews();
    await bench.row(/^disk, suspicious: 16 of 20 files are gone · 1 snapshot damaged/).waitFor();
    await bench.expand(bench.row(/^disk$/, 'Snapshots'));
    await bench.tooltip(bench.row(/damaged, suspicious/, 'Snapshots'), 'Repair it');
    await bench.shot('83 without trust');
    const titles = (await bench.commandsFor('Sauvegarde')).join('\n');
    for (const title of ['Verify…', 'Repair…', 'Keep…', 'Free Up Space…', 'It Is All Right…']) {
      expect(titles).not.toContain(`Sauvegarde: ${title}`);
    }
    for (const title of ['Note…', 'Back Up with a Note…']) {
      const offered = (await bench.commandsFor(`Sauvegarde: ${title}`)).join('\n');
      expect(offered).not.toContain(`Sauvegarde: ${title}`);
    }
    expect(await bench.notification('Is that right?').count()).toBe(0);
  });

  stage.step('shows what changed, and asks no server', async (bench) => {
    const newest = bench.row(/damaged, suspicious/, 'Snapshots');
    await bench.contextMenu(newest, 'Compare Snapshot with Previous');
    const changed = bench.row(/^page 10\.html, changed, 6\.0 kB → 13 B/, 'Changes');
    await changed.click();
    await bench.editorText('another text');
    await bench.shot('56 changes without trust');
    await newest.click({ button: 'right' });
    const withServer = bench.page.getByRole('menuitem', { name: 'Compare Snapshot with Server' });
    await withServer.waitFor();
    expect(await withServer.isEnabled()).toBe(false);
    await bench.page.keyboard.press('Escape');
    await changed.click({ button: 'right' });
    const restore = bench.page.getByRole('menuitem', { name: 'Restore…', exact: true });
    await restore.waitFor();
    expect(await restore.isEnabled()).toBe(false);
    await bench.page.keyboard.press('Escape');
    await bench.closeEditors();
  });

  stage.step('shows the overview', async (bench) => {
    await bench.command('Sauvegarde: Show Overview');
    const page = overview(bench);
    await page.getByRole('region', { name: 'disk' }).getByText('16 of 20').first().waitFor();
    await page.locator('svg.calendar a').last().click();
    await bench.page.getByRole('tab', { name: /Preview/ }).waitFor();
    await bench.shot('89 overview without trust');
    await bench.closeEditors();
  });

  stage.step('goes to a date and filters by path', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Go to Date…', 'Go to which snapshot of disk?');
    await bench.page.keyboard.press('Enter');
    await bench.commandThatAsks('Sauvegarde: Filter Snapshots by Path', 'Only snapshots of disk');
    const folder = path.join(stage.workspace, 'data');
    await bench.write('Only snapshots of disk', folder);
    await bench.page.getByText(`Only snapshots of disk in which ${folder}`).waitFor();
  });

  it('has written nothing', () => {
    expect(state()).toEqual(before);
  });
});
