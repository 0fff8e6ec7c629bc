/*
 * The extension where things are not as usual: no folder, a workspace that is not trusted, another
 * language, another theme, a self-signed certificate, a very large folder, a disk that tells of no change.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { account } from '../servers/account';
import { startRsyncd } from '../servers/rsyncd';
import { startVsftpd } from '../servers/vsftpd';
import { editorVersions } from './editors';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

function millisecondsOfNode(): number {
  const started = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return Math.round(performance.now() - started);
}

describe.each(editorVersions)('around code-server %s', (version) => {
  const stage = new Stage(version);
  /** Older editors ask for trust; newer ones start without it, and say so in a banner. */
  const asksForTrust = version.startsWith('4.100.');
  let ftps: RunningFtpServer;
  let listener: net.Server;
  let site: Site;
  let connections = 0;

  beforeAll(async () => {
    site = new Site();
    ftps = await startVsftpd({ tls: 'explicit', root: path.join(site.root, 'www') });
    listener = net.createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as net.AddressInfo;
    const place = { protocol: 'ftp', host: '127.0.0.1', port, include: ['/'], username: 'u' };
    // Due at once, as it was never backed up.
    const stranger = { ...place, schedule: '0 0 29 2 *' };
    stage.configuration = JSON.stringify({ servers: { stranger } }, null, 2);
    // Nor does the editor hear of changes of the file, as on some network drives.
    const settings = { 'files.watcherExclude': { '**/.vscode/**': true } };
    await stage.set({ asksForTrust: true, settings });
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ftps[Symbol.asyncDispose]();
    await new Promise((resolve) => listener.close(resolve));
    site[Symbol.dispose]();
  });

  const answerTrust = async (bench: Workbench, answer: string): Promise<void> => {
    if (asksForTrust) await bench.answer('trust the authors', answer);
  };

  const trust = async (bench: Workbench): Promise<void> => {
    await bench.command('Workspaces: Manage Workspace Trust');
    await bench.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    await bench.closeEditors();
  };

  stage.step('connects to nothing in a workspace that is not trusted', async (bench) => {
    await answerTrust(bench, "No, I don't trust the authors");
    await bench.openBackupViews();
    await bench.expand(bench.row(/^stranger,/, 'Servers'));
    await bench.row(/^Restricted Mode: not connected/, 'Servers').waitFor();
    await bench.shot('20 restricted');
    expect(await bench.commandsFor('Sauvegarde: ')).not.toEqual(
      expect.arrayContaining([expect.stringContaining('Back Up')]),
    );
    await bench.statusBarItem().locator('a').click();
    await bench.notification('This workspace is not trusted yet').waitFor();
    await bench.command('Sauvegarde: Refresh');
    expect(connections).toBe(0);
  });

  stage.step('is started in less than 200 ms, or five bare starts of Node', async (bench) => {
    await bench.clearNotifications();
    // The shortest of three cold starts: another process may take a core from any single one. On a quiet
    // machine Node starts in 40 ms; a slow or busy one is given as much more as Node takes there.
    const times: number[] = [];
    let bound = 200;
    for (let start = 1; start <= 3 && !times.some((time) => time < bound); start += 1) {
      if (start > 1) await bench.reload();
      bound = Math.max(bound, 5 * millisecondsOfNode());
      await bench.command('Developer: Show Running Extensions');
      const list = bench.page.locator('.runtime-extensions-editor .monaco-list-row');
      const row = list.filter({ hasText: /Sauvegarde.*\d+ms/s }).first();
      await row.waitFor();
      times.push(Number(/(\d+)ms/.exec(await row.innerText())?.[1]));
    }
    console.log(`Activation in ${version}: ${times.join(', ')} ms, bound ${bound} ms`);
    expect(Math.min(...times)).toBeLessThan(bound);
    await bench.closeEditors();
  });

  stage.step('shows the servers once the workspace is trusted', async (bench) => {
    await trust(bench);
    await bench.openBackupViews();
    await bench.command('Sauvegarde: Refresh');
    await expect.poll(() => connections).toBeGreaterThan(0);
  });

  stage.step('pins a certificate that nobody has vouched for', async (bench) => {
    stage.configuration = JSON.stringify({ servers: {} }, null, 2);
    await bench.page.getByRole('button', { name: 'Add Server…' }).first().waitFor();
    // The failure of a server that is gone counts no more.
    await bench.page.getByRole('tab', { name: 'Backup', exact: true }).waitFor();
    await bench.command('Sauvegarde: Add Server…');
    await bench.pick(/^sftp:\/\/deploy/, 'Step by step…');
    await bench.pick('How is it reached?', 'FTP with encryption');
    await bench.write('Host name or address', ftps.host);
    await bench.write('Port. Leave it empty', String(ftps.port));
    await bench.write('User name', account().name);
    await bench.write(/^.*Password\. It is kept/s, account().password);
    await bench.write('A name for it', 'shop');
    await bench.question('How long are its snapshots kept?');
    await bench.page.keyboard.press('Enter');
    await bench.page.locator('.monaco-dialog-box').filter({ hasText: 'Issuer:' }).waitFor();
    await bench.shot('21 certificate');
    const shown = await bench.answer('Trust this certificate', 'Trust');
    expect(shown).toContain(ftps.fingerprint);
    await bench.notification('shop: the connection works').waitFor();
    expect(stage.server('shop')?.['fingerprint']).toBe(ftps.fingerprint);
    expect(stage.server('shop')?.['keep']).toEqual({ last: 3, daily: 7, weekly: 4, monthly: 12 });
    await bench.clearNotifications();
    await bench.expand(bench.row(/^shop,/, 'Servers'));
    await bench.checkBox(bench.row(/^css, not/, 'Servers')).click();
    await bench.row(/^css, in the backup/, 'Servers').waitFor();
    await bench.contextMenu(bench.row(/^css,/, 'Servers'), 'Back Up Now');
    await bench.notification(/shop: 1 file backed up/).waitFor();
    await bench.clearNotifications();
  });

  stage.step('shows the modules of an rsync daemon as folders', async (bench) => {
    await using daemon = await startRsyncd({ modules: { pages: path.join(site.root, 'www') } });
    const right = stage.configuration;
    const { servers } = JSON.parse(right) as { servers: object };
    const rsync = { protocol: 'rsync', via: 'daemon', host: '127.0.0.1', port: daemon.port };
    const nas = { ...rsync, include: [] };
    stage.configuration = JSON.stringify({ servers: { ...servers, nas } }, null, 2);
    await bench.command('Sauvegarde: Refresh');
    await bench.expand(bench.row(/^nas,/, 'Servers'));
    await bench.contextMenu(bench.row(/^pages, not in the backup/, 'Servers'), 'Include in Backup');
    await expect.poll(() => stage.server('nas')?.['include']).toEqual(['/pages']);
    await bench.contextMenu(bench.row(/^nas,/, 'Servers'), 'Back Up Now');
    await bench.notification(/nas: \d+ files backed up/).waitFor();
    await bench.clearNotifications();
    stage.configuration = right;
    await bench.command('Sauvegarde: Refresh');
    await bench.row(/^nas,/, 'Servers').waitFor({ state: 'detached' });
  });

  stage.step('shows a folder with ten thousand files', async (bench) => {
    for (let index = 0; index < 10_000; index += 1) {
      site.write(`many/${String(index).padStart(5, '0')}.txt`, 'x');
    }
    await bench.contextMenu(bench.row(/^shop,/, 'Servers'), 'Refresh');
    const folder = bench.row(/^many,/, 'Servers');
    await folder.waitFor();
    const begun = performance.now();
    await bench.expand(folder);
    await bench.row(/^00000\.txt,/, 'Servers').waitFor();
    console.log(`10,000 files in ${version}: ${Math.round(performance.now() - begun)} ms`);
    await bench.row(/^00000\.txt,/, 'Servers').focus();
    await bench.page.keyboard.press('End');
    await bench.row(/^index\.php,/, 'Servers').waitFor();
    await bench.page.keyboard.press('ArrowUp');
    await bench.row(/^09999\.txt,/, 'Servers').waitFor();
    await bench.shot('22 large folder');
    await bench.checkBox(bench.row(/^09999\.txt,/, 'Servers')).click();
    await bench.row(/^09999\.txt, in the backup/, 'Servers').waitFor();
    await bench.row(/^09999\.txt,/, 'Servers').focus();
    await bench.page.keyboard.press('Home');
    await bench.collapse(bench.row(/^many,/, 'Servers'));
  });

  stage.step('stays responsive with two hundred servers', async (bench) => {
    const right = stage.configuration;
    const { servers } = JSON.parse(right) as { servers: object };
    const more = Array.from({ length: 200 }, (_, index): [string, object] => [
      `site-${String(index).padStart(3, '0')}`,
      { protocol: 'local', include: [], schedule: '0 7 * * *' },
    ]);
    const begun = performance.now();
    stage.configuration = JSON.stringify({ servers: { ...servers, ...Object.fromEntries(more) } });
    await bench.command('Sauvegarde: Refresh');
    await bench.row(/^site-000,.*07:00/, 'Servers').waitFor();
    await bench.row(/^site-000,/, 'Servers').focus();
    await bench.page.keyboard.press('End');
    await bench.row(/^site-199,.*07:00/, 'Servers').waitFor();
    await bench.commandThatAsks('Sauvegarde: Back Up Now', 'Back up which server?');
    console.log(`200 servers in ${version}: ${Math.round(performance.now() - begun)} ms`);
    await bench.page.keyboard.press('Escape');
    await bench.page.keyboard.press('Home');
    stage.configuration = right;
    await bench.command('Sauvegarde: Refresh');
    await bench.row(/^site-000,/, 'Servers').waitFor({ state: 'detached' });
  });

  stage.step('looks right in a dark and in a high-contrast theme', async (bench) => {
    await bench.expand(bench.row(/complete/, 'Snapshots'));
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    for (const [theme, kind] of [
      ['Default Dark Modern', 'vs-dark'],
      ['Default High Contrast', 'hc-black'],
    ] as const) {
      fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': theme }));
      await bench.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await bench.shot(`23 ${kind}`);
    }
    fs.rmSync(settings);
  });

  stage.stepInFrench('speaks French', async (bench) => {
    if (asksForTrust) await answerTrust(bench, 'Yes, I trust the authors');
    else await trust(bench);
    await bench.openBackupViews('Sauvegarde');
    await bench.row(/^shop, sauvegardé/, 'Serveurs').waitFor();
    await expect.poll(() => bench.statusText()).toContain('Sauvegarde');
    await bench.command('Sauvegarde: Ajouter un serveur…');
    await bench.pick(/^sftp:\/\/deploy/, 'Pas à pas…');
    await bench.question('Comment y accéder ?');
    await bench.shot('24 french');
    await bench.page.keyboard.press('Escape');
  });

  stage.step('says what to do where no folder is open', async () => {
    const bench = (stage.bench = await stage.open(''));
    await bench.openBackupViews();
    await bench.page.getByText('Open a folder first: backups are kept in it.').waitFor();
    await bench.shot('25 no folder');
  });
});
