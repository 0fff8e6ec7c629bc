/*
 * Many dates: days as people say them, folded by month, with notes; one is found by its date, by its note,
 * or by the path that changed in it. All in a narrow side bar.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { snapshotIdAt, type SnapshotId } from '../../src/model/snapshotId';
import { Store } from '../../src/store/store';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const day = 86_400_000;

describe.each(editorVersions)('many dates in code-server %s', (version) => {
  const stage = new Stage(version);
  const data = path.join(stage.workspace, 'data');
  const settings = path.join(stage.workspace, '.vscode', 'settings.json');
  let today: SnapshotId;
  let changedThen: SnapshotId;

  /** Seven in the morning, so many days ago. */
  const morning = (daysAgo: number): number => {
    const date = new Date();
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo, 7).getTime();
  };

  const store = (): Store => new Store(path.join(stage.workspace, 'backups'), 'web');

  beforeAll(async () => {
    fs.mkdirSync(path.join(data, 'css'), { recursive: true });
    const write = (name: string, text: string): void => {
      fs.writeFileSync(path.join(data, name), text);
      const long = new Date(0);
      fs.utimesSync(path.join(data, name), long, long);
    };
    write('index.php', 'one');
    write('css/style.css', 'body {}');
    stage.configuration = JSON.stringify({
      servers: { web: { protocol: 'local', include: [data] } },
    });
    // The oldest of more than a year ago; daily ones in which one file changes twice.
    for (const daysAgo of [500, 450, 400, 70, 65]) {
      await makeSnapshot(stage, 'web', undefined, morning(daysAgo));
    }
    for (let daysAgo = 40; daysAgo >= 1; daysAgo -= 1) {
      if (daysAgo % 3 === 0) write('css/style.css', 'x'.repeat(daysAgo));
      if (daysAgo === 20) write('index.php', 'twenty');
      const id = await makeSnapshot(stage, 'web', undefined, morning(daysAgo));
      if (daysAgo === 20) changedThen = id;
    }
    today = await makeSnapshot(stage, 'web');
    await store().notes.set(changedThen, 'before the update to 6.8');
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  const row = (bench: Workbench, text: string | RegExp) =>
    bench.page
      .locator('.part.sidebar .pane')
      .filter({ hasText: 'Snapshots' })
      .getByRole('treeitem')
      .filter({ hasText: text })
      .first();

  /** To the end of the list, until what is sought is drawn. */
  const scrollTo = async ({ page }: Workbench, sought: Locator): Promise<void> => {
    await expect
      .poll(async () => {
        await page.keyboard.press('End');
        return await sought.isVisible();
      })
      .toBe(true);
  };

  stage.step('are found before the view was ever opened', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Go to Date…', 'Go to which snapshot of web?');
    await bench.write('Go to which snapshot of web?', 'before the update');
    await bench.row(/update to 6\.8/, 'Snapshots').waitFor();
    // The keyboard is where the snapshot is.
    await bench.page.keyboard.press('Home');
    await row(bench, /^Today/).waitFor();
  });

  stage.step('are days as people say them, folded by month', async (bench) => {
    await bench.openBackupViews();
    await bench.narrowSideBar(250);
    await bench.collapse(bench.row(/^web,/, 'Servers'));
    await row(bench, /^Today \d\d:\d\d/).waitFor();
    await row(bench, /^Yesterday/).waitFor();
    await bench.shot('90 dates');
    const labels = bench.page.locator('.part.sidebar .pane .label-name');
    const shown = await labels.allInnerTexts();
    const other = shown.find((text) => /^\w{3} \d{1,2} \w{3,4}$/.test(text));
    expect(other, shown.join('\n')).toBeDefined();
    // One of a year ago says so, and is not read as long as its month is not opened.
    const old = new Date(morning(450));
    const month = old.toLocaleString('en-GB', { month: 'long', year: 'numeric' });
    const folded = bench.row(new RegExp(`^${month}, 1 snapshot`), 'Snapshots');
    await row(bench, /^Today/).click();
    await scrollTo(bench, folded);
    await bench.expand(folded);
    const inIt = row(bench, new RegExp(`^${old.getDate()} \\w+ ${old.getFullYear()}`));
    await scrollTo(bench, inIt);
    await bench.shot('91 an old month');
  });

  stage.step('are found by a day that is typed', async (bench) => {
    const wanted = new Date(morning(60));
    const typed = `${wanted.getFullYear()}-${wanted.getMonth() + 1}-${wanted.getDate()}`;
    await bench.commandThatAsks('Sauvegarde: Go to Date…', 'Go to which snapshot of web?');
    const question = await bench.question('Go to which snapshot of web?');
    await question.locator('input.input').fill(typed);
    await question.getByText('the last one before').waitFor();
    await bench.shot('92 go to date');
    await bench.page.keyboard.press('Enter');
    const found = new Date(morning(65));
    const selected = bench.page.locator('.pane [role="treeitem"][aria-selected="true"]');
    const label = found.toLocaleDateString('en-GB', { dateStyle: 'medium' });
    await expect.poll(() => selected.getAttribute('aria-label')).toContain(label);
  });

  stage.step('and by a word of a note', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Go to Date…', 'Go to which snapshot of web?');
    const question = await bench.question('Go to which snapshot of web?');
    await question.locator('input.input').fill('update to 6');
    await question.getByText('before the update to 6.8').waitFor();
    await bench.page.keyboard.press('Enter');
    const selected = bench.page.locator('.pane [role="treeitem"][aria-selected="true"]');
    await expect.poll(() => selected.getAttribute('aria-label')).toContain('update to 6.8');
    await selected.getByText('“before the update to 6.8”').waitFor();
    await bench.shot('93 a note');
  });

  stage.step('the note is changed later, and stands in the report', async (bench) => {
    await bench.contextMenu(bench.row(/update to 6\.8/, 'Snapshots'), 'Note…');
    await bench.write('Note on the snapshot of web', 'before the update to 7');
    await bench.row(/update to 7/, 'Snapshots').waitFor();
    expect(store().notes.of(changedThen)).toBe('before the update to 7');
    await bench.contextMenu(bench.row(/update to 7/, 'Snapshots'), 'Show Report');
    const preview = bench.page.frameLocator('iframe.webview.ready').frameLocator('iframe');
    await preview.getByText('before the update to 7').first().waitFor();
    await bench.closeEditors();
  });

  stage.step('are narrowed to those in which a file changed', async (bench) => {
    const newest = bench.row(/update to 7/, 'Snapshots');
    await bench.expand(newest);
    for (const name of data.split('/').filter(Boolean)) {
      await bench.expand(bench.row(new RegExp(`^${name},`), 'Snapshots'));
    }
    const file = bench.row(/^index\.php,/, 'Snapshots');
    await bench.contextMenu(file, 'Filter Snapshots by Path');
    const snapshots = bench.page
      .locator('.part.sidebar .pane')
      .filter({ hasText: 'Snapshots' })
      .getByRole('treeitem', { name: /complete/ });
    await expect.poll(() => snapshots.count()).toBe(2);
    await bench.row(/, changed,/, 'Snapshots').waitFor();
    await bench.row(/, new,/, 'Snapshots').waitFor();
    await bench.page.getByText(`Only snapshots of web in which ${data}/index.php`).waitFor();
    await bench.shot('94 narrowed to a file');
    await bench.command('Sauvegarde: Show All Snapshots');
    await expect.poll(() => snapshots.count()).toBeGreaterThan(5);
  });

  stage.step('a backup is made with a note', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Back Up with a Note…', 'Back up web with a note');
    await bench.write('Back up web with a note', 'after the update');
    await bench.notification('web: 2 files backed up').waitFor();
    await bench.row(/“after the update”/, 'Snapshots').waitFor();
    const ids = await store().ids();
    expect(store().notes.of(ids[0] ?? '')).toBe('after the update');
    expect(ids[1]).toBe(today);
    await bench.clearNotifications();
  });

  stage.step('look right in the dark and in high contrast', async (bench) => {
    for (const theme of ['Default Dark Modern', 'Default High Contrast', 'Default Light Modern']) {
      fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
      const kind = /Contrast/.test(theme) ? 'hc-black' : /Dark/.test(theme) ? 'vs-dark' : 'vs';
      await bench.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await bench.shot(`95 dates ${kind}`);
    }
  });

  stage.stepInFrench('say it in French', async (window) => {
    await window.openBackupViews('Sauvegarde');
    await window.narrowSideBar(250);
    await window.page
      .getByText(/^Aujourd’hui/)
      .first()
      .waitFor();
    await window.shot('96 dates in French');
  });

  stage.step('grow older while somebody looks', async (bench) => {
    await bench.row(/^web, backed up just now/, 'Servers').waitFor();
    await bench.row(/^web, backed up [12] min ago/, 'Servers').waitFor({ timeout: 130_000 });
  });

  stage.step('a thousand of them are not read before they are seen', async (bench) => {
    const { layout } = store();
    const [newest = ''] = await store().ids();
    for (let past = 0; past < 1000; past += 1) {
      const id = snapshotIdAt(morning(600) - past * day);
      fs.copyFileSync(layout.manifest(newest), layout.manifest(id));
      fs.mkdirSync(layout.snapshot(id));
    }
    await bench.command('Sauvegarde: Refresh');
    await row(bench, /^Yesterday/).click();
    const oldest = new Date(morning(600) - 999 * day);
    const month = oldest.toLocaleString('en-GB', { month: 'long', year: 'numeric' });
    await scrollTo(bench, bench.row(new RegExp(`^${month}, \\d+ snapshots?`), 'Snapshots'));
    await bench.shot('97 a thousand dates');
  });
});
