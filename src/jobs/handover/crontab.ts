import type { Schedule } from '../../model/schedule/schedule';
import { shellWord, type Handover } from './handover';
import { everyHour, everyMinute, wakeTimes } from './wakeTimes';

/*
 * A marked block in the user's crontab for each workspace folder. All other lines stay as they are
 * (crontab(5): `%` ends the command unless it is escaped, a line has no continuation).
 */

const begin = '# BEGIN sauvegarde ';
const end = '# END sauvegarde ';

/** The crontab with the block of this workspace folder, in the place of an older one. */
export function withBlock(crontab: string, handover: Handover): string {
  const rest = withoutBlock(crontab, handover.workspace);
  if (handover.servers.length === 0) return rest;
  const block = [
    `${begin}${handover.workspace}`,
    '# Written by "sauvegarde schedule install"; "sauvegarde schedule remove" takes it out.',
    ...groupsOf(handover).map(
      ({ schedule, names }) => `${fieldsOf(schedule)} ${commandOf(handover, names)}`,
    ),
    // What was missed while the computer was off.
    `@reboot ${commandOf(handover, namesOf(handover))}`,
    `${end}${handover.workspace}`,
  ];
  const gap = rest === '' || rest.endsWith('\n') ? '' : '\n';
  return `${rest}${gap}${block.join('\n')}\n`;
}

export function withoutBlock(crontab: string, workspace: string): string {
  const lines = crontab.split('\n');
  const from = lines.indexOf(`${begin}${workspace}`);
  const to = lines.indexOf(`${end}${workspace}`, from);
  // A block that somebody has cut through is left to them.
  if (from < 0 || to < 0) return crontab;
  return [...lines.slice(0, from), ...lines.slice(to + 1)].join('\n');
}

/** The lines of the block, without its marks. Undefined: there is none. */
export function blockOf(crontab: string, workspace: string): string[] | undefined {
  const lines = crontab.split('\n');
  const from = lines.indexOf(`${begin}${workspace}`);
  const to = lines.indexOf(`${end}${workspace}`, from);
  if (from < 0 || to < 0) return undefined;
  return lines.slice(from + 1, to).filter((line) => !line.startsWith('#'));
}

/** The servers that a block backs up. */
export function serversIn(block: readonly string[]): string[] {
  const boot = block.find((line) => line.startsWith('@reboot')) ?? '';
  const [, names = ''] = / -- (.*) >\/dev\/null$/.exec(boot) ?? [];
  return names.split(' ').filter((name) => name !== '');
}

interface Group {
  readonly schedule: Schedule;
  readonly names: readonly string[];
}

/** Servers with the same schedule share a line, and so a process that runs one after the other. */
function groupsOf({ servers }: Handover): Group[] {
  const groups = new Map<string, { schedule: Schedule; names: string[] }>();
  for (const { name, schedule } of servers) {
    const key = `${schedule.timeZone ?? ''} ${schedule.text}`;
    const group = groups.get(key) ?? { schedule, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function fieldsOf(schedule: Schedule): string {
  const times = wakeTimes(schedule, false);
  const fields = [
    times.minutes.length === everyMinute.length ? undefined : times.minutes,
    times.hours.length === everyHour.length ? undefined : times.hours,
    times.daysOfMonth,
    times.months,
    times.weekdays,
  ];
  return fields.map((numbers) => numbers?.join(',') ?? '*').join(' ');
}

function commandOf({ command }: Handover, names: readonly string[]): string {
  const words = [...command, '--', ...names].map(shellWord).join(' ');
  // cron mails what is printed: that is to be what went wrong.
  return `${words.replaceAll('%', String.raw`\%`)} >/dev/null`;
}

function namesOf({ servers }: Handover): string[] {
  return servers.map(({ name }) => name);
}
