import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../src/base/clock';
import { Store } from '../../src/store/store';
import type { Stage } from './stage';

const everySecond = '* * * * * *';

/** What a schedule does in a window. The server `web` is there, backed up, with its password known. */
export function scheduleSteps(stage: Stage): void {
  const setSchedule = (schedule: string | undefined): void => {
    const configuration = JSON.parse(stage.configuration) as {
      servers: Record<string, { schedule?: string | undefined }>;
    };
    const { web } = configuration.servers;
    if (web) web.schedule = schedule;
    stage.configuration = JSON.stringify(configuration, null, 2);
  };

  stage.step('sets a schedule of usual choices, and says it in words', async (bench) => {
    await bench.contextMenu(bench.row(/^web,/, 'Servers'), 'Set Schedule…');
    await bench.question('When is web to be backed up?');
    await bench.shot('18 schedule');
    await bench.pick('When is web to be backed up?', 'At 07:00, every day');
    await bench.notification('web: At 07:00, every day. Next backup:').waitFor();
    expect(stage.server('web')?.['schedule']).toBe('0 7 * * *');
    await bench.row(/^web, backed up .* · At 07:00, every day/, 'Servers').waitFor();
    await bench.shot('19 scheduled');
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Set Schedule…');
    await bench.pick('When is web to be backed up?', 'Other…');
    await bench.write('Minute, hour, day of the month', 'at seven');
    await bench.question('Accepted is 0 7 * * *');
    await bench.write('Accepted is 0 7 * * *', '30 6 * * 1');
    await bench.notification('web: At 06:30, only on Monday').waitFor();
    expect(stage.server('web')?.['schedule']).toBe('30 6 * * 1');
    await bench.clearNotifications();
  });

  stage.step('runs by its schedule without a word', async (bench) => {
    const before = stage.snapshotsOf('web').length;
    setSchedule(everySecond);
    await bench.command('Sauvegarde: Refresh');
    await expect.poll(() => stage.snapshotsOf('web').length).toBeGreaterThan(before + 1);
    setSchedule(undefined);
    await bench.command('Sauvegarde: Refresh');
    expect(await bench.page.locator('.notification-toast').count()).toBe(0);
  });

  stage.step('says when a scheduled run fails, and what helps', async (bench) => {
    const right = stage.configuration;
    stage.configuration = right.replace(/SHA256:[^"]{43}/, `SHA256:${'A'.repeat(43)}`);
    setSchedule(everySecond);
    await bench.command('Sauvegarde: Refresh');
    const failed = bench.notification('The scheduled backup of web failed.');
    await failed.waitFor();
    await failed.getByRole('button', { name: 'Check the Identity…' }).waitFor();
    await bench.shot('20 scheduled run failed');
    stage.configuration = right;
    await bench.command('Sauvegarde: Refresh');
    await bench.clearNotifications();
    await bench.command('Sauvegarde: Back Up Now');
    await bench.notification(/web: 4 files backed up/).waitFor();
    await bench.clearNotifications();
  });

  stage.step('shows what is overdue', async (bench) => {
    const right = stage.configuration;
    const backups = path.join(stage.workspace, 'backups');
    const store = new Store(backups, 'web');
    // Another program is at it, since ten days.
    await using _lock = store.lock(systemClock);
    const reports = fs.readdirSync(store.layout.runs).filter((name) => name.endsWith('.json'));
    const then = new Date(systemClock.now() - 10 * 86_400_000).toISOString();
    const kept = reports.map((name) => {
      const file = path.join(store.layout.runs, name);
      const text = fs.readFileSync(file, 'utf8');
      fs.writeFileSync(file, text.replaceAll(/"(started|finished)": "[^"]+"/g, `"$1": "${then}"`));
      return { file, text };
    });
    setSchedule('0 7 * * *');
    await bench.command('Sauvegarde: Refresh');
    await bench.notification('web is overdue: its last good backup was 10 days ago.').waitFor();
    await bench.row(/^web, overdue, last good 10 days ago/, 'Servers').waitFor();
    await expect.poll(() => bench.statusText()).toContain('Backup overdue');
    await bench.shot('21 overdue');
    for (const { file, text } of kept) fs.writeFileSync(file, text);
    stage.configuration = right;
    await bench.command('Sauvegarde: Refresh');
    await bench.row(/^web, backed up/, 'Servers').waitFor();
    await bench.clearNotifications();
  });
}
