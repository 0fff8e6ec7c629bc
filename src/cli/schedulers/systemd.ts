import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { prefixOf } from '../../jobs/handover/handover';
import { unitsOf } from '../../jobs/handover/systemdUnits';
import { runToolWell } from './runTool';
import type { SystemScheduler } from './systemScheduler';

/** Timers of the user's own systemd. */
export const systemd: SystemScheduler = {
  name: 'systemd',
  advice:
    'The timers run while you are logged in. "loginctl enable-linger" keeps them running without.',

  async install(handover, signal) {
    const units = unitsOf(handover);
    const names = new Set(units.map(({ name }) => name));
    await drop(
      unitsIn(handover.workspace).filter((name) => !names.has(name)),
      signal,
    );
    fs.mkdirSync(folder(), { recursive: true });
    for (const { name, content } of units) fs.writeFileSync(path.join(folder(), name), content);
    await control(['daemon-reload'], signal);
    const timers = units.map(({ name }) => name).filter(isTimer);
    if (timers.length === 0) return;
    await control(['enable', ...timers], signal);
    await control(['restart', ...timers], signal);
  },

  installed(workspace) {
    const prefix = `${prefixOf(workspace)}-`;
    const timers = unitsIn(workspace).filter(isTimer);
    return Promise.resolve(timers.map((name) => name.slice(prefix.length, -'.timer'.length)));
  },

  async remove(workspace, signal) {
    await drop(unitsIn(workspace), signal);
  },
};

async function drop(names: readonly string[], signal: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  await control(['disable', '--now', ...names.filter(isTimer)], signal);
  for (const name of names) fs.rmSync(path.join(folder(), name), { force: true });
  await control(['daemon-reload'], signal);
}

function control(args: readonly string[], signal: AbortSignal): Promise<string> {
  return runToolWell('systemctl', ['--user', ...args], signal);
}

function unitsIn(workspace: string): string[] {
  const prefix = `${prefixOf(workspace)}-`;
  const names = fs.existsSync(folder()) ? fs.readdirSync(folder()) : [];
  return names.filter((name) => name.startsWith(prefix) && /\.(?:timer|service)$/.test(name));
}

function isTimer(name: string): boolean {
  return name.endsWith('.timer');
}

function folder(): string {
  const configuration = process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config');
  return path.join(configuration, 'systemd', 'user');
}
