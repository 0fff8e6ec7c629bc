/*
 * The overview as a person looks at it: opened from the palette, a view and the status bar, followed by mouse
 * and by keyboard, in each kind of theme, and in French.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { overview } from './overviewPage';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const day = 86_400_000;
/** Days of which the server has a snapshot. */
const backedUp = 34;

/** A site that grows and changes, backed up on most of the last days; another one that is gone. */
async function makeServers(stage: Stage, now: number): Promise<void> {
  const data = path.join(stage.workspace, 'data');
  const gone = path.join(stage.workspace, 'gone');
  const write = (name: string, text: string): void => {
    const place = path.join(data, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    fs.utimesSync(place, 1e9, 1e9 + text.length);
  };
  write('media/film.bin', 'x'.repeat(300_000));
  write('shop/index.php', '<?php\n');
  fs.mkdirSync(gone);
  fs.writeFileSync(path.join(gone, 'page.html'), 'hello');
  const servers = {
    web: { protocol: 'local', include: [data] },
    old: { protocol: 'local', include: [gone], schedule: '0 0 * * *' },
    fresh: { protocol: 'local', include: [data] },
  };
  stage.configuration = JSON.stringify({ servers }, null, 2);
  for (let ago = backedUp; ago >= 1; ago -= 1) {
    for (let file = 0; file < (ago % 7) + 1; file += 1) {
      write(`shop/cache/${ago % 5}-${file}.html`, 'y'.repeat(1000 * (40 - ago)));
    }
    await makeSnapshot(stage, 'web', undefined, now - ago * day);
  }
  for (const ago of [20, 19, 17]) await makeSnapshot(stage, 'old', undefined, now - ago * day);
  fs.rmSync(gone, { recursive: true });
}

describe.each(editorVersions)('the overview in code-server %s', (version) => {
  const stage = new Stage(version);
  const now = Date.now();
  const own = path.join(stage.workspace, 'backups', 'web', '.sauvegarde');

  beforeAll(async () => {
    await makeServers(stage, now);
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  const open = async (bench: Workbench): Promise<FrameLocator> => {
    await bench.command('Sauvegarde: Show Overview');
    const page = overview(bench);
    await page.getByRole('heading', { name: 'Overview of the backups' }).waitFor();
    return page;
  };

  /** The place of a server on the page, as a screen reader finds it. */
  const place = (page: FrameLocator, name: string) =>
    page.getByRole('region', { name, exact: true });

  stage.step('shows all servers, those in trouble first', async (bench) => {
    await bench.openBackupViews();
    // Its folder is gone, so that what is due fails.
    await bench.row(/^old, failed/, 'Servers').waitFor();
    await bench.command('Notifications: Clear All Notifications');
    const page = await open(bench);
    const names = page.getByRole('region').getByRole('heading', { level: 2 });
    await expect.poll(() => names.allInnerTexts()).toEqual(['old', 'fresh', 'web']);
    await place(page, 'old').locator('.state', { hasText: 'failed' }).waitFor();
    await place(page, 'fresh').getByText('never backed up').waitFor();
    await place(page, 'web').locator('.state', { hasText: 'good' }).waitFor();
    const says = await place(page, 'web').getByText('The last 90 days:').textContent();
    expect(says).toBe(`The last 90 days: ${backedUp} good, ${90 - backedUp} without a run`);
    expect(await place(page, 'old').getByText('The last 90 days:').textContent()).toMatch(
      /: 3 good, 1 failed, 17 missed, 69 without a run$/,
    );
    await bench.shot('90 overview');
  });

  stage.step('unfolds sizes, changes and folders', async (bench) => {
    const web = place(overview(bench), 'web');
    await web.getByText('Size, changes and folders of web').click();
    await web.getByRole('heading', { name: 'What changed in the last runs' }).waitFor();
    const biggest = web.getByRole('table', { name: 'The biggest folders' });
    await biggest.getByRole('link', { name: /\/data\/media$/ }).waitFor();
    // From its name to its charts, as the README shows it.
    await web.locator('h2').evaluate((name) => {
      (name as unknown as { scrollIntoView(): void }).scrollIntoView();
    });
    await bench.shot('91 overview unfolded');
    const rows = web.getByRole('table', { name: 'What changed in each run' }).getByRole('row');
    await web.getByText('What changed in the last runs: as a table').click();
    expect(await rows.count()).toBe(1 + 20);
    await biggest.scrollIntoViewIfNeeded();
    await bench.shot('92 overview tables');
  });

  stage.step('leads from a day to its report', async (bench) => {
    const days = place(overview(bench), 'web').locator('svg.calendar a');
    expect(await days.count()).toBe(backedUp);
    await days.last().click();
    await bench.page.getByRole('tab', { name: /Preview/ }).waitFor();
    await bench.shot('93 report from a day');
    const report = bench.page
      .locator('iframe.webview.ready')
      .last()
      .contentFrame()
      .frameLocator('#active-frame');
    await report.getByRole('heading', { name: 'Backup of web' }).waitFor();
    await bench.closeEditors();
  });

  stage.step('leads to the snapshot and to a folder of it in the Explorer', async (bench) => {
    const page = await open(bench);
    const web = place(page, 'web');
    await web.getByText('Size, changes and folders of web').click();
    await web.getByRole('link', { name: /\/data\/media$/ }).click();
    const media = bench.page.locator('.explorer-folders-view').getByRole('treeitem', {
      name: /^media/,
    });
    await media.and(bench.page.locator('[aria-selected="true"]')).waitFor();
    await bench.openBackupViews();
    const newest = stage.snapshotsOf('web').at(-1)!.replace('.ndjson', '');
    await web.getByRole('link', { name: newest }).first().click();
    // Folders with nothing else in them are drawn as one row.
    await bench.page
      .locator('.explorer-folders-view [aria-selected="true"]', { hasText: newest })
      .waitFor();
    await bench.shot('94 snapshot in the Explorer');
    await bench.openBackupViews();
  });

  stage.step('is all in reach of the keyboard, each thing once', async (bench) => {
    await bench.closeEditors();
    const page = await open(bench);
    await page.locator('body').focus();
    const focused = (): Promise<string> =>
      page.locator('body').evaluate(() => {
        const { activeElement } = (
          globalThis as unknown as { document: { activeElement: { textContent: string } | null } }
        ).document;
        return activeElement?.textContent.trim() ?? '';
      });
    const tabTo = async (wanted: RegExp): Promise<number> => {
      for (let stops = 1; stops < 60; stops += 1) {
        await bench.page.keyboard.press('Tab');
        if (wanted.test(await focused())) return stops;
      }
      throw new Error(`No tab leads to ${wanted.source}.`);
    };
    await tabTo(/^Look again$/);
    // Three servers, 37 days with a report: none of the calendars stands in the way.
    expect(await tabTo(/^Size, changes and folders of web$/)).toBeLessThan(10);
    await bench.page.keyboard.press('Enter');
    await tabTo(/^The days as a table$/);
    await bench.page.keyboard.press('Enter');
    await tabTo(/^good$/);
    await bench.shot('95 overview by keyboard');
    await bench.page.keyboard.press('Enter');
    await bench.page.getByRole('tab', { name: /Preview/ }).waitFor();
    await bench.closeEditors();
  });

  stage.step('shows a new run when it is asked to look again', async (bench) => {
    const page = await open(bench);
    await place(page, 'web').getByText(`${backedUp} good`).waitFor({ state: 'attached' });
    await makeSnapshot(stage, 'web', undefined, now - 60 * day);
    await page.getByRole('link', { name: 'Look again' }).click();
    await place(page, 'web')
      .getByText(`${backedUp + 1} good`)
      .waitFor({ state: 'attached' });
    expect(fs.existsSync(path.join(own, 'figures.json'))).toBe(true);
    await bench.closeEditors();
  });

  stage.step('is in the titles of the views and in the menu of the status bar', async (bench) => {
    // A folder that was to be shown in the Explorer may come late.
    await bench.openBackupViews();
    for (const view of ['Servers', 'Snapshots']) {
      const pane = bench.page.locator('.part.sidebar .pane').filter({ hasText: view });
      await pane.hover();
      await pane.getByRole('button', { name: 'Show Overview' }).first().click();
      await overview(bench).getByRole('heading', { name: 'Overview of the backups' }).waitFor();
      await bench.closeEditors();
    }
    await bench.commandThatAsks('Sauvegarde: Back Up Now', 'Back up which server?');
    await bench.shot('96 menu with the overview');
    await bench.pick('Back up which server?', 'Show Overview');
    await overview(bench).getByRole('heading', { name: 'Overview of the backups' }).waitFor();
    await bench.tooltip(bench.statusBarItem(), 'Show Overview');
    await bench.shot('97 status bar with the overview');
  });

  stage.step('looks right in dark and in high contrast', async (bench) => {
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    for (const [theme, kind] of [
      ['Default Dark Modern', 'vscode-dark'],
      ['Default High Contrast', 'vscode-high-contrast'],
      ['Default High Contrast Light', 'vscode-high-contrast-light'],
      ['Default Light Modern', 'vscode-light'],
    ]) {
      fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
      const page = overview(bench);
      await page.locator(`body.${kind}`).waitFor();
      const web = place(page, 'web');
      const details = web.locator('details').first();
      if ((await details.getAttribute('open')) === null) {
        await web.getByText('Size, changes and folders of web').click();
      }
      await web.getByText('Size', { exact: true }).first().scrollIntoViewIfNeeded();
      await bench.shot(`98 overview in ${kind}`);
      const colours = await web
        .locator('svg.calendar .good')
        .first()
        .evaluate((cell) => {
          const view = globalThis as unknown as { getComputedStyle(of: unknown): { fill: string } };
          return view.getComputedStyle(cell).fill;
        });
      expect(colours).toMatch(/^rgb/);
    }
    fs.rmSync(settings);
    await bench.closeEditors();
  });

  stage.stepInFrench('says it in French', async (bench) => {
    await bench.openBackupViews('Sauvegarde');
    await bench.command('Sauvegarde: Afficher la vue d’ensemble');
    const page = overview(bench);
    await page.getByRole('heading', { name: 'Vue d’ensemble des sauvegardes' }).waitFor();
    await page.getByText('Taille, changements et dossiers de web').click();
    await bench.shot('99 overview in French');
  });
});
