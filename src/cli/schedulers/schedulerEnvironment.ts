import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { SchedulerName } from './systemScheduler';

/** cron(8) and crontab(5) of Debian, systemd.exec(5), launchd.plist(5). */
const paths: Readonly<Record<Exclude<SchedulerName, 'task-scheduler'>, string>> = {
  crontab: '/usr/bin:/bin',
  systemd: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  launchd: '/usr/bin:/bin:/usr/sbin:/sbin',
};

/**
 * The environment that a scheduler gives to what it starts: nothing of this terminal, so no agent, no
 * session and no variables of ours.
 */
export function schedulerEnvironment(name: SchedulerName): NodeJS.ProcessEnv {
  if (name === 'task-scheduler') return withoutOurs(process.env);
  const { username, homedir, uid } = userInfo();
  const session = `/run/user/${uid}`;
  return {
    ...{ PATH: paths[name], HOME: homedir, LOGNAME: username, USER: username, SHELL: '/bin/sh' },
    ...(name === 'systemd' && existsSync(session) && { XDG_RUNTIME_DIR: session }),
  };
}

/** Windows gives a task the variables of the account. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('SAUVEGARDE_') && name !== 'SSH_AUTH_SOCK',
  );
  return Object.fromEntries(kept);
}
