/*
 * As somebody who has never seen the extension and reads nothing but the screen: from an empty folder to a
 * file that is put back. Nothing is done by the name of a command; each gesture is one that the window shows.
 */
import path from 'node:path';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { editorVersions } from './editors';
import { Site } from './site';
import { Stage } from './stage';

describe.each(editorVersions)('a newcomer in code-server %s', (version) => {
  const stage = new Stage(version);
  let ssh: Openssh;
  let site: Site;

  beforeAll(async () => {
    site = new Site();
    site.settle();
    site.giveAway();
    ssh = await startOpenssh({ chroot: site.root });
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  });

  stage.step('adds the server whose address they know, in one line', async (bench) => {
    await bench.page
      .getByRole('tab', { name: /^Backup/ })
      .locator('a')
      .click();
    await bench.page.getByRole('button', { name: 'Add Server…' }).first().click();
    const question = await bench.question(/^sftp:\/\/deploy/);
    const address = `sftp://${ssh.account.name}@127.0.0.1:${ssh.port}/www`;
    await question.locator('input.input').fill(address);
    await bench.page.keyboard.press('Enter');
    // The name and the rule that are proposed will do.
    await bench.question('A name for it');
    await bench.page.keyboard.press('Enter');
    await bench.question('How long are its snapshots kept?');
    await bench.page.keyboard.press('Enter');
    await bench.answer('Trust this host key', 'Trust');
    await bench.write('Password for sftp://', ssh.account.password);
    await bench.notification('127.0.0.1: the connection works.').waitFor();
    await bench.shot('90 a server is added');
    expect(stage.server('127.0.0.1')).toMatchObject({ include: ['/www'], keep: { daily: 7 } });
  });

  stage.step('backs up by the button that stands there', async (bench) => {
    await bench.press('the connection works', 'Back Up Now');
    await bench.notification('127.0.0.1: 4 files backed up').waitFor();
    await bench.row(/complete$/, 'Snapshots').waitFor();
    await bench.shot('91 a first backup');
    await bench.press('4 files backed up', 'Show Report');
    await bench.press('Make the backups read-only', 'Set');
    await bench.closeEditors();
  });

  stage.step('puts a lost file back by what the window shows', async (bench) => {
    fs.rmSync(path.join(site.root, 'www', 'index.php'));
    await bench.expand(bench.row(/complete$/, 'Snapshots'));
    await bench.expand(bench.row(/^www,/, 'Snapshots'));
    await bench.openRow(bench.row(/^index\.php,/, 'Snapshots'), 'first version');
    await bench.contextMenu(bench.row(/^index\.php,/, 'Snapshots'), 'Restore…');
    await bench.question('Restore to where?');
    await bench.page.keyboard.press('Enter');
    await bench.row(/^index\.php, create/).waitFor();
    await bench.page.getByText('1 to create. Nothing is written yet.').waitFor();
    await bench.clearNotifications();
    await bench.shot('92 the plan');
    await bench.page.locator('.pane-header a.action-label', { hasText: 'Restore…' }).click();
    await bench.answer('Restore 1 file to', 'Restore 1 File');
    await bench.notification('1 entry restored').waitFor();
    await bench.shot('93 a file is back');
    expect(site.read('index.php')).toBe('<?php echo "first version";\n');
  });
});
