/*
 * Restoring as a person does it, to real servers, with the bytes on them compared. The snapshots are
 * made by the engine, as what is told here begins with them.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { account } from '../servers/account';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { startProftpd } from '../servers/proftpd';
import { startVsftpd } from '../servers/vsftpd';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const { name: username, password } = account();

describe.each(editorVersions)('restoring in code-server %s', (version) => {
  const stage = new Stage(version);
  let ssh: Openssh;
  let vsftpd: RunningFtpServer;
  let proftpd: RunningFtpServer;
  let site: Site;

  beforeAll(async () => {
    site = new Site();
    site.settle();
    site.giveAway();
    const root = path.join(site.root, 'www');
    ssh = await startOpenssh({ chroot: site.root });
    vsftpd = await startVsftpd({ root, writable: true });
    proftpd = await startProftpd({ root, writable: true });
    const include = ['/css', '/index.php'];
    const ftp = { protocol: 'ftp', host: '127.0.0.1', username, include };
    const servers = {
      web: {
        ...{ protocol: 'sftp', host: '127.0.0.1', port: ssh.port, username, include: ['/www'] },
        ...{ fingerprint: ssh.fingerprint(), privateKey: ssh.writeKey() },
      },
      vs: { ...ftp, port: vsftpd.port },
      pro: { ...ftp, port: proftpd.port },
    };
    stage.configuration = JSON.stringify({ servers }, null, 2);
    for (const name of Object.keys(servers)) await makeSnapshot(stage, name, password);
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await Promise.all([ssh, vsftpd, proftpd].map((server) => server[Symbol.asyncDispose]()));
    site[Symbol.dispose]();
  });

  /** The row of the only snapshot of a server that is a backup. */
  const backup = async (bench: Workbench, server: string) => {
    await bench.expand(bench.row(new RegExp(`^${server}$`), 'Snapshots'));
    return bench.row(/complete$/, 'Snapshots');
  };

  const onlyStore = async (bench: Workbench, server: string): Promise<void> => {
    for (const other of ['web', 'vs', 'pro']) {
      if (other !== server) await bench.collapse(bench.row(new RegExp(`^${other}$`), 'Snapshots'));
    }
  };

  stage.step('shows the plan of a file, and what would change in it', async (bench) => {
    site.write('index.php', '<?php echo "spoilt by somebody";\n');
    await bench.openBackupViews();
    await onlyStore(bench, 'web');
    await bench.expand(await backup(bench, 'web'));
    await bench.expand(bench.row(/^www,/, 'Snapshots'));
    await bench.contextMenu(bench.row(/^index\.php,/, 'Snapshots'), 'Restore…');
    await bench.question('Restore to where?');
    await bench.shot('40 where to');
    await bench.pick('Restore to where?', 'where it came from');
    const row = bench.row(/^index\.php, overwrite, newer there, 28 B, will be restored/);
    await row.waitFor();
    await bench.shot('41 plan');
    await bench.openRow(row, 'spoilt by somebody');
    await bench.editorText('first version');
    await bench.shot('42 what would change');
    await bench.closeEditors();
    expect(site.read('index.php')).toContain('spoilt');
  });

  stage.step('overwrites only by the button that Enter does not press', async (bench) => {
    await bench.command('Sauvegarde: Restore What Is Ticked…');
    const dialog = bench.page.locator('.monaco-dialog-box').filter({ hasText: 'Restore 1 file' });
    await dialog.waitFor();
    await bench.shot('43 question');
    await bench.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(site.read('index.php')).toContain('spoilt');
    await bench.command('Sauvegarde: Restore What Is Ticked…');
    await bench.answer('Restore 1 file to sftp://', 'Restore 1 File');
    await bench.notification('1 entry restored').waitFor();
    await bench.shot('44 restored');
    expect(site.read('index.php')).toBe('<?php echo "first version";\n');
    await bench.press('1 entry restored', 'Show Report');
    const document = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await document.getByText('Complete: everything that was chosen is restored').waitFor();
    await bench.shot('45 report of a restore');
    await bench.closeEditors();
  });

  /** By the menu of the row that has the focus. */
  const tickByKeyboard = async (bench: Workbench): Promise<void> => {
    await bench.page.keyboard.press('Shift+F10');
    await bench.pressEntry(bench.entry('Tick or Untick'));
  };

  /** The dialog writes its own path late, over what was typed; and it may want to be confirmed once more. */
  const chooseFolder = async (bench: Workbench, folder: string): Promise<void> => {
    const asking = await bench.question('Restore to where?');
    const input = asking.locator('input.input');
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      // Its own path is there first.
      await expect.poll(() => input.inputValue(), { timeout: 20_000 }).not.toBe('');
      await input.fill(folder);
      await bench.page.waitForTimeout(300);
      if ((await input.inputValue()) !== folder) continue;
      await bench.page.keyboard.press('Enter');
      if (await isGone(asking)) return;
    }
  };

  const isGone = (widget: Locator): Promise<boolean> =>
    widget.waitFor({ state: 'hidden', timeout: 3000 }).then(
      () => true,
      () => false,
    );

  /** Presses the button that restores, once the plan is shown. */
  const restoreTicked = async (bench: Workbench, button: string): Promise<void> => {
    await bench.command('Sauvegarde: Restore What Is Ticked…');
    await bench.answer('Restore ', button);
    await bench.notification(/restored to/).waitFor();
  };

  stage.step('undoes a restore, and that again', async (bench) => {
    await bench.clearNotifications();
    const safety = bench.row(/what a restore overwrote/, 'Snapshots');
    await bench.contextMenu(safety, 'Undo a Restore…');
    await bench.row(/^index\.php, overwrite, 33 B, will be restored/).waitFor();
    await restoreTicked(bench, 'Restore 1 File');
    expect(site.read('index.php')).toBe('<?php echo "spoilt by somebody";\n');
    await bench.press(/restored to/, 'Undo This Restore');
    await bench.row(/^index\.php, overwrite, newer there, 28 B, will be restored/).waitFor();
    await bench.clearNotifications();
    await restoreTicked(bench, 'Restore 1 File');
    expect(site.read('index.php')).toBe('<?php echo "first version";\n');
    await bench.clearNotifications();
  });

  stage.step('restores several rows by FTP, ticked by the keyboard', async (bench) => {
    site.write('css/style.css', 'body { color: red; }\n');
    fs.rmSync(path.join(site.root, 'www', 'index.php'));
    await onlyStore(bench, 'vs');
    await bench.expand(await backup(bench, 'vs'));
    await bench.row(/^css,/, 'Snapshots').click();
    const file = bench.row(/^index\.php,/, 'Snapshots');
    await file.click({ modifiers: ['Control'] });
    await bench.contextMenu(file, 'Restore…');
    await bench.pick('Restore to where?', 'where it came from');
    await bench.write('Password for ftp://', password);
    const row = (name: string, words: string) => bench.row(new RegExp(`^${name}, .*${words}`));
    await row('index\\.php', 'create, 28 B, will be restored').waitFor();
    await bench.row(/^style\.css, overwrite/).waitFor();
    // The view has the focus: to the last row, and its tick away and back.
    await bench.page.keyboard.press('End');
    await tickByKeyboard(bench);
    await row('index\\.php', 'will not be restored').waitFor();
    await bench.page.getByText('1 of them are ticked.').waitFor();
    await bench.shot('46 ticked by the keyboard');
    await tickByKeyboard(bench);
    await row('index\\.php', ', will be restored').waitFor();
    await bench.openFocused('first version');
    await bench.closeEditors();
    await restoreTicked(bench, 'Restore 2 Files');
    expect(site.read('index.php')).toBe('<?php echo "first version";\n');
    expect(site.read('css/style.css')).toBe('body { color: black; }\n');
    await bench.clearNotifications();
  });

  stage.step(
    'restores from the Servers view, and writes nothing over what is new',
    async (bench) => {
      site.write('css/style.css', 'body { color: green; }\n');
      await bench.expand(bench.row(/^pro,/, 'Servers'));
      await bench.write('Password for ftp://', password);
      await bench.contextMenu(bench.row(/^css, /, 'Servers'), 'Restore from a Snapshot…');
      await bench.pick('Restore /css from which snapshot?', '20');
      await bench.pick('Restore to where?', 'where it came from');
      await bench.row(/^style\.css, overwrite/).waitFor();
      site.write('css/style.css', 'body { color: blue, and not seen; }\n');
      await bench.command('Sauvegarde: Restore What Is Ticked…');
      await bench.answer('Restore 1 file', 'Restore 1 File');
      await bench.notification('changed since you looked. Nothing was written').waitFor();
      expect(site.read('css/style.css')).toContain('blue');
      await bench.clearNotifications();
      await bench.row(/^style\.css, overwrite/).waitFor();
      await restoreTicked(bench, 'Restore 1 File');
      expect(site.read('css/style.css')).toBe('body { color: black; }\n');
      await bench.clearNotifications();
    },
  );

  stage.step('restores a snapshot to another server and to a folder', async (bench) => {
    await bench.collapse(bench.row(/^pro,/, 'Servers'));
    await onlyStore(bench, 'vs');
    await bench.contextMenu(await backup(bench, 'vs'), 'Restore…');
    await bench.pick('Restore to where?', 'pro');
    await bench.page.getByText(/Nothing to restore to ftp:.*3 the same/).waitFor();
    await bench.command('Sauvegarde: Discard the Restore Plan');
    await bench.contextMenu(await backup(bench, 'vs'), 'Restore…');
    await bench.pick('Restore to where?', 'A folder of this computer');
    const folder = path.join(stage.workspace, 'put back');
    fs.mkdirSync(folder);
    await chooseFolder(bench, `${folder}/`);
    await bench.page
      .getByText(/3 to create/)
      .first()
      .waitFor();
    await bench.shot('47 to a folder');
    await restoreTicked(bench, 'Restore 2 Files');
    const restored = fs.readFileSync(path.join(folder, 'css', 'style.css'), 'utf8');
    expect(restored).toBe('body { color: black; }\n');
    await bench.clearNotifications();
  });

  stage.step('gives up the look at a server that has gone silent', async (bench) => {
    await onlyStore(bench, 'web');
    await bench.contextMenu(await backup(bench, 'web'), 'Restore…');
    process.kill(ssh.pid, 'SIGSTOP');
    try {
      await bench.pick('Restore to where?', 'where it came from');
      const looking = bench.notification('Looking at what is there on sftp://');
      await looking.getByRole('button', { name: 'Cancel' }).click();
      await looking.waitFor({ state: 'detached' });
    } finally {
      process.kill(ssh.pid, 'SIGCONT');
    }
    expect(await bench.row(/will be restored/).count()).toBe(0);
  });

  stage.stepInFrench('shows a plan in French, in the dark', async (bench) => {
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': 'Default Dark Modern' }));
    site.write('index.php', '<?php echo "newer";\n');
    fs.rmSync(path.join(site.root, 'www', 'img'), { recursive: true });
    await bench.openBackupViews('Sauvegarde');
    await bench.expand(bench.row(/^web$/, 'Instantanés'));
    const snapshot = bench.row(/complet$/, 'Instantanés');
    await bench.contextMenu(snapshot, 'Restaurer…');
    await bench.pick('Restaurer vers où ?', 'd’où il vient');
    await bench.row(/^www, 2 à créer, 1 à remplacer/).waitFor();
    await bench.shot('48 plan in French');
    await bench.command('Sauvegarde: Restaurer ce qui est coché…');
    await bench.page.locator('.monaco-dialog-box').filter({ hasText: 'Restaurer 2' }).waitFor();
    await bench.shot('49 question in French');
    await bench.page.keyboard.press('Escape');
  });
});
