import type { Schedule } from '../../model/schedule/schedule';
import { prefixOf, type Handover } from './handover';
import { everyHour, everyMinute, wakeTimes, type WakeTimes } from './wakeTimes';

/** A file of `~/.config/systemd/user`. */
export interface UnitFile {
  readonly name: string;
  readonly content: string;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A timer and a service for each server (systemd.timer(5), systemd.time(7), systemd.service(5)). */
export function unitsOf(handover: Handover): UnitFile[] {
  return handover.servers.flatMap(({ name, schedule }) => {
    const unit = `${prefixOf(handover.workspace)}-${name}`;
    return [
      { name: `${unit}.timer`, content: timerOf(name, schedule) },
      { name: `${unit}.service`, content: serviceOf(name, [...handover.command, '--', name]) },
    ];
  });
}

function timerOf(server: string, schedule: Schedule): string {
  const times = wakeTimes(schedule, true);
  const zone = schedule.timeZone === undefined ? '' : ` ${schedule.timeZone}`;
  return [
    '[Unit]',
    `Description=Back up ${server} with Sauvegarde`,
    '',
    '[Timer]',
    ...calendars(times).map((calendar) => `OnCalendar=${calendar}${zone}`),
    // What was missed while the computer was off or asleep is made up for.
    'Persistent=true',
    'RandomizedDelaySec=30',
    'FixedRandomDelay=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n');
}

function serviceOf(server: string, command: readonly string[]): string {
  return [
    '[Unit]',
    `Description=Back up ${server} with Sauvegarde`,
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=${command.map(unitWord).join(' ')}`,
    // 3: done, but something was skipped, as the report says.
    'SuccessExitStatus=3',
    'Nice=10',
    '',
  ].join('\n');
}

/** Cron runs on either kind of day where both are restricted, a calendar event on days that fit both. */
function calendars(times: WakeTimes): string[] {
  if (times.daysOfMonth && times.weekdays) {
    return [
      calendar({ ...times, weekdays: undefined }),
      calendar({ ...times, daysOfMonth: undefined }),
    ];
  }
  return [calendar(times)];
}

function calendar({ minutes, hours, daysOfMonth, months, weekdays: days }: WakeTimes): string {
  const week = days ? `${days.map((day) => weekdays[day] ?? '').join(',')} ` : '';
  const date = `*-${list(months, 12)}-${list(daysOfMonth, 31)}`;
  return `${week}${date} ${list(hours, everyHour.length)}:${list(minutes, everyMinute.length)}:00`;
}

function list(numbers: readonly number[] | undefined, all: number): string {
  if (numbers === undefined || numbers.length === all) return '*';
  return numbers.map((number) => String(number).padStart(2, '0')).join(',');
}

/** An argument of a unit file: `%` and `$` mean something there. */
function unitWord(argument: string): string {
  const escaped = argument
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return `"${escaped}"`;
}
