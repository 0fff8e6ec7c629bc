import type { Schedule } from '../../model/schedule/schedule';
import { prefixOf, type Handover } from './handover';
import { wakeTimes } from './wakeTimes';
import { inXml } from './xml';

/** A file of `~/Library/LaunchAgents`. */
export interface LaunchAgent {
  readonly label: string;
  readonly content: string;
}

/** With more times than this a day, a plain interval serves as well. */
const mostTimes = 48;

/**
 * A property list for each server (launchd.plist(5)). It names the times of the day only, as
 * `--if-due` knows the days; what was missed asleep is made up for by launchd, what was missed while
 * the computer was off by `RunAtLoad`.
 */
export function launchAgentsOf(handover: Handover): LaunchAgent[] {
  return handover.servers.map(({ name, schedule }) => {
    const label = `${prefixOf(handover.workspace)}-${name}`;
    const command = [...handover.command, '--', name];
    return { label, content: propertyList(label, command, schedule) };
  });
}

function propertyList(label: string, command: readonly string[], schedule: Schedule): string {
  const { hours, minutes } = wakeTimes(schedule, false);
  const times = hours.flatMap((hour) => minutes.map((minute) => ({ hour, minute })));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key><string>${inXml(label)}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...command.map((argument) => `    <string>${inXml(argument)}</string>`),
    '  </array>',
    '  <key>RunAtLoad</key><true/>',
    '  <key>ProcessType</key><string>Background</string>',
    ...(times.length > mostTimes
      ? ['  <key>StartInterval</key><integer>60</integer>']
      : ['  <key>StartCalendarInterval</key>', '  <array>', ...times.map(timeOf), '  </array>']),
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

function timeOf({ hour, minute }: { hour: number; minute: number }): string {
  const parts = [
    `<key>Hour</key><integer>${hour}</integer>`,
    `<key>Minute</key><integer>${minute}</integer>`,
  ];
  return `    <dict>${parts.join('')}</dict>`;
}
