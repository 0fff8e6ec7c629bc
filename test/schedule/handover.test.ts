import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, serversIn, withBlock, withoutBlock } from '../../src/jobs/handover/crontab';
import type { Handover } from '../../src/jobs/handover/handover';
import { launchAgentsOf } from '../../src/jobs/handover/launchAgents';
import { unitsOf } from '../../src/jobs/handover/systemdUnits';
import { wakeTimes, type WakeTimes } from '../../src/jobs/handover/wakeTimes';
import { windowsTasksOf } from '../../src/jobs/handover/windowsTasks';
import { Schedule } from '../../src/model/schedule/schedule';

function parsed(text: string, timeZone?: string): Schedule {
  const schedule = Schedule.parse(text, timeZone);
  if (!schedule) throw new Error(`${text} is no schedule`);
  return schedule;
}

const workspace = '/home/me/my sites & "more" 100%';

function handover(schedules: Readonly<Record<string, string>>, timeZone?: string): Handover {
  return {
    workspace,
    command: ['/usr/bin/node', '/opt/sauvegarde/cli.js', 'backup', '-C', workspace, "it's $5 <%>"],
    servers: Object.entries(schedules).map(([name, text]) => ({
      name,
      schedule: parsed(text, timeZone),
    })),
  };
}

const number = (first: number, last: number) => fc.integer({ min: first, max: last });
function field(first: number, last: number, extra: readonly string[] = []) {
  const one = number(first, last).map(String);
  const ranges = fc
    .tuple(number(first, last), number(first, last))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const steps = fc.integer({ min: 1, max: 5 }).map((step) => `*/${step}`);
  const lists = fc.array(fc.oneof(one, ranges), { minLength: 1, maxLength: 3 });
  const part = fc.oneof(
    lists.map((parts) => parts.join(',')),
    steps,
    fc.constant('*'),
  );
  return extra.length === 0 ? part : fc.oneof(part, fc.constantFrom(...extra));
}

const anySchedule = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    field(1, 28, ['L', 'LW', '15W', '?']),
    field(1, 12, ['JAN', 'mar-may']),
    field(0, 7, ['MON-FRI', 'sat-sun', '5#2', '1L', 'wed']),
  )
  .map((fields) => fields.join(' '));
const anyZone = fc.constantFrom(
  undefined,
  'UTC',
  'Europe/Paris',
  'Asia/Kathmandu',
  'Australia/Eucla',
);

/** How long after the moment the next wake-up comes, all hours being awake. */
function minutesLate(minutes: readonly number[], at: Date): number {
  return Math.min(...minutes.map((minute) => (minute - at.getUTCMinutes() + 60) % 60));
}

/** Whether the clock jumps at this moment: what falls into the gap is due here, at another minute. */
function isClockPutForward(at: Date, timeZone = 'UTC'): boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return format.format(at).split(', ')[1] !== format.format(at.getTime() - 1).split(', ')[1];
}

function expectAwake({ minutes, hours, months }: WakeTimes, at: Date, zone?: string): void {
  expect(minutesLate(minutes, at)).toBeLessThan(isClockPutForward(at, zone) ? 15 : 1);
  expect(hours).toContain(at.getUTCHours());
  if (months) expect(months).toContain(at.getUTCMonth() + 1);
}

describe('another scheduler', () => {
  it('wakes us at every due moment, whatever it cannot say', () => {
    const begin = Date.UTC(2026, 0, 1);
    fc.assert(
      fc.property(anySchedule, anyZone, number(0, 364), (text, zone, day) => {
        const schedule = Schedule.parse(text, zone);
        if (!schedule) return;
        const times = wakeTimes(schedule, false);
        let moment = begin + day * 86_400_000;
        for (let count = 0; count < 20; count += 1) {
          moment = schedule.nextAfter(moment) ?? NaN;
          if (Number.isNaN(moment)) return;
          // The tests run in UTC, as the crontab of this computer would be read.
          const at = new Date(moment);
          expectAwake(times, at, zone);
          const { daysOfMonth, weekdays } = times;
          const onDate = daysOfMonth?.includes(at.getUTCDate()) ?? false;
          const onWeekday = weekdays?.includes(at.getUTCDay()) ?? false;
          const isFree = daysOfMonth === undefined && weekdays === undefined;
          expect(isFree || onDate || onWeekday).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['0 7 * * *', '0 7 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['*/15 8-18 * * MON-FRI', '0,15,30,45 8,9,10,11,12,13,14,15,16,17,18 * * 1,2,3,4,5'],
    ['30 6 1,15 * SUN', '30 6 1,15 * 0'],
    ['0 3 L * *', '0 3 * * *'],
    ['20 0 7 * * *', '0 7 * * *'],
  ])('%s', (text, line) => {
    const [first] = blockOf(withBlock('', handover({ web: text })), workspace) ?? [];
    expect(first?.startsWith(`${line} /usr/bin/node`)).toBe(true);
  });
});

describe('a moment that the clock jumps over', () => {
  it('is met within a quarter of an hour', () => {
    const schedule = parsed('46-46 0-2,0 */1 * *', 'Europe/Paris');
    const at = new Date(schedule.nextAfter(Date.UTC(2026, 2, 29, 0, 50)) ?? NaN);
    expect(at.toISOString()).toBe('2026-03-29T01:00:00.000Z');
    expect(isClockPutForward(at, 'Europe/Paris')).toBe(true);
    expect(minutesLate(wakeTimes(schedule, false).minutes, at)).toBe(1);
  });
});

describe('a crontab', () => {
  const others = ['# my own', 'MAILTO=me@example.org', '', '5 4 * * * /usr/local/bin/other %d', ''];

  it('keeps every other line, whatever stands there', () => {
    const line = fc.string().filter((text) => !/[\n\r]|sauvegarde/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        const text = [...before, ''].join('\n');
        const ours = withBlock(text, handover({ web: '0 7 * * *' }));
        const around = `${ours}${after.join('\n')}`;
        expect(withoutBlock(ours, workspace)).toBe(text);
        expect(withoutBlock(around, workspace)).toBe(`${text}${after.join('\n')}`);
        expect(withBlock(around, { ...handover({}), servers: [] })).toBe(
          `${text}${after.join('\n')}`,
        );
      }),
    );
  });

  it('has one block for each workspace folder, and one line for each schedule', () => {
    const first = withBlock(
      others.join('\n'),
      handover({ a: '0 7 * * *', b: '0 7 * * *', c: '@hourly' }),
    );
    const both = withBlock(first, { ...handover({ d: '@daily' }), workspace: '/elsewhere' });
    const again = withBlock(both, handover({ a: '0 8 * * *' }));
    expect(blockOf(both, workspace)).toHaveLength(3);
    expect(serversIn(blockOf(both, workspace) ?? [])).toEqual(['a', 'b', 'c']);
    expect(serversIn(blockOf(again, workspace) ?? [])).toEqual(['a']);
    expect(serversIn(blockOf(again, '/elsewhere') ?? [])).toEqual(['d']);
  });

  it('gives a block that somebody has cut through back as it is', () => {
    const cut = '# BEGIN sauvegarde /x\n0 7 * * * something\n';
    expect(withoutBlock(cut, '/x')).toBe(cut);
  });

  it('starts the program with its arguments as they are', () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-crontab-'));
    const args = ["it's", 'a b', '100%', '$HOME', '`id`', '"', '\\', 'ü'];
    const found = path.join(folder, 'found');
    const print = `require('fs').writeFileSync(${JSON.stringify(found)}, JSON.stringify(process.argv.slice(1)))`;
    const command = [process.execPath, '-e', print, '--', ...args];
    const text = withBlock('', { ...handover({ web: '0 7 * * *' }), command });
    const [line = ''] = blockOf(text, workspace) ?? [];
    // As cron does it: the fields are taken off, `\%` is a `%`, and the shell gets the rest.
    const shell = line
      .split(' ')
      .slice(5)
      .join(' ')
      .replaceAll(String.raw`\%`, '%');
    execFileSync('/bin/sh', ['-c', shell]);
    expect(JSON.parse(fs.readFileSync(found, 'utf8'))).toEqual([...args, '--', 'web']);
    fs.rmSync(folder, { recursive: true });
  });
});

describe('systemd', () => {
  it('takes the units and their calendar events', () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-units-'));
    const schedules = {
      plain: '0 7 * * *',
      either: '30 6 1,15 * FRI',
      often: '*/5 * * * *',
      late: '59 23 L 12 *',
    };
    const units = unitsOf({
      ...handover(schedules, 'Europe/Paris'),
      command: [process.execPath, '-v', '100% $x "q"'],
    });
    for (const { name, content } of units) fs.writeFileSync(path.join(folder, name), content);
    const files = units.map(({ name }) => path.join(folder, name));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder, SYSTEMD_LOG_LEVEL: 'warning' };
    execFileSync('systemd-analyze', ['verify', '--man=no', '--user', ...files], {
      env,
      stdio: 'pipe',
    });
    const events = units.flatMap(({ content }) => [...content.matchAll(/OnCalendar=(.*)/g)]);
    expect(events).toHaveLength(5);
    for (const [, event = ''] of events) {
      execFileSync('systemd-analyze', ['calendar', event], { stdio: 'pipe' });
    }
    fs.rmSync(folder, { recursive: true });
  });

  it('runs on the first and on Fridays, as cron does', () => {
    const [timer] = unitsOf(handover({ web: '30 6 1 * FRI' }));
    expect(timer?.content).toContain('OnCalendar=*-*-01 06:30:00\nOnCalendar=Fri *-*-* 06:30:00\n');
  });
});

describe('launchd and the Task Scheduler', () => {
  const both = (text: string): string[] => [
    ...launchAgentsOf(handover({ web: text })).map(({ content }) => content),
    ...windowsTasksOf(handover({ web: text })).map(({ content }) => content),
  ];

  it('get well-formed XML with the arguments as they are', () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-xml-'));
    const file = path.join(folder, 'file.xml');
    for (const content of [...both('0 7,19 * * *'), ...both('* * * * *')]) {
      fs.writeFileSync(file, content.replace('UTF-16', 'UTF-8'));
      execFileSync('xmllint', ['--noout', file], { stdio: 'pipe' });
      expect(content).toContain('my sites &amp; ');
      expect(content).toContain('it&apos;s $5 &lt;%&gt;');
    }
    fs.rmSync(folder, { recursive: true });
  });

  it('name the times of the day, or an interval where there are too many', () => {
    const [agent = '', task = ''] = both('5 7,19 * * MON');
    expect(agent.match(/<key>Hour<\/key>/g)).toHaveLength(2);
    expect(agent).toContain(
      '<key>Hour</key><integer>19</integer><key>Minute</key><integer>5</integer>',
    );
    expect(task.match(/<CalendarTrigger>/g)).toHaveLength(2);
    expect(task).toContain('<StartBoundary>2026-01-01T19:05:00</StartBoundary>');
    const [oftenAgent = '', oftenTask = ''] = both('* * * * *');
    expect(oftenAgent).toContain('<key>StartInterval</key><integer>60</integer>');
    expect(oftenTask).toContain('<Interval>PT1M</Interval>');
  });
});
