import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, daysWithSeveral, foldedByMonth, mostUnfolded } from '../../src/model/snapshotDays';
import { snapshotIdAt, snapshotTime } from '../../src/model/snapshotId';
import { typedDay } from '../../src/model/typedDate';

const moments = fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { maxLength: 200 });
const ids = moments.map((all) => [...new Set(all.map(snapshotIdAt))].sort().reverse());

describe('snapshots of many dates', () => {
  it('are folded by month only where they are many, and none is lost or moved', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const months = foldedByMonth(all);
        if (all.length <= mostUnfolded) expect(months).toBeUndefined();
        else {
          expect(months?.flatMap((month) => month.ids)).toEqual(all);
          const keys = months?.map(({ key }) => key) ?? [];
          expect(new Set(keys).size).toBe(keys.length);
          for (const { key, ids: some } of months ?? []) {
            for (const id of some) expect(dayOf(snapshotTime(id)).slice(0, 7)).toBe(key);
          }
        }
      }),
    );
  });

  it('have a time of day only where their day has several', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const several = daysWithSeveral(all);
        for (const id of all) {
          const day = dayOf(snapshotTime(id));
          const count = all.filter((other) => dayOf(snapshotTime(other)) === day).length;
          expect(several.has(day)).toBe(count > 1);
        }
      }),
    );
  });
});

describe('a date that is typed', () => {
  const now = new Date(2026, 10, 23, 7).getTime();

  it.each([
    ['2026-11-05', '2026-11-05'],
    ['2026/1/5', '2026-01-05'],
    ['5.11.2026', '2026-11-05'],
    ['05/11/2026', '2026-11-05'],
    [' 5.11. ', '2026-11-05'],
    ['23/11', '2026-11-23'],
    ['24/11', '2025-11-24'],
    ['29.2.2024', '2024-02-29'],
  ])('%s is %s', (text, day) => {
    expect(typedDay(text, now)).toBe(day);
  });

  it.each(['', 'monday', '31.2.2026', '2026-13-01', '0.1.2026', '2026-11', '29/2', '1/2/3/4'])(
    '"%s" is none',
    (text) => {
      expect(typedDay(text, now)).toBeUndefined();
    },
  );

  it('is what a day is written as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 41 }), (moment) => {
        expect(typedDay(dayOf(moment), now)).toBe(dayOf(moment));
      }),
    );
  });
});
