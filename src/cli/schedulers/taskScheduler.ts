import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prefixOf } from '../../jobs/handover/handover';
import { windowsTasksOf } from '../../jobs/handover/windowsTasks';
import { runToolWell } from './runTool';
import type { SystemScheduler } from './systemScheduler';

/** The Task Scheduler of Windows. */
export const taskScheduler: SystemScheduler = {
  name: 'task-scheduler',

  async install(handover, signal) {
    await this.remove(handover.workspace, signal);
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-tasks-'));
    try {
      for (const { name, content } of windowsTasksOf(handover)) {
        const file = path.join(folder, `${name}.xml`);
        // schtasks takes UTF-16 with a byte order mark.
        fs.writeFileSync(file, Buffer.from(`\uFEFF${content}`, 'utf16le'));
        await runToolWell('schtasks', ['/Create', '/F', '/TN', name, '/XML', file], signal);
      }
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },

  async installed(workspace, signal) {
    const prefix = `${prefixOf(workspace)}-`;
    return (await namesOf(workspace, signal)).map((name) => name.slice(prefix.length));
  },

  async remove(workspace, signal) {
    for (const name of await namesOf(workspace, signal)) {
      await runToolWell('schtasks', ['/Delete', '/F', '/TN', name], signal);
    }
  },
};

async function namesOf(workspace: string, signal: AbortSignal): Promise<string[]> {
  const listed = await runToolWell('schtasks', ['/Query', '/FO', 'CSV', '/NH'], signal);
  const names = listed
    .split(/\r?\n/)
    .flatMap((line) => /^"\\?([^"]+)"/.exec(line)?.[1] ?? [])
    .filter((name) => name.startsWith(`${prefixOf(workspace)}-`));
  return [...new Set(names)];
}
