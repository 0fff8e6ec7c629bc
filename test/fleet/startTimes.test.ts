import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keysName, objectName } from '../../src/jobs/handover/kubernetes/objectName';
import { startTimes } from '../../src/jobs/handover/kubernetes/startTimes';
import { Schedule } from '../../src/model/schedule/schedule';
import { startsAt } from './clusterClock';

const minute = 60_000;

function scheduleOf(text: string, timeZone?: string): Schedule {
  const schedule = Schedule.parse(text, timeZone);
  if (!schedule) throw new Error(`${text} is no schedule`);
  return schedule;
}

const fields = fc.tuple(
  fc.constantFrom('0', '30', '59', '*/15', '5,50', '*', '0-10'),
  fc.constantFrom('0', '1', '2', '3', '7', '23', '*', '*/6', '22-23'),
  fc.constantFrom('*', '1', 'L', '13', '28-31'),
  fc.constantFrom('*', '3', '10-11'),
  fc.constantFrom('*', '1-5', 'sun', '5#2'),
  fc.constantFrom(undefined, '0', '30'),
);
const zones = ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

it('what is due is started within the hour and never before, whatever the clocks do', () => {
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) }),
      ([first, ...rest], timeZone, place, from) => {
        const seconds = rest.pop();
        const text = [...(seconds === undefined ? [] : [seconds]), first, ...rest].join(' ');
        const schedule = Schedule.parse(text, timeZone);
        if (!schedule) return;
        const servers = Array.from({ length: 41 }, (_none, number) => ({
          name: `s${100 + number}`,
          schedule,
        }));
        const starts = startTimes(servers, 'UTC').get(`s${100 + place}`)!;
        // Also the next time that clocks are set forward in Paris and New York.
        for (const moment of [from, Date.UTC(2026, 2, 7, 22), Date.UTC(2026, 2, 28, 12)]) {
          const due = schedule.nextAfter(moment);
          if (due === undefined) continue;
          let wake = Math.ceil(due / minute) * minute;
          const end = due + 61 * minute;
          while (wake <= end && !startsAt(starts, timeZone, wake)) wake += minute;
          expect(wake, `${text} ${starts} ${new Date(due).toISOString()}`).toBeLessThanOrEqual(end);
        }
      },
    ),
    {
      numRuns: 120,
      // On Lord Howe Island the clock jumps from 2:00 to 2:30.
      examples: [
        [['0-10', '1', '*', '10-11', 'sun', '30'], 'Australia/Lord_Howe', 0, Date.UTC(2026, 9, 3)],
      ],
    },
  );
});

it('spreads servers of the same time evenly over its hour, and keeps the places of those left out', () => {
  const daily = scheduleOf('0 7 * * *', 'Europe/Paris');
  const servers = Array.from({ length: 300 }, (_none, number) => ({
    name: `site-${String(number).padStart(3, '0')}`,
    schedule: daily,
  }));
  const starts = [...startTimes(servers, 'UTC').values()];
  const each = new Map<string, number>();
  for (const start of starts) each.set(start, (each.get(start) ?? 0) + 1);
  expect(each.size).toBe(60);
  expect(new Set(each.values())).toEqual(new Set([5]));
  expect(starts.every((start) => /^\d+ 7 \* \* \*$/.test(start))).toBe(true);
});

it.each([
  ['0 7 * * *', 'UTC', '0 7 * * *'],
  ['*/15 * * * *', 'UTC', '0,15,30,45 * * * *'],
  ['@daily', 'UTC', '0 0 * * *'],
  ['30 2 * * 1', 'Europe/Paris', '30 2,3 * * 1'],
  ['30 2 * * 1', 'Asia/Tokyo', '30 2 * * 1'],
  ['30 0 7 * * *', 'UTC', '1 7 * * *'],
  ['30 59 7 * * *', 'UTC', '0,30 * * * *'],
])('%s in %s is started at %s', (text, zone, expected) => {
  const starts = startTimes([{ name: 'one', schedule: scheduleOf(text, zone) }], 'UTC');
  expect(starts.get('one')).toBe(expected);
});

it('names objects as Kubernetes takes them, each server differently', () => {
  fc.assert(
    fc.property(
      fc
        .uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/))
        .map((names) => [...new Set(names.flatMap((name) => [name, `${name}-ssh`]))]),
      (servers) => {
        const names = servers.map(objectName);
        for (const name of names) expect(name).toMatch(/^[a-z0-9](?:[-a-z0-9]{0,50}[a-z0-9])?$/);
        // Nor are the keys of one server what another is given: `web-ssh` beside `web`.
        const all = [...names, ...servers.map(keysName)];
        expect(new Set(all).size).toBe(2 * servers.length);
      },
    ),
    { numRuns: 200 },
  );
});
