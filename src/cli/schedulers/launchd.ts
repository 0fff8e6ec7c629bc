import fs from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { prefixOf } from '../../jobs/handover/handover';
import { launchAgentsOf } from '../../jobs/handover/launchAgents';
import { runTool, runToolWell } from './runTool';
import type { SystemScheduler } from './systemScheduler';

/** Agents of macOS, that run while the user is logged in. */
export const launchd: SystemScheduler = {
  name: 'launchd',

  async install(handover, signal) {
    await this.remove(handover.workspace, signal);
    fs.mkdirSync(folder(), { recursive: true });
    for (const { label, content } of launchAgentsOf(handover)) {
      const file = path.join(folder(), `${label}.plist`);
      fs.writeFileSync(file, content);
      await runToolWell('launchctl', ['bootstrap', domain(), file], signal);
    }
  },

  installed(workspace) {
    const prefix = `${prefixOf(workspace)}-`;
    return Promise.resolve(labelsOf(workspace).map((label) => label.slice(prefix.length)));
  },

  async remove(workspace, signal) {
    for (const label of labelsOf(workspace)) {
      // One that is not loaded is no obstacle to removing its file.
      await runTool('launchctl', ['bootout', `${domain()}/${label}`], signal);
      fs.rmSync(path.join(folder(), `${label}.plist`), { force: true });
    }
  },
};

function labelsOf(workspace: string): string[] {
  const names = fs.existsSync(folder()) ? fs.readdirSync(folder()) : [];
  return names
    .filter((name) => name.startsWith(`${prefixOf(workspace)}-`) && name.endsWith('.plist'))
    .map((name) => name.slice(0, -'.plist'.length));
}

function folder(): string {
  return path.join(homedir(), 'Library', 'LaunchAgents');
}

function domain(): string {
  return `gui/${userInfo().uid}`;
}
