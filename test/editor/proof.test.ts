/*
 * Proving and mending as a person does it: bits turn in the snapshots of a real server, they are found,
 * shown, and put back. The snapshots are made by the engine, as what is told here begins with them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { account } from '../servers/account';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { turnBit } from '../verify/verifyFixture';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Site } from './site';
import { Stage } from './stage';
import type { Workbench } from './workbench';

const { name: username } = account();

describe.each(editorVersions)('proving in code-server %s', (version) => {
  const stage = new Stage(version);
  let ssh: Openssh;
  let site: Site;
  let older: string;
  let newer: string;

  beforeAll(async () => {
    site = new Site();
    site.settle();
    site.giveAway();
    ssh = await startOpenssh({ chroot: site.root });
    const web = {
      ...{ protocol: 'sftp', host: '127.0.0.1', port: ssh.port, username, include: ['/www'] },
      ...{ fingerprint: ssh.fingerprint(), privateKey: ssh.writeKey() },
    };
    stage.configuration = JSON.stringify({ servers: { web } }, null, 2);
    older = await makeSnapshot(stage, 'web');
    site.write('index.php', '<?php echo "second version";\n');
    newer = await makeSnapshot(stage, 'web');
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  const kept = (snapshot: string, name: string): string =>
    path.join(stage.workspace, 'backups', 'web', snapshot, 'www', name);

  const read = (snapshot: string, name: string): string =>
    fs.readFileSync(kept(snapshot, name), 'utf8');

  const problems = (bench: Workbench) => bench.page.locator('.markers-panel .monaco-list-row');

  const showProblems = async (bench: Workbench): Promise<void> => {
    await bench.command('Problems: Focus on Problems View');
    await bench.page.locator('.markers-panel').waitFor();
  };

  const report = (bench: Workbench) =>
    bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');

  stage.step(
    'verifies all snapshots of a server, and shows since when they are proven',
    async (bench) => {
      await bench.openBackupViews();
      await bench.contextMenu(bench.row(/^web$/, 'Snapshots'), 'Verify…');
      await bench.question('How much of web');
      await bench.shot('60 how much to verify');
      await bench.pick('How much of web', 'All snapshots');
      await bench.notification('2 snapshots are whole').waitFor();
      await bench.expand(bench.row(/^web$/, 'Snapshots'));
      await bench.row(/complete, proven just now/, 'Snapshots').waitFor();
      await bench.shot('61 proven');
      await bench.press('2 snapshots are whole', 'Show Report');
      await report(bench).getByText('Whole: all that was looked at').waitFor();
      await bench.shot('62 report of a verification');
      await bench.closeEditors();
    },
  );

  stage.step('finds damage, and marks the rows and the Problems view', async (bench) => {
    turnBit(kept(newer, 'index.php'), 77);
    turnBit(kept(newer, 'css/style.css'), 10);
    fs.rmSync(kept(newer, 'img/logo.bin'));
    fs.writeFileSync(kept(newer, 'left behind.txt'), 'by somebody\n');
    await bench.contextMenu(bench.row(/~1 .*complete/, 'Snapshots'), 'Verify…');
    await bench.notification('4 entries damaged').waitFor();
    await bench.row(/damaged: 3 entries/, 'Snapshots').waitFor();
    // On a disk that links, the same file stands in the other snapshot as well.
    await bench.row(/^web, \d snapshots? damaged/, 'Servers').waitFor();
    await showProblems(bench);
    await problems(bench).filter({ hasText: 'left behind.txt' }).first().waitFor();
    await bench.shot('63 damage');
    expect(
      await problems(bench).filter({ hasText: 'not the content that was backed up' }).count(),
    ).toBeGreaterThan(1);
  });

  stage.step('asks before it mends, and mends', async (bench) => {
    await bench.press('4 entries damaged', 'Repair…');
    const question = bench.page.locator('.monaco-dialog-box').filter({ hasText: /Repair .*web/ });
    await question.waitFor();
    await bench.shot('64 question before a repair');
    await bench.page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(fs.existsSync(kept(newer, 'img/logo.bin'))).toBe(false);
    await bench.clearNotifications();
    await bench.contextMenu(bench.row(/damaged: 3 entries/, 'Snapshots'), 'Repair…');
    await bench.answer('Repair the snapshot of web', 'Repair');
    await bench.notification('4 entries mended, all is whole again').waitFor();
    expect(read(newer, 'index.php')).toBe('<?php echo "second version";\n');
    expect(read(newer, 'css/style.css')).toBe('body { color: black; }\n');
    expect(fs.existsSync(kept(newer, 'left behind.txt'))).toBe(false);
    await bench.row(/^web, backed up/, 'Servers').waitFor();
    await bench.page.getByText('No problems have been detected').waitFor();
    await bench.row(/damaged/, 'Snapshots').waitFor({ state: 'detached' });
    await bench.shot('65 mended');
    await bench.clearNotifications();
  });

  stage.step('gives up a repair for which the server is silent', async (bench) => {
    turnBit(kept(older, 'index.php'), 99);
    await bench.commandThatAsks('Sauvegarde: Verify…', 'How much of web');
    await bench.pick('How much of web', 'All snapshots');
    await bench.notification('1 entry damaged').waitFor();
    process.kill(ssh.pid, 'SIGSTOP');
    try {
      await bench.press('1 entry damaged', 'Repair…');
      await bench.answer('Repair the snapshot of web', 'Repair');
      const repairing = bench.notification('Repairing web');
      await repairing.getByRole('button', { name: 'Cancel' }).click();
      await repairing.waitFor({ state: 'detached' });
    } finally {
      process.kill(ssh.pid, 'SIGCONT');
    }
    await bench.row(/, damaged/, 'Snapshots').waitFor();
  });

  stage.step(
    'mends by the button of the report, and says what nothing has any more',
    async (bench) => {
      await bench.contextMenu(bench.row(/^web$/, 'Snapshots'), 'Show Verification');
      await report(bench).getByText('not what was backed up: 1 entry').waitFor();
      await bench.shot('66 report with damage');
      await report(bench).getByRole('link', { name: 'Repair the snapshot' }).click();
      await bench.answer('Repair the snapshot of web', 'Repair');
      await bench.notification('1 entry could not be mended').waitFor();
      await report(bench).getByText('Still damaged: 1 entry').waitFor();
      await report(bench).getByText('the server has another version by now').waitFor();
      await bench.shot('67 report of what could not be mended');
      await bench.clearNotifications();
      // The server has it again.
      site.write('index.php', '<?php echo "first version";\n');
      const { atime, mtime } = fs.statSync(kept(older, 'index.php'));
      fs.utimesSync(path.join(site.root, 'www', 'index.php'), atime, mtime);
      await showProblems(bench);
      await problems(bench).getByText('Repair…').click();
      await bench.answer('Repair the snapshot of web', 'Repair');
      await bench.notification('1 entry mended').waitFor();
      expect(read(older, 'index.php')).toBe('<?php echo "first version";\n');
      await bench.page.getByText('No problems have been detected').waitFor();
      await bench.clearNotifications();
      await bench.closeEditors();
    },
  );

  stage.step('knows of damage after a restart, in French and in the dark', async () => {
    turnBit(kept(newer, 'index.php'), 77);
    const settings = path.join(stage.workspace, '.vscode', 'settings.json');
    fs.writeFileSync(settings, JSON.stringify({ 'workbench.colorTheme': 'Default Dark Modern' }));
    await stage.inFrench(async (bench) => {
      await bench.openBackupViews('Sauvegarde');
      await bench.contextMenu(bench.row(/^web$/, 'Instantanés'), 'Vérifier…');
      await bench.pick('Que faut-il relire', 'Tous les instantanés');
      await bench.press('dégâts : 1 élément', 'Afficher le rapport');
      await report(bench).getByText('Endommagé').first().waitFor();
      await showProblems(bench);
      await problems(bench).first().waitFor();
      await bench.shot('68 damage in French');
      bench = stage.bench;
      await bench.reload();
      await bench.openBackupViews('Sauvegarde');
      await bench.row(/^web, 1 instantané endommagé/, 'Serveurs').waitFor();
      await bench.expand(bench.row(/^web$/, 'Instantanés'));
      await bench.row(/endommagé/, 'Instantanés').waitFor();
      await showProblems(bench);
      await problems(bench).filter({ hasText: 'Réparez-le' }).first().waitFor();
      await bench.shot('69 damage after a restart');
    });
  });
});
