/*
 * A workspace of several folders, each with its own configuration and stores. In two of them stands a
 * server of the same name: nothing of the one may become the other's.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { FolderOnDisk } from './folderOnDisk';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

/** As a workspace file names it. */
interface Folder {
  readonly path: string;
  readonly name?: string;
}

describe.each(editorVersions)('several folders in code-server %s', (version) => {
  const stage = new Stage(version);
  const shop = new FolderOnDisk(path.join(stage.workspace, 'shop'));
  const blog = new FolderOnDisk(path.join(stage.workspace, 'blog'));
  const notes = new FolderOnDisk(path.join(stage.workspace, 'notes'));
  const pages = path.join(stage.workspace, 'pages');
  const page = path.join(pages, 'index.php');
  const ofThePage = 'a page of the blog\n';
  const file = path.join(stage.workspace, 'site.code-workspace');
  let ssh: Openssh;
  let site: Site;

  const openFolders = (...folders: readonly Folder[]): void => {
    fs.writeFileSync(file, JSON.stringify({ folders }, null, 2));
  };

  /** Local, so that no password tells its server from the other of the name. */
  const ofBlog = (fields: Readonly<Record<string, unknown>> = {}) => ({
    web: { protocol: 'local', include: [pages], ...fields },
  });

  beforeAll(async () => {
    site = new Site();
    site.settle();
    ssh = await startOpenssh({ chroot: site.root });
    fs.mkdirSync(pages);
    fs.writeFileSync(page, ofThePage);
    fs.utimesSync(page, 1e9, 1e9);
    const { account, port } = ssh;
    const fingerprint = ssh.fingerprint();
    const place = { protocol: 'sftp', host: '127.0.0.1', port, username: account.name };
    shop.configure({ web: { ...place, fingerprint, include: ['/www'] } });
    blog.configure(ofBlog());
    openFolders({ path: 'shop' });
    await stage.set();
    stage.bench = await stage.open(file);
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  const folderRow = (bench: Workbench, name: string, view = 'Servers') =>
    bench.row(new RegExp(`^${name}\\b`), view);

  const allRows = ['1 shop', '2 web', '1 blog', '2 web', '1 notes'];

  const settingsOf = ({ place }: FolderOnDisk): unknown => {
    const settings = path.join(place, '.vscode', 'settings.json');
    return fs.existsSync(settings) ? JSON.parse(fs.readFileSync(settings, 'utf8')) : {};
  };

  /** The rows of a view from its top: level, and what a screen reader says. */
  const rowsOf = async (bench: Workbench, view: string): Promise<string[]> => {
    const pane = bench.page.locator('.part.sidebar .pane').filter({ hasText: view });
    return await pane.getByRole('treeitem').evaluateAll((rows) =>
      (rows as unknown as { getAttribute(name: string): string | null }[]).map((row) => {
        const [label = ''] = (row.getAttribute('aria-label') ?? '').split(',');
        return `${row.getAttribute('aria-level') ?? ''} ${label}`;
      }),
    );
  };

  /** The editor may miss a change of the file: then it is saved once more. */
  const changeFolders = async (
    bench: Workbench,
    folders: readonly Folder[],
    rows: readonly string[],
  ): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      openFolders(...folders);
      try {
        await expect.poll(() => rowsOf(bench, 'Servers'), { timeout: 20_000 }).toEqual(rows);
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  };

  stage.step('shows no level of folders where there is only one', async (bench) => {
    await bench.openBackupViews();
    await bench.row(/^web, never backed up/, 'Servers').waitFor();
    expect(await rowsOf(bench, 'Servers')).toEqual(['1 web']);
    await bench.command('Sauvegarde: Back Up Now');
    await bench.write('Password for sftp://', ssh.account.password);
    await bench.notification('web: 4 files backed up').waitFor();
    await bench.dismiss('web: 4 files backed up');
    await bench.press('Make the backups read-only', 'Do Not Ask Again');
  });

  stage.step('takes a folder that is added while the window is open', async (bench) => {
    await changeFolders(bench, [{ path: 'shop' }, { path: 'blog' }, { path: 'notes' }], allRows);
    await bench.row(/^notes, no server yet/, 'Servers').waitFor();
    await expect.poll(() => rowsOf(bench, 'Snapshots')).toContain('1 shop');
    await bench.shot('a0 folders');
  });

  stage.step('backs up servers of the same name, each into its own folder', async (bench) => {
    await bench.command('Sauvegarde: Back Up Now');
    await bench.question('Back up which server?');
    await bench.shot('a1 which server');
    await bench.pick('Back up which server?', 'blog/web');
    await bench.notification('blog/web: 1 file backed up').waitFor();
    expect(await blog.snapshotsOf('web')).toHaveLength(1);
    expect(await shop.snapshotsOf('web')).toHaveLength(1);
    await bench.dismiss('blog/web: 1 file backed up');
    // Asked for each folder once, and written into its own settings.
    await bench.press('Make the backups of blog read-only', 'Set');
    await expect
      .poll(() => settingsOf(blog))
      .toMatchObject({ 'files.readonlyInclude': { 'backups/**': true } });
    expect(settingsOf(shop)).toEqual({});
    // The password that was typed when there was one folder is found.
    await bench.command('Sauvegarde: Back Up All');
    const told = bench.notification('backed up');
    await told.waitFor();
    await bench.shot('a2 all backed up');
    const words = await told.innerText();
    expect(words).toContain('shop/web: 4 files backed up');
    expect(words).toContain('blog/web: 1 file backed up');
    expect(await blog.snapshotsOf('web')).toHaveLength(2);
    expect(await shop.snapshotsOf('web')).toHaveLength(2);
    for (const folder of [blog, shop]) {
      const [newest = ''] = await folder.snapshotsOf('web');
      expect(await folder.storeOf('web').header(newest)).toMatchObject({ server: 'web' });
    }
    await bench.clearNotifications();
  });

  stage.step('runs the schedule of one folder, and not of its namesake', async (bench) => {
    blog.configure(ofBlog({ schedule: '* * * * * *' }));
    await bench.command('Sauvegarde: Refresh');
    await expect.poll(async () => (await blog.snapshotsOf('web')).length).toBeGreaterThan(3);
    blog.configure(ofBlog());
    await bench.command('Sauvegarde: Refresh');
    expect(await shop.snapshotsOf('web')).toHaveLength(2);
    expect(await bench.page.locator('.notification-toast').count()).toBe(0);
  });

  stage.step('restores what a snapshot of a folder holds, to its own server', async (bench) => {
    fs.writeFileSync(page, 'spoilt by somebody\n');
    await bench.collapse(folderRow(bench, 'shop', 'Snapshots'));
    await bench.contextMenu(bench.row(/complete$/, 'Snapshots'), 'Restore…');
    await bench.question('Restore to where?');
    await bench.shot('a3 where to');
    await bench.pick('Restore to where?', 'blog/web');
    await bench.page.getByText('blog/web, ').first().waitFor();
    await bench.shot('a4 plan');
    await bench.command('Sauvegarde: Restore What Is Ticked…');
    await bench.answer('Restore 1 file to local://', 'Restore 1 File');
    await bench.notification('1 entry restored').waitFor();
    expect(fs.readFileSync(page, 'utf8')).toBe(ofThePage);
    const { pins } = blog.storeOf('web');
    const [safety = ''] = await blog.snapshotsOf('web');
    expect(pins.of(safety)).toBe('before-restore');
    expect(await shop.snapshotsOf('web')).toHaveLength(2);
    await bench.press('1 entry restored', 'Show Report');
    const document = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await document.getByText('Complete: everything that was chosen is restored').waitFor();
    await bench.shot('a5 report of a restore');
    await bench.closeEditors();
    await bench.clearNotifications();
  });

  stage.step('leads from the report of a run to the changes of its folder', async (bench) => {
    await bench.command('Sauvegarde: Show Report');
    await bench.pick('Show the report of which server?', 'shop/web');
    const report = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await report.getByText(`sftp://${ssh.account.name}@127.0.0.1:${ssh.port}`).first().waitFor();
    await report.getByText(shop.place, { exact: true }).waitFor();
    await bench.shot('a6 report');
    await bench.closeEditors();
    await bench.command('Sauvegarde: Compare Snapshot with Previous');
    await bench.pick('Compare which snapshot?', 'shop/web');
    await bench.pick('Compare which snapshot?', 'complete');
    await bench.notification('shop/web').waitFor();
    await bench.clearNotifications();
  });

  stage.step('goes on with the others where one configuration has faults', async (bench) => {
    const right = blog.configuration;
    blog.write('{ "servers": { "web": { "protocol": "gopher", "include": [] } } }');
    await bench.command('Sauvegarde: Refresh');
    await bench.row(/^blog, the configuration has faults/, 'Servers').waitFor();
    await bench.row(/servers\.web\.protocol is "gopher"/, 'Servers').waitFor();
    await expect.poll(() => rowsOf(bench, 'Servers')).toContain('2 web');
    await bench.command('Problems: Focus on Problems View');
    const problem = bench.page.locator('.markers-panel').getByText('servers.web.protocol is');
    await problem.first().waitFor();
    await bench.shot('a7 faults in one folder');
    await bench.command('View: Toggle Panel Visibility');
    await bench.command('Sauvegarde: Back Up All');
    await bench.notification('shop/web: 4 files backed up').waitFor();
    expect(await shop.snapshotsOf('web')).toHaveLength(3);
    await bench.clearNotifications();
    // It leads to the file that has them.
    await bench.statusBarItem().locator('a').click();
    await bench.editorText('gopher');
    await bench.closeEditors();
    blog.write(right);
    await bench.command('Sauvegarde: Refresh');
    await expect.poll(() => rowsOf(bench, 'Servers')).toEqual(allRows);
  });

  stage.step('asks in which folder a server is to be added', async (bench) => {
    await bench.command('Sauvegarde: Add Server…');
    await bench.question('Add a server to which folder?');
    await bench.shot('a8 which folder');
    await bench.pick('Add a server to which folder?', 'notes');
    await bench.question('Add Server to notes');
    await bench.write(/^sftp:\/\/deploy/, pages);
    await bench.write('A name for it', 'web');
    await bench.pick('How long are its snapshots kept?', 'Everything, for ever');
    await bench.press('notes/web: the connection works', 'Back Up Now');
    await bench.notification('notes/web: 1 file backed up').waitFor();
    expect(await notes.snapshotsOf('web')).toHaveLength(1);
    await bench.dismiss('notes/web: 1 file backed up');
    await bench.press('Make the backups of notes read-only', 'Do Not Ask Again');
    // It was not to be opened before.
    await expect.poll(() => rowsOf(bench, 'Servers')).toEqual([...allRows, '2 web']);
    await bench.contextMenu(folderRow(bench, 'notes'), 'Open Configuration');
    await bench.editorText(/"web"/);
    await bench.closeEditors();
  });

  stage.step('refuses to keep the backups of namesakes in one folder', async (bench) => {
    const elsewhere = path.join(stage.workspace, 'elsewhere');
    const machine = path.join(stage.editor.folder, 'data', 'Machine', 'settings.json');
    const keepIn = (place: string): void => {
      fs.mkdirSync(path.dirname(machine), { recursive: true });
      fs.writeFileSync(machine, JSON.stringify({ 'sauvegarde.destination': place }));
    };
    keepIn(elsewhere);
    await bench.row(/^web, failed/, 'Servers').waitFor();
    await bench.command('Sauvegarde: Back Up Now');
    await bench.pick('Back up which server?', 'shop/web');
    await bench.notification('would be kept in one and the same folder').waitFor();
    await bench.shot('a9 one store for two');
    expect(fs.existsSync(elsewhere)).toBe(false);
    await bench.clearNotifications();
    keepIn(path.join(elsewhere, '${workspaceFolderBasename}'));
    await bench.row(/^web, never backed up/, 'Servers').waitFor();
    await bench.command('Sauvegarde: Back Up All');
    await bench.notification('blog/web: 1 file backed up').waitFor();
    expect(fs.readdirSync(elsewhere).sort()).toEqual(['blog', 'notes', 'shop']);
    fs.rmSync(machine);
    await bench.row(/^web, backed up/, 'Servers').waitFor();
    await bench.clearNotifications();
  });

  stage.step('shows the servers of all folders on one page', async (bench) => {
    await bench.command('Sauvegarde: Show Overview');
    const overview = bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    const names = overview.getByRole('region').getByRole('heading', { level: 2 });
    await expect
      .poll(async () => (await names.allInnerTexts()).sort())
      .toEqual(['blog/web', 'notes/web', 'shop/web']);
    await bench.shot('b0 overview');
    await bench.closeEditors();
  });

  stage.step('tells folders of the same name apart, in another order', async (bench) => {
    const folders = [
      { path: 'blog', name: 'site' },
      { path: 'shop', name: 'site' },
    ];
    await changeFolders(bench, folders, ['1 site (blog)', '2 web', '1 site (shop)', '2 web']);
    await bench.shot('b3 folders of the same name');
    const before = await shop.snapshotsOf('web');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.pick('Back up which server?', 'site (shop)/web');
    await bench.notification('site (shop)/web: 4 files backed up').waitFor();
    expect(await shop.snapshotsOf('web')).toHaveLength(before.length + 1);
    await bench.clearNotifications();
  });

  stage.step('goes back to no level when only one folder is left', async (bench) => {
    await changeFolders(bench, [{ path: 'blog' }], ['1 web']);
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/(?<!\/)web: 1 file backed up/).waitFor();
  });

  // The last one: when a second window on a workspace file is closed, the first misses what becomes of the file.
  stage.step('looks right in dark and in high contrast', async (bench) => {
    const settings = { folders: [{ path: 'shop' }, { path: 'blog' }, { path: 'notes' }] };
    const light = 'Default Light Modern';
    for (const theme of ['Default Dark Modern', 'Default High Contrast', light]) {
      const text = JSON.stringify({ ...settings, settings: { 'workbench.colorTheme': theme } });
      fs.writeFileSync(file, text);
      const kind = { [light]: 'vs', 'Default Dark Modern': 'vs-dark' }[theme] ?? 'hc-black';
      await bench.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await expect.poll(() => rowsOf(bench, 'Servers')).toEqual([...allRows, '2 web']);
      await bench.shot(`b1 folders in ${kind}`);
    }
  });

  stage.stepInFrench(
    'says it in French',
    async (window) => {
      blog.write('{ "servers": { "web": { "protocol": "gopher" } } }');
      await window.openBackupViews('Sauvegarde');
      await window.row(/^blog, la configuration contient des erreurs/).waitFor();
      await window.shot('b2 folders in French');
    },
    file,
  );
});
