import fs from 'node:fs';
import path from 'node:path';
import { BackupError } from '../../base/errors';
import type { Handover } from '../../jobs/handover/handover';
import { personNeeded } from '../../jobs/connect/personNeeded';
import { endpointOf, type Server } from '../../model/configuration/server';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import { scheduleWords } from '../../model/schedule/scheduleWords';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { chooseScheduler } from '../schedulers/choose';
import { schedulerEnvironment } from '../schedulers/schedulerEnvironment';
import type { SchedulerName, SystemScheduler } from '../schedulers/systemScheduler';
import type { Session } from '../session';

/** `sauvegarde schedule install`: hands all schedules of the workspace folder to the system. */
export async function installSchedules(
  session: Session,
  wanted: SchedulerName | undefined,
): Promise<ExitCode> {
  const scheduler = chooseScheduler(wanted);
  const servers = scheduledServers(session);
  if (servers.length === 0) {
    throw new BackupError(
      'configuration',
      'No server has a schedule. Give one a "schedule" such as "0 7 * * *" first.',
    );
  }
  await scheduler.install(handoverOf(session, servers), session.signal);
  for (const server of servers) await tellInstalled(session, server, scheduler);
  if (scheduler.advice !== undefined) session.output.note(scheduler.advice);
  return exitCode.done;
}

/** `sauvegarde schedule show`: what is installed, and when each will next run. */
export async function showSchedules(
  session: Session,
  wanted: SchedulerName | undefined,
): Promise<ExitCode> {
  const scheduler = chooseScheduler(wanted);
  const installed = await scheduler.installed(folderOf(session), session.signal);
  const servers = scheduledServers(session);
  for (const server of servers) {
    const isInstalled = installed.includes(server.name);
    const note = isInstalled ? `in ${scheduler.name}` : `not in ${scheduler.name}`;
    tellSchedule(session, server, note, { installed: isInstalled, scheduler: scheduler.name });
  }
  const forgotten = installed.filter((name) => !servers.some((server) => server.name === name));
  for (const name of forgotten) {
    session.output.note(
      `${name}: still in ${scheduler.name}, and has no schedule any more. Run: sauvegarde schedule install`,
    );
  }
  if (servers.length === 0) session.output.note('No server has a schedule.');
  return exitCode.done;
}

/** `sauvegarde schedule remove` */
export async function removeSchedules(
  session: Session,
  wanted: SchedulerName | undefined,
): Promise<ExitCode> {
  const scheduler = chooseScheduler(wanted);
  const folder = folderOf(session);
  const installed = await scheduler.installed(folder, session.signal);
  await scheduler.remove(folder, session.signal);
  const names = installed.join(', ');
  const words = names === '' ? 'There was nothing to remove.' : `Removed: ${names}.`;
  session.output.result(`${scheduler.name}: ${words}`, {
    event: 'removed',
    scheduler: scheduler.name,
    servers: installed,
  });
  return exitCode.done;
}

export function scheduledServers(session: Session): Server[] {
  const { servers } = session.workspace.configuration;
  return [...servers.values()].filter((server) => scheduleOf(server) !== undefined);
}

/** The workspace folder, as one place has one name however it was reached. */
function folderOf(session: Session): string {
  return fs.realpathSync(path.dirname(path.dirname(session.workspace.file)));
}

export function handoverOf(session: Session, servers: readonly Server[]): Handover {
  const workspace = folderOf(session);
  // The program itself, as the path of whoever installs it is not that of cron.
  const program = [process.execPath, fs.realpathSync(process.argv[1] ?? '')];
  const options = ['--if-due', '-q', '-C', workspace, ...session.lastingArguments];
  return {
    workspace,
    command: [...program, 'backup', ...options],
    servers: servers.flatMap((server) => {
      const schedule = scheduleOf(server);
      return schedule ? [{ name: server.name, schedule }] : [];
    }),
  };
}

/** What a run would lack that the scheduler starts, with nothing of this terminal's environment. */
async function lackingUnder(
  session: Session,
  server: Server,
  name: SchedulerName,
): Promise<BackupError | undefined> {
  const environment = session.bareEnvironment(server, schedulerEnvironment(name));
  const lacking = await personNeeded(server, environment, session.signal);
  if (lacking || !session.hasPasswordCommand || server.protocol === 'local') return lacking;
  try {
    // Also if the server cannot be reached now, or asked for no password.
    await environment.credentials.password(endpointOf(server));
    return undefined;
  } catch (error) {
    if (error instanceof BackupError) return error;
    throw error;
  }
}

/** Says also what a run without a person would lack: it is better known now than tomorrow at seven. */
async function tellInstalled(
  session: Session,
  server: Server,
  scheduler: SystemScheduler,
): Promise<void> {
  const lacking = await lackingUnder(session, server, scheduler.name);
  const needs = lacking && { kind: lacking.kind, message: lacking.message };
  tellSchedule(session, server, `in ${scheduler.name}`, {
    installed: true,
    scheduler: scheduler.name,
    ...(needs && { needsPerson: needs }),
  });
  if (!lacking) return;
  session.output.warning(
    server.name,
    `will not run without you: ${lacking.message} Secrets can come from --password-file or --password-command, given to this command.`,
  );
}

function tellSchedule(
  session: Session,
  server: Server,
  note: string,
  more: Readonly<Record<string, unknown>>,
): void {
  const schedule = scheduleOf(server);
  if (!schedule) return;
  const next = schedule.nextAfter(session.clock.now());
  const moment = next === undefined ? undefined : new Date(next).toISOString();
  const words = scheduleWords(schedule, 'en');
  session.output.result(
    `${server.name}: ${shown(words)}, ${note}; next ${moment ?? 'never'} (UTC)`,
    {
      event: 'schedule',
      server: server.name,
      schedule: schedule.text,
      words,
      next: moment,
      ...more,
    },
  );
}
