/*
 * What is asked before something is done that a configuration file, perhaps a stranger's, wants; and a
 * setting that no configuration file can make.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { account } from '../servers/account';
import { makeCertificates, type Certificates } from '../servers/certificates';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { startVsftpd } from '../servers/vsftpd';
import { editorVersions } from './editors';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const { name: username, password } = account();

describe.each(editorVersions)('asked in code-server %s', (version) => {
  const stage = new Stage(version);
  /** A file system of its own, as another disk is. */
  const otherDisk = fs.mkdtempSync('/dev/shm/sauvegarde-destination-');
  let certificates: Certificates;
  let ftps: RunningFtpServer;
  let ssh: Openssh;
  let site: Site;

  const server = (name: string, fields: object): void => {
    const { servers } = JSON.parse(stage.configuration) as { servers: object };
    stage.configuration = JSON.stringify({ servers: { ...servers, [name]: fields } }, null, 2);
  };

  beforeAll(async () => {
    site = new Site();
    certificates = makeCertificates({ names: 'DNS:*.hoster.example,DNS:hoster.example' });
    const root = path.join(site.root, 'www');
    ftps = await startVsftpd({ tls: 'explicit', root, certificates });
    ssh = await startOpenssh();
    const { port } = ssh;
    const privateKey = ssh.writeKey();
    stage.configuration = JSON.stringify({ servers: {} });
    server('web', {
      ...{ protocol: 'sftp', host: '127.0.0.1', port, username, privateKey },
      ...{ fingerprint: ssh.fingerprint(), include: [`${root}/css`] },
      before: `echo before >> ${site.root}/ran; echo "\u202edone"`,
    });
    fs.writeFileSync(path.join(site.root, 'ran'), '', { mode: 0o666 });
    fs.chmodSync(path.join(site.root, 'ran'), 0o666);
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ftps[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
    fs.rmSync(certificates.folder, { recursive: true });
    fs.rmSync(otherDisk, { recursive: true });
  });

  const timesRun = (): number =>
    fs.readFileSync(path.join(site.root, 'ran'), 'utf8').split('before\n').length - 1;

  stage.step('shows a command that was never run from here, and asks once', async (bench) => {
    await bench.openBackupViews();
    await bench.command('Sauvegarde: Back Up Now');
    const question = `Run these commands on sftp://${username}@127.0.0.1:${ssh.port}?`;
    await bench.page.locator('.monaco-dialog-box').filter({ hasText: question }).waitFor();
    await bench.shot('30 command');
    const shown = await bench.answer(question, 'Cancel');
    expect(shown).toContain(`before: echo before >> ${site.root}/ran`);
    expect(shown).not.toContain('\u202e');
    await expect.poll(() => bench.statusText()).toContain('Backup');
    expect(timesRun()).toBe(0);
    expect(stage.snapshotsOf('web')).toEqual([]);
    await bench.command('Sauvegarde: Back Up Now');
    await bench.answer(question, 'Run Them');
    await bench.notification('web: 1 file backed up').waitFor();
    expect(timesRun()).toBe(1);
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification('web: 1 file backed up').waitFor();
    expect(timesRun()).toBe(2);
    await bench.clearNotifications();
  });

  stage.step('asks for a command again when it was changed', async (bench) => {
    stage.configuration = stage.configuration.replace('echo before', 'echo  before');
    await bench.command('Sauvegarde: Back Up Now');
    await bench.answer('Run these commands', 'Cancel');
    await expect.poll(() => bench.statusText()).toContain('Backup');
    expect(timesRun()).toBe(2);
  });

  /** By the palette: the rows are drawn anew where the configuration or a setting was just written. */
  const backUpShop = async (bench: Workbench): Promise<void> => {
    await bench.command('Sauvegarde: Back Up Now');
    await bench.pick('Back up which server?', 'shop');
  };

  stage.step(
    'offers the name of a certificate that is only made out for another',
    async (bench) => {
      await bench.clearNotifications();
      const { host, port } = ftps;
      const ca = certificates.caFile;
      server('shop', { protocol: 'ftps', host, port, username, ca, include: ['/css'] });
      await bench.command('Sauvegarde: Refresh');
      await bench.contextMenu(bench.row(/^shop,/, 'Servers'), 'Check the Identity…');
      await bench.page.locator('.monaco-dialog-box').filter({ hasText: 'Issuer:' }).waitFor();
      await bench.shot('31 certificate of another name');
      const shown = await bench.answer('Trust this certificate', 'Trust');
      expect(shown).toContain('but for *.hoster.example and not for this host');
      await expect
        .poll(() => stage.server('shop'))
        .toEqual({
          ...{ protocol: 'ftps', host, port, username, ca, include: ['/css'] },
          certificateName: '*.hoster.example',
        });
      await backUpShop(bench);
      await bench.write('Password for ftps://', password);
      await bench.notification('shop: 1 file backed up').waitFor();
      await bench.clearNotifications();
    },
  );

  stage.step('keeps the backups on another disk, if this computer says so', async (bench) => {
    const setting = 'sauvegarde.destination';
    const ofWorkspace = path.join(stage.workspace, '.vscode', 'settings.json');
    const place = path.join(otherDisk, '${workspaceFolderBasename}');
    fs.writeFileSync(ofWorkspace, JSON.stringify({ [setting]: path.join(otherDisk, 'stranger') }));
    await bench.command('Sauvegarde: Refresh');
    await backUpShop(bench);
    await bench.notification('shop: 1 file backed up').waitFor();
    expect(fs.readdirSync(otherDisk)).toEqual([]);
    await bench.clearNotifications();
    const machine = path.join(stage.editor.folder, 'data', 'Machine', 'settings.json');
    fs.mkdirSync(path.dirname(machine), { recursive: true });
    fs.writeFileSync(machine, JSON.stringify({ [setting]: place }));
    // Nothing was ever backed up to there.
    await bench.row(/^shop, never backed up/, 'Servers').waitFor();
    const before = stage.snapshotsOf('shop');
    await backUpShop(bench);
    await bench.notification('shop: 1 file backed up').waitFor();
    await bench.row(/complete/, 'Snapshots').waitFor();
    await bench.shot('32 on another disk');
    const own = path.join(otherDisk, path.basename(stage.workspace), 'shop', '.sauvegarde');
    expect(fs.readdirSync(path.join(own, 'snapshots'))).toHaveLength(1);
    expect(stage.snapshotsOf('shop')).toEqual(before);
    await bench.command('Preferences: Open Settings (UI)');
    await bench.page
      .getByRole('button', { name: /^Remote/ })
      .or(bench.page.locator('.settings-tabs-widget .action-label', { hasText: /^Remote/ }))
      .first()
      .click();
    await bench.page.locator('.settings-editor .suggest-input-container').click();
    await bench.page.keyboard.type(setting);
    await bench.page.getByText('The folder that holds the backups').first().waitFor();
    await bench.shot('33 setting');
    await bench.closeEditors();
  });
});
