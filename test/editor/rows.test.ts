/*
 * A menu is open on a row while the rows are drawn anew: what is chosen then is about that row.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { snapshotIdAt } from '../../src/model/snapshotId';
import { editorVersions } from './editors';
import { makeSnapshot } from './makeSnapshot';
import { Stage } from './stage';
import type { Workbench } from './workbench';

describe.each(editorVersions)('rows in code-server %s', (version) => {
  const stage = new Stage(version);
  const data = path.join(stage.workspace, 'data');
  const names = ['one', 'two'];

  /** As somebody does who edits the file; each time something else, that the rows show. */
  const configure = (minute: number): void => {
    const server = { protocol: 'local', include: [data] };
    const schedule = `${minute} 23 * * *`;
    const servers = Object.fromEntries(
      // One that was never backed up would be by its schedule, at once.
      names.map((name) => [name, name === 'another' ? server : { ...server, schedule }]),
    );
    stage.configuration = JSON.stringify({ servers }, null, 2);
  };

  beforeAll(async () => {
    fs.mkdirSync(data);
    fs.writeFileSync(path.join(data, 'a.txt'), 'a');
    configure(11);
    for (const name of names) await makeSnapshot(stage, name);
    await stage.set();
    stage.bench = await stage.open();
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  const pinsOf = (server: string): string[] => {
    const pins = path.join(stage.workspace, 'backups', server, '.sauvegarde', 'pins');
    return fs.existsSync(pins) ? fs.readdirSync(pins) : [];
  };

  const serverRow = (bench: Workbench, name: string, words: string) =>
    bench.row(new RegExp(`^${name}, .*${words}`), 'Servers');

  stage.step('a server whose row is drawn anew stays the one of its menu', async (bench) => {
    await bench.openBackupViews();
    const menu = await bench.openMenu(serverRow(bench, 'two', '23:11'), 'Back Up Now');
    configure(12);
    await serverRow(bench, 'two', '23:12').waitFor();
    await bench.shot('60 menu over a row drawn anew');
    await menu.click();
    await bench.notification('two: 1 file backed up').waitFor();
    expect(stage.snapshotsOf('two')).toHaveLength(2);
    expect(stage.snapshotsOf('one')).toHaveLength(1);
    await bench.clearNotifications();
  });

  stage.step('nor does it matter that a server is added meanwhile', async (bench) => {
    const menu = await bench.openMenu(serverRow(bench, 'two', '23:12'), 'Back Up Now');
    names.unshift('another');
    configure(13);
    await serverRow(bench, 'another', 'never backed up').waitFor();
    await menu.click();
    await bench.notification('two: 1 file backed up').waitFor();
    expect(stage.snapshotsOf('two')).toHaveLength(3);
    await bench.clearNotifications();
  });

  stage.step('a snapshot stays the one of its menu while others come', async (bench) => {
    const [oldest] = stage.snapshotsOf('two');
    const rows = bench.page.locator('.pane').filter({ hasText: 'Snapshots' });
    const ofTwo = rows.getByRole('treeitem', { name: /complete$/ });
    await bench.collapse(bench.row(/^one$/, 'Snapshots'));
    await expect.poll(() => ofTwo.count()).toBe(3);
    const menu = await bench.openMenu(ofTwo.last(), 'Pin Snapshot');
    await makeSnapshot(stage, 'two');
    // The file makes the window look at the reports as well.
    configure(14);
    await expect.poll(() => ofTwo.count()).toBe(4);
    await menu.click();
    await expect.poll(() => pinsOf('two')).toEqual([path.parse(oldest ?? '').name]);
  });

  /** So many snapshots that reading them takes longer than a person's click. */
  const addOldSnapshots = (server: string, count: number): void => {
    const root = path.join(stage.workspace, 'backups', server);
    const manifests = path.join(root, '.sauvegarde', 'snapshots');
    const [newest = ''] = fs.readdirSync(manifests).sort().reverse();
    for (let day = 1; day <= count; day += 1) {
      const id = snapshotIdAt(day * 86_400_000);
      fs.copyFileSync(path.join(manifests, newest), path.join(manifests, `${id}.ndjson`));
      fs.mkdirSync(path.join(root, id));
    }
  };

  stage.step('at whatever moment it is chosen', async (bench) => {
    addOldSnapshots('two', 600);
    await bench.collapse(bench.row(/^two$/, 'Snapshots'));
    await bench.command('Sauvegarde: Refresh');
    await bench.expand(bench.row(/^two$/, 'Snapshots'));
    const asking = bench.page.locator('.monaco-dialog-box');
    const oldest = path.parse(stage.snapshotsOf('two').at(-1) ?? '').name;
    for (let time = 1; time <= 10; time += 1) {
      const row = bench.row(/complete$/, 'Snapshots');
      const menu = await bench.openMenu(row, 'Delete Snapshot…');
      await makeSnapshot(stage, 'one');
      configure(20 + time);
      // On a slow machine another moment is tried: none may be the wrong one.
      await bench.page.waitForTimeout(time * 40);
      await menu.click();
      await asking.waitFor();
      expect(await asking.innerText()).toContain('Delete the snapshot of two');
      await bench.page.keyboard.press('Escape');
      await asking.waitFor({ state: 'detached' });
      await serverRow(bench, 'two', `23:${20 + time}`).waitFor();
    }
    expect(stage.snapshotsOf('two').map((name) => path.parse(name).name)).toContain(oldest);
  });
});
