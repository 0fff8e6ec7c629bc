/*
 * Restoring as a person does it, to real servers, with the bytes on them compared. The snapshots are
 * made by the engine, as what is told here begins with them.
 */
import path from 'node:path';
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
    await row.click();
    await bench.editorText('spoilt by somebody');
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
});
