import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calendarOf, lastDays, type Day } from '../../src/model/overview/calendar';
import { chosenRuns } from '../../src/model/overview/chosenRuns';
import type { RunFigures } from '../../src/model/overview/runFigures';
import { monthly, sizesToShow, thinned } from '../../src/model/overview/series';
import { Schedule } from '../../src/model/schedule/schedule';
import { snapshotIdAt } from '../../src/model/snapshotId';

const hour = 3_600_000;
const day = 24 * hour;
/** Noon of a Monday, local time. */
const now = new Date(2026, 10, 30, 12).getTime();
const schedule = Schedule.parse('0 7 * * *');

function run(started: number, status: RunFigures['status'] = 'complete'): RunFigures {
  const id = snapshotIdAt(started);
  const fetched = { fetchedFiles: 1, fetchedBytes: 1, skipped: 0 };
  return { id, status, started, finished: started + 60_000, files: 1, bytes: 1, ...fetched };
}

/** At an hour of the day that is so many days ago. */
function at(daysAgo: number, hours: number): number {
  return new Date(2026, 10, 30 - daysAgo, 0, hours * 60).getTime();
}

function week(
  runs: readonly RunFigures[],
  given: Partial<Parameters<typeof calendarOf>[0]> = {},
): Day[] {
  const days = lastDays(now, 7);
  const first = given.first ?? at(30, 7);
  return calendarOf({ runs, first, schedule, days, now, ...given });
}

const states = (days: readonly Day[]): string => days.map(({ state }) => state).join(' ');

it('the last days end with today, and each begins at local midnight', () => {
  const days = lastDays(now, 90);
  expect(days).toHaveLength(91);
  for (const moment of days) expect(new Date(moment).getHours()).toBe(0);
  expect(days[89]! <= now && now < days[90]!).toBe(true);
});

it('each day says how it came out', () => {
  const runs = [
    run(at(6, 7)),
    run(at(5, 7), 'incomplete'),
    run(at(4, 7), 'failed'),
    // Nothing three days ago.
    run(at(2, 7), 'failed'),
    run(at(2, 7.2)),
    run(at(1, 7), 'cancelled'),
    run(at(0, 7)),
  ];
  const days = week(runs);
  expect(states(days)).toBe('good incomplete failed missed good missed good');
  expect(days[4]).toEqual({ state: 'good', runs: 2, failed: 1, run: runs[4]!.id });
});

it('without a schedule nothing is missed, and nothing before the first run', () => {
  expect(states(week([run(at(6, 7))], { schedule: undefined }))).toBe(
    'good none none none none none none',
  );
  // What was due at 7 today is still within its grace at noon.
  expect(states(week([run(at(2, 9))], { first: at(2, 9) }))).toBe(
    'none none none none good missed none',
  );
});

it('what is due today may still come', () => {
  const eleven = Schedule.parse('0 11 * * *');
  const runs = [6, 5, 4, 3, 2, 1].map((ago) => run(at(ago, 11)));
  expect(week(runs, { schedule: eleven }).at(-1)?.state).toBe('none');
  const both = Schedule.parse('0 1,11 * * *');
  expect(week(runs, { schedule: both }).at(-1)?.state).toBe('missed');
  expect(week(runs, { schedule: Schedule.parse('0 20 * * *') }).at(-1)?.state).toBe('none');
});

it('a run that was due before midnight and began after it is that of the day before', () => {
  const late = Schedule.parse('50 23 * * *');
  const runs = [7, 6, 5, 4, 3, 2, 1].map((ago) => run(at(ago - 1, 0.1)));
  expect(states(week(runs, { schedule: late }).slice(0, 6))).not.toContain('missed');
  const one = week([run(at(2, 0.1))], { schedule: late, first: at(20, 0) });
  expect(states(one)).toBe('missed missed missed good good missed none');
});

it('any runs: a day is as good as its best run, and missed only without one', () => {
  const status = fc.constantFrom('complete', 'incomplete', 'failed', 'cancelled');
  const some = fc.array(fc.record({ hours: fc.integer({ min: 0, max: 167 }), status }));
  fc.assert(
    fc.property(some, (drawn) => {
      const begin = lastDays(now, 7)[0]!;
      const runs = drawn
        .map((one) => run(begin + one.hours * hour + 1000, one.status))
        .sort((a, b) => a.started - b.started);
      const limits = lastDays(now, 7);
      for (const [index, found] of week(runs).entries()) {
        const of = runs.filter(
          ({ started, status }) =>
            status !== 'cancelled' && started >= limits[index]! && started < limits[index + 1]!,
        );
        const has = (wanted: string): boolean => of.some(({ status }) => status === wanted);
        if (has('complete')) expect(found.state).toBe('good');
        else if (has('incomplete')) expect(found.state).toBe('incomplete');
        else if (has('failed')) expect(found.state).toBe('failed');
        else expect(found.run).toBeUndefined();
        expect(found.runs).toBe(of.length);
      }
    }),
  );
});

it('of a server that is backed up every minute a bounded number of runs is read', () => {
  const minutes = Array.from({ length: 60 * 24 * 4 }, (_none, index) => now - index * 60_000);
  expect(chosenRuns(minutes.map(snapshotIdAt), new Set(), now)).toHaveLength(3000);
});

it('of older days a few runs are read, of the future and of other years none', () => {
  const id = (age: number): string => snapshotIdAt(now - age * day);
  // 100 days ago was the 22nd of August, 120 days ago the 2nd.
  const ages = [-400, -2, 0, 1, 100, 100.2, 101, 120, 121, 365, 367, 9000];
  const chosen = chosenRuns(ages.map(id), new Set(), now);
  expect(chosen).toEqual([0, 1, 100, 101, 120, 365].map(id));
  expect(chosenRuns(ages.map(id), new Set([id(100.2)]), now)[2]).toBe(id(100.2));
});

it('the last run of each month is among the older ones', () => {
  const ids = Array.from({ length: 360 }, (_none, age) => snapshotIdAt(now - age * day));
  const chosen = new Set(chosenRuns(ids, new Set(), now));
  const last = ids.filter((id, index) => id.slice(0, 7) !== ids[index - 1]?.slice(0, 7));
  expect(last.length).toBeGreaterThan(11);
  for (const id of last) expect(chosen).toContain(id);
  expect(chosen.size).toBeLessThan(93 + 10 * 4);
});

it('a long series is thinned to its ends and one for each stretch', () => {
  const runs = Array.from({ length: 365 }, (_none, index) => run(now - (364 - index) * day));
  const few = thinned(runs, 116);
  expect(few.length).toBeLessThanOrEqual(116);
  expect(few.length).toBeGreaterThan(100);
  expect([few[0], few.at(-1)]).toEqual([runs[0], runs.at(-1)]);
  expect(thinned([], 5)).toEqual([]);
  expect(thinned(runs.slice(0, 1), 5)).toEqual(runs.slice(0, 1));
  expect(monthly(runs)).toHaveLength(12);
  // A year apart, the same month is another one.
  expect(monthly([run(now - 365 * day), run(now)])).toHaveLength(2);
  expect(sizesToShow([run(at(1, 7)), run(at(1, 9)), run(at(0, 7), 'failed')])).toEqual([
    run(at(1, 9)),
  ]);
});
