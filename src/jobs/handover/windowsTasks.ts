import type { Schedule } from '../../model/schedule/schedule';
import { prefixOf, type Handover } from './handover';
import { wakeTimes } from './wakeTimes';
import { inXml } from './xml';

/** A task of the Windows Task Scheduler, for `schtasks /Create /XML`. */
export interface WindowsTask {
  readonly name: string;
  readonly content: string;
}

/** A task may have so many triggers. */
const mostTriggers = 48;

/**
 * A task for each server (Task Scheduler schema 1.2). It names the times of the day only, as
 * `--if-due` knows the days; `StartWhenAvailable` makes up for what was missed.
 */
export function windowsTasksOf(handover: Handover): WindowsTask[] {
  return handover.servers.map(({ name, schedule }) => ({
    name: `${prefixOf(handover.workspace)}-${name}`,
    content: taskOf(name, [...handover.command, '--', name], schedule),
  }));
}

function taskOf(server: string, command: readonly string[], schedule: Schedule): string {
  const { hours, minutes } = wakeTimes(schedule, false);
  const times = hours.flatMap((hour) => minutes.map((minute) => ({ hour, minute })));
  const [program = '', ...args] = command;
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <RegistrationInfo>',
    `    <Description>${inXml(`Back up ${server} with Sauvegarde`)}</Description>`,
    '  </RegistrationInfo>',
    '  <Triggers>',
    ...(times.length > mostTriggers ? [everyMinuteTrigger] : times.map(dailyTrigger)),
    '  </Triggers>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <StartWhenAvailable>true</StartWhenAvailable>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    '  </Settings>',
    '  <Actions>',
    '    <Exec>',
    `      <Command>${inXml(program)}</Command>`,
    `      <Arguments>${inXml(args.map(windowsWord).join(' '))}</Arguments>`,
    '    </Exec>',
    '  </Actions>',
    '</Task>',
    '',
  ].join('\r\n');
}

/** Any day in the past will do: the time of the day is what counts. */
const anyDay = '2026-01-01';

const everyMinuteTrigger = [
  '    <TimeTrigger>',
  `      <StartBoundary>${anyDay}T00:00:00</StartBoundary>`,
  '      <Repetition><Interval>PT1M</Interval></Repetition>',
  '    </TimeTrigger>',
].join('\r\n');

function dailyTrigger({ hour, minute }: { hour: number; minute: number }): string {
  const time = [hour, minute, 0].map((part) => String(part).padStart(2, '0')).join(':');
  return [
    '    <CalendarTrigger>',
    `      <StartBoundary>${anyDay}T${time}</StartBoundary>`,
    '      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>',
    '    </CalendarTrigger>',
  ].join('\r\n');
}

/** An argument as `CommandLineToArgvW` takes it apart: backslashes count only in front of a quote. */
function windowsWord(argument: string): string {
  if (/^[^\s"]+$/.test(argument)) return argument;
  return `"${argument.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`;
}
