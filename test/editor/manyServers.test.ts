/*
 * Many servers in a narrow side bar: what matters is to be read, those in trouble stand first, several are
 * backed up at once, and one more is added with a line.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const day = 86_400_000;

describe.each(editorVersions)('many servers in code-server %s', (version) => {
  const stage = new Stage(version);
  const settings = path.join(stage.workspace, '.vscode', 'settings.json');
  const names = Array.from({ length: 26 }, (_, index) => `shop-${26 - index}.example`);
  const folderOf = (name: string): string => path.join(stage.workspace, 'sites', name);
  let ssh: Openssh;
  let site: Site;

  beforeAll(async () => {
    site = new Site();
    site.settle();
    ssh = await startOpenssh({ chroot: site.root });
    const long = new Date(0);
    for (const name of names) {
      fs.mkdirSync(folderOf(name), { recursive: true });
      fs.writeFileSync(path.join(folderOf(name), 'index.html'), name);
      fs.utimesSync(path.join(folderOf(name), 'index.html'), long, long);
    }
    const servers = Object.fromEntries(
      names.map((name) => [name, { protocol: 'local', include: [folderOf(name)] }]),
    );
    stage.configuration = JSON.stringify({ servers }, null, 2);
    for (const [index, name] of names.entries()) {
      await makeSnapshot(stage, name, undefined, Date.now() - (index + 1) * day);
    }
    fs.rmSync(folderOf('shop-7.example'), { recursive: true });
    await stage.set();
    const home = path.join(stage.editor.folder, 'home', '.ssh');
    fs.mkdirSync(home);
    fs.writeFileSync(
      path.join(home, 'config'),
      `Host box *.example\n  HostName 127.0.0.1\n  Port ${ssh.port}\n  User ${ssh.account.name}\n`,
    );
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  const rows = ({ page }: Workbench) =>
    page.locator('.part.sidebar .pane').filter({ hasText: 'Servers' }).getByRole('treeitem');

  const namesShown = async (bench: Workbench): Promise<string[]> => {
    const labels = await rows(bench).locator('.label-name').allInnerTexts();
    return labels.map((label) => label.trim());
  };

  /** The words of rows that do not fit. On those that are selected or pointed at, a button takes their place. */
  const cutOff = ({ page }: Workbench): Promise<string[]> =>
    page.evaluate<string[]>(`
      [...document.querySelectorAll(
        '.part.sidebar .split-view-view:first-child .monaco-list-row:not(.selected):not(.focused):not(:hover) .monaco-icon-label-container')]
        .filter((box) => box.scrollWidth > box.clientWidth)
        .map((box) => box.textContent)`);

  stage.step('say how they stand within 250 pixels', async (bench) => {
    await bench.openBackupViews();
    await bench.narrowSideBar(250);
    await bench.row(/^shop-26\.example, backed up/, 'Servers').waitFor();
    expect(await namesShown(bench)).toContain('shop-26.example');
    await bench.shot('70 many servers');
    expect(await cutOff(bench)).toEqual([]);
  });

  stage.step('are backed up together where several are selected', async (bench) => {
    const chosen = ['shop-25', 'shop-22', 'shop-24'];
    for (const name of chosen) {
      await bench.row(new RegExp(`^${name}\\.`), 'Servers').click({ modifiers: ['Control'] });
    }
    await bench.contextMenu(bench.row(/^shop-24\./, 'Servers'), 'Back Up Now');
    const told = bench.notification('shop-25.example: 1 file backed up');
    await told.waitFor();
    for (const name of chosen) expect(await told.innerText()).toContain(name);
    for (const name of names) {
      const count = chosen.some((one) => name.startsWith(one)) ? 2 : 1;
      expect(stage.snapshotsOf(name), name).toHaveLength(count);
    }
    await bench.clearNotifications();
  });

  stage.step('stand first where something is wrong, or by name', async (bench) => {
    const failing = 'shop-7.example';
    await bench.command('Sauvegarde: Back Up All');
    const told = bench.notification('25 of 26 servers are backed up. Failed: shop-7.example.');
    await told.waitFor();
    await bench.row(/^shop-7\.example, failed/, 'Servers').waitFor();
    await expect.poll(async () => (await namesShown(bench))[0]).toBe(failing);
    expect((await namesShown(bench))[1]).toBe(names[0]);
    // What is wrong stands in front: at most the date of the last good backup is cut off.
    const cut = await cutOff(bench);
    expect(cut.filter((text) => !text.startsWith(`${failing}failed`))).toEqual([]);
    await bench.shot('71 in trouble first');
    await bench.command('Sauvegarde: Sort Servers by Name');
    await expect.poll(async () => (await namesShown(bench))[0]).toBe('shop-1.example');
    expect((await namesShown(bench))[1]).toBe('shop-2.example');
    await bench.command('Sauvegarde: Show Servers in Trouble First');
    await expect.poll(async () => (await namesShown(bench))[0]).toBe(failing);
    await bench.clearNotifications();
  });

  stage.step('one is added with one line, and only what is missing is asked for', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Add Server…', 'Step by step…');
    const question = await bench.question('Step by step…');
    await question.locator('input.input').fill('gopher://old.example');
    await question.getByText('This is no address of a server.').waitFor();
    await bench.shot('72 no address');
    const address = `sftp://${ssh.account.name}@127.0.0.1:${ssh.port}/www`;
    await question.locator('input.input').fill(address);
    await question.getByText(`SFTP · ${ssh.account.name}@127.0.0.1:${ssh.port} · /www`).waitFor();
    await bench.shot('73 an address');
    await bench.page.keyboard.press('Enter');
    await bench.write('A name for it', 'web');
    await bench.pick('How long are its snapshots kept?', 'Other…');
    await bench.write('The newest of so many days', 'lost 3');
    await bench.write('Accepted are last', 'last 3, daily 5');
    await bench.answer('Trust this host key', 'Trust');
    await bench.write('Password for sftp://', ssh.account.password);
    await bench.notification('web: the connection works').waitFor();
    await bench.press('web: the connection works', 'Back Up Now');
    await bench.notification('web: 4 files backed up').waitFor();
    expect(stage.server('web')).toEqual({
      protocol: 'sftp',
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.account.name,
      include: ['/www'],
      keep: { last: 3, daily: 5 },
      fingerprint: ssh.fingerprint(),
    });
    await bench.clearNotifications();
  });

  stage.step('or by its name in the ssh configuration, with the way back', async (bench) => {
    await bench.commandThatAsks('Sauvegarde: Add Server…', 'Step by step…');
    await bench.pick('Hosts of ~/.ssh/config', 'box');
    await bench.question('A name for it');
    await bench.shot('74 a host of the ssh configuration');
    await bench.back();
    await bench.pick('Hosts of ~/.ssh/config', 'box');
    await bench.write('A name for it', 'box');
    await bench.pick('How long are its snapshots kept?', 'Everything, for ever');
    await bench.answer('Trust this host key', 'Trust');
    await bench.write('Password for sftp://', ssh.account.password);
    await bench.notification('box: the connection works').waitFor();
    expect(stage.server('box')).toEqual({
      ...{ protocol: 'sftp', host: 'box', include: [] },
      fingerprint: ssh.fingerprint(),
    });
    await bench.clearNotifications();
  });

  stage.step('look right in the dark and in high contrast', async (bench) => {
    for (const theme of ['Default Dark Modern', 'Default High Contrast', 'Default Light Modern']) {
      fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
      const kind = /Contrast/.test(theme) ? 'hc-black' : /Dark/.test(theme) ? 'vs-dark' : 'vs';
      await bench.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await bench.shot(`75 many servers ${kind}`);
    }
  });

  stage.stepInFrench('say it in French', async (window) => {
    await window.openBackupViews('Sauvegarde');
    await window.narrowSideBar(250);
    await window.row(/^shop-7\.example, échec/, 'Serveurs').waitFor();
    await window.shot('76 many servers in French');
    await window.command('Sauvegarde: Ajouter un serveur…');
    await window.question('Pas à pas…');
    await window.shot('77 an address in French');
  });
});
