/*
 * The extension in the real editor, as a person uses it. One editor and one browser serve all steps of
 * a version, each going on where the one before it ended.
 *
 *   npx vitest run test/editor -t 4.100.3
 *
 * Pictures of each state are in `.cache/editor-artefacts/VERSION/`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { interruptionSteps } from './interruptionSteps';
import { scheduleSteps } from './scheduleSteps';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

describe.each(editorVersions)('in VS Code of code-server %s', (version) => {
  const stage = new Stage(version);
  const snapshots = (): string[] => stage.snapshotsOf('web');
  let ssh: Openssh;
  let site: Site;

  beforeAll(async () => {
    site = new Site();
    site.settle();
    ssh = await startOpenssh({ chroot: site.root });
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  const siteRow = async (bench: Workbench) => {
    await bench.expand(bench.row(/^web,/, 'Servers'));
    const row = bench.row(/^www,/, 'Servers');
    await row.waitFor();
    return row;
  };

  stage.step('says what to do in a folder without servers', async (bench) => {
    await bench.openBackupViews();
    await bench.page.getByRole('button', { name: 'Add Server…' }).first().waitFor();
    await bench.shot('01 no server');
  });

  stage.step('adds a server, with the way back, and shows the host key first', async (bench) => {
    await bench.command('Sauvegarde: Add Server…');
    await bench.pick(/^sftp:\/\/deploy/, 'Step by step…');
    await bench.pick('How is it reached?', 'SFTP');
    await bench.write('Host name or address', '127.0.0.1');
    await bench.question('Port. Leave it empty');
    await bench.shot('02 add server');
    await bench.back();
    await bench.write('Host name or address', '127.0.0.1');
    await bench.write('Port. Leave it empty', '99999');
    await bench.write('Accepted is a whole number', String(ssh.port));
    await bench.write('User name', ssh.account.name);
    await bench.pick('How do you log in?', 'Password');
    await bench.write(/^.*Password\. It is kept/s, 'wrong password');
    await bench.write('A name for it', 'web');
    await bench.question('How long are its snapshots kept?');
    await bench.shot('02b how long to keep');
    await bench.pick('How long are its snapshots kept?', 'Everything, for ever');
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: ssh.fingerprint() }).waitFor();
    await bench.shot('03 host key');
    await bench.answer('Trust this host key', 'Trust');
    await bench.question('The server refused it. Try again.');
    await bench.shot('04 wrong password');
    await bench.write('The server refused it', ssh.account.password);
    await bench.notification('web: the connection works').waitFor();
    expect(stage.server('web')).toEqual({
      protocol: 'sftp',
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.account.name,
      include: [],
      fingerprint: ssh.fingerprint(),
    });
  });

  stage.step('shows the folders of the server', async (bench) => {
    const row = await siteRow(bench);
    await bench.expand(row);
    await bench.row(/^index\.php,/).waitFor();
    await bench.shot('05 remote folders');
  });

  stage.step('includes by right-click, excludes by check box', async (bench) => {
    await bench.contextMenu(await siteRow(bench), 'Include in Backup');
    await expect.poll(() => stage.server('web')?.['include']).toEqual(['/www']);
    await bench.row(/^www, in the backup/).waitFor();
    await bench.expand(await siteRow(bench));
    const cache = bench.row(/^cache, in the backup/);
    await bench.checkBox(cache).click();
    await expect.poll(() => stage.server('web')?.['exclude']).toEqual(['/www/cache/']);
    await bench.row(/^www, partly/).waitFor();
    await bench.shot('06 included');
  });

  stage.step('backs up by a click in the status bar', async (bench) => {
    await bench.statusBarItem().locator('a').click();
    const done = bench.notification(/web: 3 files backed up/);
    await done.waitFor();
    await bench.shot('07 backed up');
    expect(snapshots()).toHaveLength(1);
    await bench.row(/complete/, 'Snapshots').waitFor();
    // One question at a time.
    expect(await bench.notification('Make the backups read-only').count()).toBe(0);
    await bench.dismiss(/web: 3 files backed up/);
    await bench.press('Make the backups read-only', 'Set');
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    await expect
      .poll(() =>
        fs.existsSync(settings) ? (parse(fs.readFileSync(settings, 'utf8')) as unknown) : 0,
      )
      .toEqual({
        'files.readonlyInclude': { 'backups/**': true },
        'files.watcherExclude': { 'backups/**': true },
        'search.exclude': { 'backups/**': true },
      });
  });

  stage.step('opens a file of a snapshot, and lets nobody change it', async (bench) => {
    await bench.clearNotifications();
    await bench.expand(bench.row(/complete/, 'Snapshots'));
    await bench.expand(bench.row(/^www,/, 'Snapshots'));
    const file = bench.row(/^index\.php, 28 B/, 'Snapshots');
    expect(await bench.openRow(file, 'first version')).toContain('echo "first version"');
    await bench.page.keyboard.press('Control+End');
    await bench.page.keyboard.type('x');
    await bench.shot('08 snapshot file');
    expect(await bench.editorText('first version')).not.toContain('x');
    // Else the rows of the next snapshot could not be told from those of this one.
    await bench.collapse(bench.row(/complete/, 'Snapshots'));
  });

  stage.step('backs up from the palette, and compares with the version before', async (bench) => {
    site.write('index.php', '<?php echo "second version";\n');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 3 files backed up .* 1 fetched/).waitFor();
    expect(snapshots()).toHaveLength(2);
    await bench.clearNotifications();
    await bench.closeEditors();
    const newest = bench.row(/\+0 ~1 −0/, 'Snapshots');
    await bench.expand(newest);
    await bench.expand(bench.row(/^www,/, 'Snapshots'));
    const row = bench.row(/^index\.php, 29 B/, 'Snapshots');
    await bench.contextMenu(row, 'Compare with Previous Version');
    await bench.editorText('first version');
    await bench.editorText('second version');
    await bench.shot('09 compared with previous');
    await bench.closeEditors();
  });

  stage.step('shows the history of a file', async (bench) => {
    await bench.contextMenu(bench.row(/^index\.php, 29 B/, 'Snapshots'), 'Show File History');
    await bench.question('/www/index.php: 2 versions');
    await bench.shot('10 history');
    await bench.pick('/www/index.php: 2 versions', 'first seen');
    await bench.editorText('first version');
    await bench.closeEditors();
  });

  stage.step('compares with the live server, a file and a whole snapshot', async (bench) => {
    site.write('index.php', '<?php echo "live version";\n');
    await bench.contextMenu(bench.row(/^index\.php, 29 B/, 'Snapshots'), 'Compare with Server');
    await bench.editorText('live version');
    await bench.editorText('second version');
    await bench.closeEditors();
    const newest = bench.row(/\+0 ~1 −0/, 'Snapshots');
    await bench.contextMenu(newest, 'Compare Snapshot with Server');
    const changed = bench.row(/^index\.php, changed, 29 B → 27 B/, 'Changes');
    await changed.waitFor();
    await bench.shot('11 compared with server');
    await bench.openRow(changed, 'live version');
    await bench.command('Sauvegarde: Close the Changes');
    await changed.waitFor({ state: 'detached' });
    await bench.closeEditors();
  });

  stage.step('opens a file of the server, and reports why one cannot be opened', async (bench) => {
    await bench.openRow(bench.row(/^index\.php, in the backup/, 'Servers'), 'live version');
    await bench.closeEditors();
  });

  stage.step('shows the report as a document', async (bench) => {
    await bench.contextMenu(bench.row(/\+0 ~1 −0/, 'Snapshots'), 'Show Report');
    const document = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await document.getByText('Complete: everything that was chosen').waitFor();
    await document.getByText('/www/index.php').waitFor();
    await bench.shot('12 report');
    await bench.closeEditors();
  });

  stage.step('marks what is wrong in the configuration', async (bench) => {
    const right = stage.configuration;
    stage.configuration = right.replace('"port"', '"prot"');
    await bench.page.getByText('The configuration file has faults').waitFor();
    await bench.command('Sauvegarde: Open Configuration');
    await bench.editorText('"prot"');
    await bench.command('Go to Next Problem (Error, Warning, Info)');
    await bench.page.getByText('Did you mean "port"?').first().waitFor();
    await bench.shot('13 faults');
    await bench.closeEditors();
    stage.configuration = right;
    await bench.row(/^web,/, 'Servers').waitFor();
  });

  interruptionSteps(stage, () => site);

  stage.step('refuses a host key that has changed', async (bench) => {
    const right = stage.configuration;
    const other = `SHA256:${'A'.repeat(43)}`;
    stage.configuration = right.replace(ssh.fingerprint(), other);
    await bench.command('Sauvegarde: Refresh');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification('The host key is not trusted').waitFor();
    await bench.shot('16 host key changed');
    expect(snapshots()).toHaveLength(5);
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Check the Identity…');
    await bench.answer('shows another identity than before', 'Cancel');
    expect(stage.server('web')?.['fingerprint']).toBe(other);
    // The tree says it too, where it happened, with what helps.
    await bench.expand(bench.row(/^web,/, 'Servers'));
    await bench.row(/^The host key is not trusted/, 'Servers').waitFor();
    await bench.collapse(bench.row(/^web,/, 'Servers'));
    stage.configuration = right;
  });

  stage.step('edits a server, and forgets a password', async (bench) => {
    const before = stage.server('web');
    await bench.command('Sauvegarde: Edit Server…');
    await bench.pick('How is it reached?', 'SFTP');
    await bench.write('Host name or address', '127.0.0.1');
    await bench.write('Port. Leave it empty', String(ssh.port));
    await bench.write('User name', ssh.account.name);
    await bench.pick('How do you log in?', 'SSH agent or default keys');
    await bench.notification('web: the connection works').waitFor();
    expect(stage.server('web')).toEqual(before);
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Forget Password');
    await bench.notification('The password of web is forgotten').waitFor();
    await bench.command('Sauvegarde: Test Connection');
    await bench.write('Password for sftp://', ssh.account.password);
    await bench.notification('web: the connection works').waitFor();
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Back Up All');
    await bench.notification(/web: 4 files backed up .* 0 fetched/).waitFor();
    await bench.clearNotifications();
  });

  stage.step('leads a new user by the hand', async (bench) => {
    await bench.command('Welcome: Open Walkthrough...');
    await bench.pick('', 'Back up your servers');
    await bench.page.getByText('Choose what to back up').first().waitFor();
    await bench.shot('17 walkthrough');
    await bench.closeEditors();
  });

  stage.step('imports servers, and says where a password still is', async (bench) => {
    const sftp = { name: 'old', host: '127.0.0.1', password: 'old secret', remotePath: '/x' };
    fs.writeFileSync(path.join(stage.workspace, '.vscode', 'sftp.json'), JSON.stringify(sftp));
    await bench.command('Sauvegarde: Import Servers…');
    await bench.question('Which servers are to be taken over?');
    await bench.page.keyboard.press('Enter');
    await bench.notification('still holds passwords in plain text').waitFor();
    expect(stage.server('old')).toEqual({
      protocol: 'sftp',
      host: '127.0.0.1',
      include: ['/x'],
    });
    await bench.contextMenu(bench.row(/^old,/, 'Servers'), 'Remove Server…');
    await bench.answer('Remove old from the configuration?', 'Remove');
    await expect.poll(() => stage.server('old')).toBe(undefined);
    await bench.clearNotifications();
  });

  stage.step('deletes a snapshot after a question', async (bench) => {
    await bench.contextMenu(bench.row(/\+0 ~1 −0/, 'Snapshots'), 'Delete Snapshot…');
    await bench.answer('Delete the snapshot of web', 'Delete');
    await expect.poll(() => snapshots().length).toBe(5);
  });

  scheduleSteps(stage);

  stage.step('writes no secret anywhere', () => {
    const secrets = [ssh.account.password, 'wrong password', 'old secret'];
    const places = [stage.workspace, `${stage.editor.folder}/data`, `${stage.editor.folder}/home`];
    for (const place of places) {
      for (const found of fs.readdirSync(place, { recursive: true, withFileTypes: true })) {
        if (!found.isFile() || found.name === 'sftp.json') continue;
        const content = fs.readFileSync(path.join(found.parentPath, found.name), 'latin1');
        for (const secret of secrets) {
          expect(content.includes(secret), `${found.parentPath}/${found.name}`).toBe(false);
        }
      }
    }
    return Promise.resolve();
  });
});
