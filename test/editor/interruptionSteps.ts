import { expect } from 'vitest';
import type { Site } from './site';
import type { Stage } from './stage';

/** Steps of the story in which a run is cut off, or meets another one. */
export function interruptionSteps(stage: Stage, site: () => Site): void {
  const snapshots = (): string[] => stage.snapshotsOf('web');

  stage.step('cancels a run, and the next one goes on', async (bench) => {
    site().write('big.bin', Buffer.alloc(3_000_000, 7));
    site().settle();
    const right = stage.configuration;
    stage.configuration = right.replace('"port"', '"bandwidth": "500kB/s",\n      "port"');
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
    stage.configuration = right;
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 4 files backed up/).waitFor();
    expect(snapshots()).toHaveLength(3);
    const { receivedBytes } = stage.lastReportOf('web');
    expect(receivedBytes).toBeLessThan(3_000_000);
    await bench.clearNotifications();
  });

  stage.step(
    'after the extension host was killed there are only whole snapshots',
    async (bench) => {
      site().write('big.bin', Buffer.alloc(3_000_000, 8));
      site().settle();
      const right = stage.configuration;
      stage.configuration = right.replace('"port"', '"bandwidth": "500kB/s",\n      "port"');
      await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Back Up Now');
      await expect.poll(() => bench.statusText()).toMatch(/web \d+ %/);
      for (const pid of stage.editor.extensionHosts()) process.kill(pid, 'SIGKILL');
      expect(snapshots()).toHaveLength(3);
      stage.configuration = right;
      await bench.reload();
      await bench.openBackupViews();
      // The password was kept over the reload: nothing is asked.
      await bench.command('Sauvegarde: Back Up Now');
      await bench.notification(/web: 4 files backed up/).waitFor();
      expect(snapshots()).toHaveLength(4);
      await bench.clearNotifications();
    },
  );

  stage.step('two windows do not run one store at once', async (bench) => {
    site().write('big.bin', Buffer.alloc(3_000_000, 9));
    site().settle();
    const right = stage.configuration;
    stage.configuration = right.replace('"port"', '"bandwidth": "200kB/s",\n      "port"');
    const other = await stage.open();
    await other.openBackupViews();
    await bench.page.bringToFront();
    await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Back Up Now');
    await expect.poll(() => bench.statusText()).toMatch(/web \d+ %/);
    await other.page.bringToFront();
    await other.command('Sauvegarde: Back Up Now');
    await other.notification('A backup of this server is under way').waitFor();
    await other.shot('15 locked');
    // The other window is at it: nothing has failed.
    await other.row(/^web, backed up/, 'Servers').waitFor();
    await other.page.close();
    await bench.page.bringToFront();
    await bench.notification(/web: 4 files backed up/).waitFor();
    expect(snapshots()).toHaveLength(5);
    stage.configuration = right;
    await bench.clearNotifications();
  });
}
