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
import { tmpdir } from 'node:os';
import { parse } from 'jsonc-parser';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { EditorServer } from './editorServer';
import { Site } from './site';
import { openBrowser, Workbench } from './workbench';

interface Configured {
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe.each(editorVersions)('in VS Code of code-server %s', (version) => {
  let editor: EditorServer;
  let browser: BrowserContext;
  let bench: Workbench;
  let ssh: Openssh;
  let site: Site;
  const workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-workspace-'));
  const file = path.join(workspace, '.vscode', 'sauvegarde.json');
  const configured = (): Configured => parse(fs.readFileSync(file, 'utf8')) as Configured;
  const store = path.join(workspace, 'backups', 'web');
  const snapshots = (): string[] => {
    const folder = path.join(store, '.sauvegarde', 'snapshots');
    return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  };

  const lastReport = (): { receivedBytes: number } => {
    const runs = path.join(store, '.sauvegarde', 'runs');
    const reports = fs.readdirSync(runs).filter((name) => name.endsWith('.json'));
    const text = fs.readFileSync(path.join(runs, reports.sort().at(-1) ?? ''), 'utf8');
    return JSON.parse(text) as { receivedBytes: number };
  };

  beforeAll(async () => {
    site = new Site();
    ssh = await startOpenssh({ chroot: site.root });
    site.settle();
    editor = await EditorServer.start({ version });
    browser = await openBrowser(path.join(editor.folder, 'profile'));
    bench = await Workbench.open(browser, editor, workspace, version);
  }, 300_000);

  afterAll(async () => {
    await browser.close();
    await editor[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
    fs.rmSync(workspace, { recursive: true, force: true });
  });

  /** A step of the story: what it shows is kept as a picture, also if it fails. */
  const step = (name: string, action: () => Promise<void>): void => {
    it(name, async () => {
      onTestFailed(async () => {
        await bench.shot(`failed ${name}`);
        console.error(`The window: .cache/editor-artefacts/${version}/failed ${name}.png`);
        console.error(editor.log().slice(-3000));
      });
      await action();
    });
  };

  const siteRow = async () => {
    await bench.expand(bench.row(/^web,/, 'Servers'));
    const row = bench.row(/^www,/, 'Servers');
    await row.waitFor();
    return row;
  };

  step('says what to do in a folder without servers', async () => {
    await bench.openBackupViews();
    await bench.page.getByRole('button', { name: 'Add Server…' }).first().waitFor();
    await bench.shot('01 no server');
  });

  step('adds a server, with the way back, and shows the host key first', async () => {
    await bench.command('Sauvegarde: Add Server…');
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
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: ssh.fingerprint() }).waitFor();
    await bench.shot('03 host key');
    await bench.answer('Trust this host key', 'Trust');
    await bench.question('The server refused it. Try again.');
    await bench.shot('04 wrong password');
    await bench.write('The server refused it', ssh.account.password);
    await bench.notification('web: the connection works').waitFor();
    expect(configured().servers['web']).toEqual({
      protocol: 'sftp',
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.account.name,
      include: [],
      fingerprint: ssh.fingerprint(),
    });
  });

  step('shows the folders of the server', async () => {
    const row = await siteRow();
    await bench.expand(row);
    await bench.row(/^index\.php,/).waitFor();
    await bench.shot('05 remote folders');
  });

  step('includes by right-click, excludes by check box', async () => {
    await bench.contextMenu(await siteRow(), 'Include in Backup');
    await expect.poll(() => configured().servers['web']?.['include']).toEqual(['/www']);
    await bench.row(/^www, in the backup/).waitFor();
    await bench.expand(await siteRow());
    const cache = bench.row(/^cache, in the backup/);
    await bench.checkBox(cache).click();
    await expect.poll(() => configured().servers['web']?.['exclude']).toEqual(['/www/cache/']);
    await bench.row(/^www, partly/).waitFor();
    await bench.shot('06 included');
  });

  step('backs up by a click in the status bar', async () => {
    await bench.statusBarItem().locator('a').click();
    const done = bench.notification(/web: 3 files backed up/);
    await done.waitFor();
    await bench.shot('07 backed up');
    expect(snapshots()).toHaveLength(1);
    await bench.row(/complete/, 'Snapshots').waitFor();
  });

  step('opens a file of a snapshot, and lets nobody change it', async () => {
    await bench.clearNotifications();
    await bench.expand(bench.row(/complete/, 'Snapshots'));
    await bench.expand(bench.row(/^www,/, 'Snapshots'));
    await bench.row(/^index\.php, 28 B/, 'Snapshots').click();
    expect(await bench.editorText('first version')).toContain('echo "first version"');
    await bench.page.keyboard.press('Control+End');
    await bench.page.keyboard.type('x');
    await bench.shot('08 snapshot file');
    expect(await bench.editorText('first version')).not.toContain('x');
    // Else the rows of the next snapshot could not be told from those of this one.
    await bench.collapse(bench.row(/complete/, 'Snapshots'));
  });

  step('backs up from the palette, and compares with the version before', async () => {
    site.write('index.php', '<?php echo "second version";\n');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 3 files backed up .* 1 of them fetched/).waitFor();
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

  step('shows the history of a file', async () => {
    await bench.contextMenu(bench.row(/^index\.php, 29 B/, 'Snapshots'), 'Show File History');
    await bench.question('/www/index.php: 2 versions');
    await bench.shot('10 history');
    await bench.pick('/www/index.php: 2 versions', 'first seen');
    await bench.editorText('first version');
    await bench.closeEditors();
  });

  step('compares with the live server, a file and a whole snapshot', async () => {
    site.write('index.php', '<?php echo "live version";\n');
    await bench.contextMenu(bench.row(/^index\.php, 29 B/, 'Snapshots'), 'Compare with Server');
    await bench.editorText('live version');
    await bench.editorText('second version');
    await bench.closeEditors();
    const newest = bench.row(/\+0 ~1 −0/, 'Snapshots');
    await bench.contextMenu(newest, 'Compare Snapshot with Server');
    await bench.question('1 differences');
    await bench.shot('11 compared with server');
    await bench.pick('1 differences', '/www/index.php');
    await bench.editorText('live version');
    await bench.closeEditors();
  });

  step('opens a file of the server, and reports why one cannot be opened', async () => {
    await bench.row(/^index\.php, in the backup/, 'Servers').click();
    await bench.editorText('live version');
    await bench.closeEditors();
  });

  step('shows the report as a document', async () => {
    await bench.contextMenu(bench.row(/\+0 ~1 −0/, 'Snapshots'), 'Show Report');
    const document = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await document.getByText('Complete: everything that was chosen').waitFor();
    await document.getByText('/www/index.php').waitFor();
    await bench.shot('12 report');
    await bench.closeEditors();
  });

  step('marks what is wrong in the configuration', async () => {
    const right = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, right.replace('"port"', '"prot"'));
    await bench.page.getByText('The configuration file has faults').waitFor();
    await bench.command('Sauvegarde: Open Configuration');
    await bench.editorText('"prot"');
    await bench.command('Go to Next Problem (Error, Warning, Info)');
    await bench.page.getByText('Did you mean "port"?').first().waitFor();
    await bench.shot('13 faults');
    await bench.closeEditors();
    fs.writeFileSync(file, right);
    await bench.row(/^web,/, 'Servers').waitFor();
  });

  step('cancels a run, and the next one goes on', async () => {
    site.write('big.bin', Buffer.alloc(3_000_000, 7));
    site.settle();
    const right = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, right.replace('"port"', '"bandwidth": "500kB/s",\n      "port"'));
    await expect.poll(() => bench.statusText()).toContain('Backup');
    await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Back Up Now');
    const progress = bench.notification(/Backing up web.*files/s);
    await progress.waitFor();
    await expect.poll(() => bench.statusText(), { timeout: 20_000 }).toMatch(/web \d+ %/);
    await bench.shot('14 running');
    await bench.statusBarItem().locator('a').click();
    await bench.answer('Cancel the backup of web?', 'Cancel the Backup');
    await expect.poll(() => bench.statusText()).toMatch(/Backup/);
    expect(snapshots()).toHaveLength(2);
    fs.writeFileSync(file, right);
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 4 files backed up/).waitFor();
    expect(snapshots()).toHaveLength(3);
    const { receivedBytes } = lastReport();
    expect(receivedBytes).toBeLessThan(3_000_000);
    await bench.clearNotifications();
  });

  step('after the extension host was killed there are only whole snapshots', async () => {
    site.write('big.bin', Buffer.alloc(3_000_000, 8));
    site.settle();
    const right = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, right.replace('"port"', '"bandwidth": "500kB/s",\n      "port"'));
    await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Back Up Now');
    await expect.poll(() => bench.statusText()).toMatch(/web \d+ %/);
    for (const pid of editor.extensionHosts()) process.kill(pid, 'SIGKILL');
    expect(snapshots()).toHaveLength(3);
    fs.writeFileSync(file, right);
    await bench.reload();
    await bench.openBackupViews();
    // The password was kept over the reload: nothing is asked.
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 4 files backed up/).waitFor();
    expect(snapshots()).toHaveLength(4);
    await bench.clearNotifications();
  });

  step('two windows do not run one store at once', async () => {
    site.write('big.bin', Buffer.alloc(3_000_000, 9));
    site.settle();
    const right = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, right.replace('"port"', '"bandwidth": "500kB/s",\n      "port"'));
    const other = await Workbench.open(browser, editor, workspace, version);
    await other.openBackupViews();
    await bench.page.bringToFront();
    await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Back Up Now');
    await expect.poll(() => bench.statusText()).toMatch(/web \d+ %/);
    await other.page.bringToFront();
    await other.command('Sauvegarde: Back Up Now');
    await other.notification('A backup of this server is under way').waitFor();
    await other.shot('15 locked');
    await other.page.close();
    await bench.page.bringToFront();
    await bench.notification(/web: 4 files backed up/).waitFor();
    expect(snapshots()).toHaveLength(5);
    fs.writeFileSync(file, right);
    await bench.clearNotifications();
  });

  step('refuses a host key that has changed', async () => {
    const right = fs.readFileSync(file, 'utf8');
    const other = `SHA256:${'A'.repeat(43)}`;
    fs.writeFileSync(file, right.replace(ssh.fingerprint(), other));
    await bench.command('Sauvegarde: Refresh');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification('The host key is not trusted').waitFor();
    await bench.shot('16 host key changed');
    expect(snapshots()).toHaveLength(5);
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Check the Identity…');
    await bench.answer('shows another identity than before', 'Cancel');
    expect(configured().servers['web']?.['fingerprint']).toBe(other);
    fs.writeFileSync(file, right);
  });

  step('imports servers, and says where a password still is', async () => {
    const sftp = { name: 'old', host: '127.0.0.1', password: 'old secret', remotePath: '/x' };
    fs.writeFileSync(path.join(workspace, '.vscode', 'sftp.json'), JSON.stringify(sftp));
    await bench.command('Sauvegarde: Import Servers…');
    await bench.question('Which servers are to be taken over?');
    await bench.page.keyboard.press('Enter');
    await bench.notification('still holds passwords in plain text').waitFor();
    expect(configured().servers['old']).toEqual({
      protocol: 'sftp',
      host: '127.0.0.1',
      include: ['/x'],
    });
    await bench.contextMenu(bench.row(/^old,/, 'Servers'), 'Remove Server…');
    await bench.answer('Remove old from the configuration?', 'Remove');
    await expect.poll(() => Object.keys(configured().servers)).toEqual(['web']);
    await bench.clearNotifications();
  });

  step('deletes a snapshot after a question', async () => {
    await bench.contextMenu(bench.row(/\+0 ~1 −0/, 'Snapshots'), 'Delete Snapshot…');
    await bench.answer('Delete the snapshot of web', 'Delete');
    await expect.poll(() => snapshots().length).toBe(4);
  });

  step('writes no secret anywhere', () => {
    const secrets = [ssh.account.password, 'wrong password', 'old secret'];
    const places = [workspace, path.join(editor.folder, 'data'), path.join(editor.folder, 'home')];
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
