/*
 * How long snapshots are kept, as a person decides it: what stays is shown before a rule is written and
 * before anything is removed, and a backup that lost too much is asked about until there is an answer.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { makeData, makeDays, names, write } from './pages';
import { Stage } from './stage';
import type { Workbench } from './workbench';

describe.each(editorVersions)('retention in code-server %s', (version) => {
  const stage = new Stage(version);
  let data: string;

  beforeAll(async () => {
    data = makeData(stage);
    const local = { protocol: 'local', include: [data], timeZone: 'UTC' };
    stage.configuration = JSON.stringify({ servers: { disk: local, other: local } }, null, 2);
    await makeDays(stage, 'disk', data, 20);
    await makeDays(stage, 'other', data, 2);
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  const going = (bench: Workbench) => bench.row(/goes, frees/, 'What Stays');

  stage.step('shows what a rule would do before it is written', async (bench) => {
    await bench.openBackupViews();
    await bench.contextMenu(bench.row(/^disk,/, 'Servers'), 'Keep…');
    await bench.question('How long are the snapshots of disk kept?');
    await bench.shot('70 how long to keep');
    await bench.pick(
      'How long are the snapshots of disk kept?',
      'A week of days, a month of weeks',
    );
    await going(bench).waitFor();
    await bench.page.getByText(/\d+ stay, \d+ go and free .*Nothing is written yet/).waitFor();
    await bench.shot('71 what stays');
    await going(bench).click();
    await bench.page.keyboard.press('End');
    await bench.row(/stays: newest of the day/, 'What Stays').waitFor();
    expect(stage.server('disk')?.['keep']).toBeUndefined();
    expect(stage.snapshotsOf('disk').length).toBe(20);
  });

  stage.step('writes the rule, and removes only after a question', async (bench) => {
    await bench.command('Sauvegarde: Keep It So');
    await bench.notification('disk keeps the last 3, 7 days').waitFor();
    expect(stage.server('disk')?.['keep']).toEqual({ last: 3, daily: 7, weekly: 4, monthly: 12 });
    await bench.shot('72 rule written');
    await bench.press('disk keeps the last 3', 'Free Up Space…');
    await bench.page.getByText(/Nothing is removed yet/).waitFor();
    await bench.command('Sauvegarde: Remove What Goes…');
    const question = bench.page.locator('.monaco-dialog-box').filter({ hasText: 'and free' });
    await question.waitFor();
    await bench.shot('73 question before removal');
    await bench.page.keyboard.press('Enter');
    await question.waitFor({ state: 'detached' });
    expect(stage.snapshotsOf('disk').length).toBe(20);
    await bench.command('Sauvegarde: Remove What Goes…');
    await bench.answer('and free', 'Remove');
    await bench.notification(/snapshots removed, .* freed/).waitFor();
    const left = stage.snapshotsOf('disk').length;
    expect(left).toBeGreaterThanOrEqual(8);
    expect(left).toBeLessThan(14);
    await bench.clearNotifications();
  });

  stage.step('takes a rule of its own, and forgets it if it is discarded', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Keep…', 'snapshots of which server');
    await bench.pick('snapshots of which server', 'disk');
    await bench.pick('How long are the snapshots of disk kept?', 'Other…');
    await bench.write('the parts add up', 'as long as possible');
    await bench.question('Accepted are last, hourly');
    await (
      await bench.question('Accepted are last')
    )
      .locator('input.input')
      .fill('2 last, daily 3');
    await bench.question('Stays: the last 2, 3 days');
    await bench.shot('74 a rule of its own');
    await bench.page.keyboard.press('Enter');
    await bench.page.getByText('If this is kept: the last 2, 3 days').waitFor();
    await bench.command('Sauvegarde: Discard the Preview of What Stays');
    await going(bench).waitFor({ state: 'detached' });
    expect(stage.server('disk')?.['keep']).toEqual({ last: 3, daily: 7, weekly: 4, monthly: 12 });
  });

  stage.step('shows all servers, and the reason of a snapshot in its tooltip', async (bench) => {
    await bench.command('Sauvegarde: Free Up Space…');
    await bench.row(/^disk, All \d+ stay/, 'What Stays').waitFor();
    await bench.row(/^other, no rule: everything stays/, 'What Stays').waitFor();
    await bench.shot('75 all servers');
    await bench.command('Sauvegarde: Discard the Preview of What Stays');
    await bench.expand(bench.row(/^disk$/, 'Snapshots'));
    await bench.tooltip(bench.row(/complete/, 'Snapshots'), 'Stays: newest of the day');
    await bench.shot('76 reason in the tooltip');
    await bench.page.mouse.move(700, 300);
  });

  stage.step('asks about a backup that lost too much, also after a restart', async (bench) => {
    for (const name of names.slice(0, 16)) fs.rmSync(path.join(data, name));
    await bench.contextMenu(bench.row(/^disk,/, 'Servers'), 'Back Up Now');
    await bench.notification('Is that right?').waitFor();
    await bench.row(/^disk, suspicious: 16 of 20 files are gone/, 'Servers').waitFor();
    await bench.row(/suspicious: 16 of 20/, 'Snapshots').waitFor();
    expect(await bench.statusText()).toContain('Is the backup right?');
    await bench.shot('77 suspicious');
    await bench.reload();
    await bench.openBackupViews();
    await bench.notification('16 of 20 files are gone. Is that right?').waitFor();
    await bench.clearNotifications();
    await bench.row(/^disk, suspicious: 16 of 20 files are gone/, 'Servers').waitFor();
    await bench.contextMenu(bench.row(/^disk, suspicious/, 'Servers'), 'Look at the Changes');
    await bench.row(/^page \d+\.html, removed/, 'Changes').waitFor();
    await bench.shot('78 changes of a suspicious backup');
    await bench.command('Sauvegarde: Close the Changes');
  });

  stage.step('removes nothing until somebody has said that it is right', async (bench) => {
    await bench.command('Sauvegarde: Free Up Space…');
    await bench.row(/^disk, stands still/, 'What Stays').waitFor();
    await bench.command('Sauvegarde: Discard the Preview of What Stays');
    await bench.contextMenu(bench.row(/^disk, suspicious/, 'Servers'), 'It Is All Right…');
    const question = bench.page.locator('.monaco-dialog-box').filter({ hasText: 'Is it right' });
    await question.waitFor();
    await bench.shot('79 is it right');
    await bench.page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    const accepted = path.join(stage.workspace, 'backups/disk/.sauvegarde/accepted');
    expect(fs.existsSync(accepted)).toBe(false);
    await bench.statusBarItem().click();
    await bench.answer('Is it right what disk has lost?', 'It Is All Right');
    await bench.row(/^disk, backed up/, 'Servers').waitFor();
    expect(fs.readdirSync(accepted)).toEqual(
      stage
        .snapshotsOf('disk')
        .slice(-1)
        .map((name) => name.replace('.ndjson', '')),
    );
    await bench.clearNotifications();
  });

  stage.step('shows what stays in French, in the dark', async () => {
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': 'Default Dark Modern' }));
    for (const name of names.slice(0, 16)) write(data, name, `${name} is back`);
    await makeSnapshot(stage, 'other');
    for (const name of names.slice(0, 17)) fs.rmSync(path.join(data, name));
    await makeSnapshot(stage, 'other');
    await stage.inFrench(async (bench) => {
      await bench.openBackupViews('Sauvegarde');
      await bench.notification('Est-ce normal ?').waitFor();
      await bench.row(/^other, suspect/, 'Serveurs').waitFor();
      await bench.contextMenu(bench.row(/^disk,/, 'Serveurs'), 'Conserver…');
      await bench.question('Combien de temps garder');
      await bench.shot('80 how long to keep in French');
      await bench.pick('Combien de temps garder', 'Deux semaines de jours');
      await bench.row(/le dernier du jour/, 'Ce qui reste').waitFor();
      await bench.shot('81 what stays in French');
      await bench.clearNotifications();
      await bench.contextMenu(bench.row(/^other, suspect/, 'Serveurs'), 'C’est normal…');
      await bench.page.locator('.monaco-dialog-box').filter({ hasText: 'normal' }).waitFor();
      await bench.shot('82 is it right in French');
      await bench.page.keyboard.press('Escape');
    });
  });
});
