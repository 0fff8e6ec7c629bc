/*
 * What differs between two snapshots, and between one and the server, as a person looks at it.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { account } from '../servers/account';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

/** What is called in the browser. */
interface Page {
  getComputedStyle(element: unknown, pseudo: string): { readonly content: string };
}

const { name: username } = account();

describe.each(editorVersions)('changes in code-server %s', (version) => {
  const stage = new Stage(version);
  let ssh: Openssh;
  let site: Site;

  const place = (name: string): string => path.join(site.root, 'www', name);

  beforeAll(async () => {
    site = new Site();
    site.write('old/notes.txt', 'what nobody needs any more\n');
    site.write('inc/deep/same.txt', 'the same in all\n');
    site.write('private/key.txt', 'not for everybody\n');
    site.settle();
    site.giveAway();
    ssh = await startOpenssh({ chroot: site.root });
    const web = {
      ...{ protocol: 'sftp', host: '127.0.0.1', port: ssh.port, username, include: ['/www'] },
      ...{ fingerprint: ssh.fingerprint(), privateKey: ssh.writeKey() },
    };
    stage.configuration = JSON.stringify({ servers: { web } }, null, 2);
    await makeSnapshot(stage, 'web');
    site.write('index.php', '<?php echo "second version";\n');
    site.write('inc/deep/new.txt', 'quite new\n');
    fs.renameSync(place('css/style.css'), place('inc/style.css'));
    fs.rmSync(place('old'), { recursive: true });
    fs.chmodSync(place('img/logo.bin'), 0o640);
    fs.chmodSync(place('private'), 0o000);
    await makeSnapshot(stage, 'web');
    site.write('index.php', '<?php echo "third version";\n');
    await makeSnapshot(stage, 'web');
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  /** The rows of snapshots, newest first. */
  const snapshots = (bench: Workbench) =>
    bench.page
      .locator('.pane')
      .filter({ hasText: 'Snapshots' })
      .getByRole('treeitem', { name: /complete|skipped/ });

  const change = (bench: Workbench, name: RegExp) => bench.row(name, 'Changes');

  /** The letter that the editor puts beside a row. */
  const letter = (row: Locator): Promise<string> =>
    row
      .locator('.monaco-icon-label')
      .first()
      .evaluate(
        (label) => (globalThis as unknown as Page).getComputedStyle(label, '::after').content,
      )
      .then((content) => content.replaceAll('"', ''));

  stage.step('shows every kind of change, with the letters of git', async (bench) => {
    await bench.openBackupViews();
    await expect.poll(() => snapshots(bench).count()).toBe(3);
    // Room for the others, as rows out of sight are not there.
    await bench.page.setViewportSize({ width: 1280, height: 1200 });
    // At its name: in the middle of it may be a button.
    const header = bench.page.locator('.pane-header').filter({ hasText: 'Servers' });
    await header.click({ position: { x: 20, y: 10 } });
    await bench.contextMenu(snapshots(bench).nth(1), 'Compare Snapshot with Previous');
    await change(bench, /^index\.php, changed, 28 B → 29 B/).waitFor();
    const letters = {
      'index\\.php, changed': 'M',
      'new\\.txt, added, 10 B': 'A',
      'style\\.css, moved, from /www/css/style\\.css': 'R',
      'notes\\.txt, removed, 27 B': 'D',
      'logo\\.bin, time or mode': '≈',
      'private, unknown': '?',
    };
    for (const [name, expected] of Object.entries(letters)) {
      await expect.poll(() => letter(change(bench, new RegExp(`^${name}`)))).toBe(expected);
    }
    await bench.page
      .getByText(/^\d+ \w+ \d+, .* ↔ \d+ \w+ \d+, /)
      .first()
      .waitFor();
    await bench.page.getByText('web, +1 ~1 −2 →1 ≈1 ?1').waitFor();
    expect(await change(bench, /^same\.txt/).count()).toBe(0);
    await bench.clearNotifications();
    await bench.shot('50 changes');
  });

  stage.step('opens the difference, or the only side that there is', async (bench) => {
    await change(bench, /^index\.php,/).click();
    await bench.editorText('first version');
    await bench.editorText('second version');
    await bench.shot('51 a change');
    await bench.closeEditors();
    await change(bench, /^new\.txt,/).click();
    await bench.editorText('quite new');
    await bench.closeEditors();
    await change(bench, /^notes\.txt,/).click();
    await bench.editorText('what nobody needs');
    await bench.closeEditors();
  });

  stage.step('finds a row by typing, and opens it by the keyboard', async (bench) => {
    await bench.command('Focus on Changes View');
    await bench.page.keyboard.press('Home');
    await bench.page.keyboard.type('notes');
    await bench.page
      .locator('.pane .monaco-list-row.focused')
      .filter({ hasText: 'notes.txt' })
      .waitFor();
    await bench.page.keyboard.press('Escape');
  });

  stage.step('opens all changes one below the other', async (bench) => {
    await bench.command('Sauvegarde: Open All Changes');
    const editor = bench.page.locator('.multiDiffEditor');
    await editor.getByText('new.txt').first().waitFor();
    await editor.getByText('second version').first().waitFor();
    await bench.shot('52 all changes');
    await bench.closeEditors();
  });

  stage.step('restores what a row was before', async (bench) => {
    await bench.contextMenu(change(bench, /^notes\.txt,/), 'Restore…');
    await bench.pick('Restore to where?', 'where it came from');
    await bench.row(/^notes\.txt, create, 27 B, will be restored/).waitFor();
    await bench.command('Sauvegarde: Discard the Restore Plan');
  });

  stage.step('compares two snapshots that are selected, and one that is picked', async (bench) => {
    await bench.command('Sauvegarde: Close the Changes');
    await change(bench, /^index\.php,/).waitFor({ state: 'detached' });
    await snapshots(bench).nth(0).click();
    await bench.collapse(snapshots(bench).nth(0));
    await snapshots(bench)
      .nth(2)
      .click({ modifiers: ['Control'] });
    await bench.contextMenu(snapshots(bench).nth(2), 'Compare Snapshot with Another…');
    await change(bench, /^index\.php, changed/).waitFor();
    await change(bench, /^index\.php, changed/).click();
    await bench.editorText('first version');
    await bench.editorText('third version');
    await bench.closeEditors();
    await snapshots(bench).nth(1).click();
    await bench.collapse(snapshots(bench).nth(1));
    await bench.contextMenu(snapshots(bench).nth(1), 'Compare Snapshot with Another…');
    const [oldest] = stage.snapshotsOf('web');
    await bench.pick('with which snapshot?', path.parse(oldest ?? '').name);
    await change(bench, /^index\.php, changed, 28 B → 29 B/).waitFor();
  });

  stage.step('compares with the server, and gives up when it is silent', async (bench) => {
    site.write('index.php', '<?php echo "live";\n');
    await bench.command('Sauvegarde: Close the Changes');
    await snapshots(bench).nth(0).click();
    await bench.collapse(snapshots(bench).nth(0));
    await bench.contextMenu(snapshots(bench).nth(0), 'Compare Snapshot with Server');
    await change(bench, /^index\.php, changed, 28 B → 19 B/).waitFor();
    await change(bench, /^index\.php, changed/).click();
    await bench.editorText('third version');
    await bench.editorText('echo "live"');
    await bench.closeEditors();
    process.kill(ssh.pid, 'SIGSTOP');
    try {
      await bench.contextMenu(snapshots(bench).nth(1), 'Compare Snapshot with Server');
      const comparing = bench.notification('Comparing web');
      await bench.shot('53 comparing');
      await comparing.getByRole('button', { name: 'Cancel' }).click();
      await comparing.waitFor({ state: 'detached' });
    } finally {
      process.kill(ssh.pid, 'SIGCONT');
    }
    await change(bench, /^index\.php, changed/).waitFor();
    await bench.command('Sauvegarde: Close the Changes');
  });

  stage.step('is reached from the report of a run', async (bench) => {
    await bench.contextMenu(snapshots(bench).nth(1), 'Show Report');
    const document = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await document.getByText('Look at the Changes').click();
    await change(bench, /^index\.php, changed, 28 B → 29 B/).waitFor();
    await bench.shot('54 changes from a report');
    await bench.closeEditors();
  });

  stage.stepInFrench('says it in French, in the dark', async (bench) => {
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': 'Default Dark Modern' }));
    await bench.page.setViewportSize({ width: 1280, height: 1200 });
    await bench.openBackupViews('Sauvegarde');
    const row = bench.row(/\+2 ~1/, 'Instantanés');
    await bench.contextMenu(row, 'Comparer l’instantané avec le précédent');
    const changed = bench.row(/^index\.php, modifié/, 'Modifications');
    await changed.waitFor();
    await expect.poll(() => letter(changed)).toBe('M');
    await bench.shot('55 changes in French');
  });
});
