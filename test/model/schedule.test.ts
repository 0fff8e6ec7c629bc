import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { graceOf, overdueAt } from '../../src/model/schedule/overdue';
import { Schedule } from '../../src/model/schedule/schedule';
import { scheduleWords } from '../../src/model/schedule/scheduleWords';

const hour = 3_600_000;

function parsed(text: string, timeZone?: string): Schedule {
  const schedule = Schedule.parse(text, timeZone);
  if (!schedule) throw new Error(`${text} is no schedule`);
  return schedule;
}

describe('a schedule', () => {
  it.each(['0 7 * * *', '@daily', ' @hourly ', '0 0 L * *', '0 0 * * 5#2', '30 0 7 * * MON-FRI'])(
    'is %s',
    (text) => {
      expect(Schedule.parse(text)).toBeDefined();
    },
  );

  it.each(['', 'daily', '0 7 * *', '61 * * * *', '0 7 31 11 *', '2030-01-01T00:00:00', '@reboot'])(
    'is not %j',
    (text) => {
      expect(Schedule.parse(text)).toBe(undefined);
    },
  );

  it('counts a due moment itself as the last, and not as the next', () => {
    const schedule = parsed('0 7 * * *', 'UTC');
    const due = Date.UTC(2026, 10, 25, 7);
    expect(schedule.lastUntil(due)).toBe(due);
    expect(schedule.lastUntil(due - 1)).toBe(due - 24 * hour);
    expect(schedule.lastUntil(due + 999)).toBe(due);
    expect(schedule.nextAfter(due)).toBe(due + 24 * hour);
    expect(schedule.nextAfter(due - 1)).toBe(due);
  });

  it.each([
    ['0 7 * * *', undefined, 'At 07:00, every day', 'À 07:00, tous les jours'],
    [
      '0 7 * * *',
      'Europe/Paris',
      'At 07:00, every day (Europe/Paris)',
      'À 07:00, tous les jours (Europe/Paris)',
    ],
    ['*/15 * * * *', undefined, 'Every 15 minutes', 'Toutes les 15 minutes'],
    ['0 3 * * 0', undefined, 'At 03:00, only on Sunday', 'À 03:00, uniquement le dimanche'],
    ['@hourly', undefined, 'Every hour', 'Toutes les heures'],
  ])('%s in words', (text, zone, english, french) => {
    expect(scheduleWords(parsed(text, zone), 'en')).toBe(english);
    expect(scheduleWords(parsed(text, zone), 'fr-CA')).toBe(french);
  });
});

describe('a server', () => {
  const daily = parsed('0 7 * * *', 'UTC');
  const due = Date.UTC(2026, 10, 25, 7);

  it('is overdue when the time for its run has passed, and not before', () => {
    const before = due - 20 * hour;
    expect(graceOf(daily, due)).toBe(6 * hour);
    expect(overdueAt(daily, before, due + 5 * hour)).toBe(undefined);
    expect(overdueAt(daily, before, due + 6 * hour)).toEqual({ due, lastGood: before });
    expect(overdueAt(daily, due + 1, due + 23 * hour)).toBe(undefined);
  });

  it('is overdue for a moment before the last one too', () => {
    const old = due - 30 * hour;
    expect(overdueAt(daily, old, due + hour)).toEqual({ due: due - 24 * hour, lastGood: old });
  });

  it('is given half its period where that is short', () => {
    expect(graceOf(parsed('@hourly', 'UTC'), due)).toBe(hour / 2);
  });

  it('is not overdue if it was never backed up: it is due', () => {
    expect(overdueAt(daily, undefined, due + 100 * hour)).toBe(undefined);
  });
});

describe('the configuration', () => {
  const faults = (fields: object): string[] => {
    const server = { protocol: 'ftp', host: 'h', include: [], ...fields };
    const text = JSON.stringify({ servers: { web: server } });
    return parseConfiguration(text, '/').faults.map(
      ({ field, accepted }) => `${field}: ${accepted}`,
    );
  };

  it.each([
    [
      { schedule: 'at seven' },
      'servers.web.schedule: a cron expression such as "0 7 * * *", or "@daily"',
    ],
    [
      { schedule: '@daily', timeZone: 'Paris' },
      'servers.web.timeZone: a time zone such as "Europe/Paris"',
    ],
    [{ before: 'dump' }, 'servers.web.before: a command only for sftp, and for rsync over ssh'],
    [
      { protocol: 'rsync', via: 'daemon', after: 'x' },
      'servers.web.after: a command only for sftp, and for rsync over ssh',
    ],
    [
      { protocol: 'ftp', shell: true },
      'servers.web.shell: true only for sftp, and for rsync over ssh',
    ],
    [
      { protocol: 'sftp', hookTimeout: 0 },
      'servers.web.hookTimeout: a whole number from 1 to 86400',
    ],
  ])('says what is wrong in %j', (fields, fault) => {
    expect(faults(fields)).toEqual([fault]);
  });
});
