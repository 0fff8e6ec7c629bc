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
    const cache = bench.row(/^cache,/);
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
});
