import fs from 'node:fs';
import { crontab } from './crontab';
import { launchd } from './launchd';
import { systemd } from './systemd';
import type { SchedulerName, SystemScheduler } from './systemScheduler';
import { taskScheduler } from './taskScheduler';

const schedulers: Readonly<Record<SchedulerName, SystemScheduler>> = {
  systemd,
  crontab,
  launchd,
  'task-scheduler': taskScheduler,
};

/** The scheduler that was asked for, or the one that this computer has. */
export function chooseScheduler(wanted: SchedulerName | undefined): SystemScheduler {
  return schedulers[wanted ?? usual()];
}

function usual(): SchedulerName {
  if (process.platform === 'win32') return 'task-scheduler';
  if (process.platform === 'darwin') return 'launchd';
  // As sd_booted(3) finds out; a user's own instance has its bus in the runtime folder.
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const hasUserBus = runtime !== undefined && fs.existsSync(`${runtime}/systemd`);
  return fs.existsSync('/run/systemd/system') && hasUserBus ? 'systemd' : 'crontab';
}
