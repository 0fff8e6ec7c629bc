import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar, periods, type Period } from '../../src/model/retention/calendar';
import { decideRetention, type Candidate, type Keep } from '../../src/model/retention/retention';
import { before } from '../../src/model/retention/span';
import { snapshotIdAt, snapshotTime, type SnapshotId } from '../../src/model/snapshotId';

const now = Date.parse('2026-11-28T12:00:00Z');

describe('a calendar', () => {
  it.each([
    ['Europe/Paris', '2026-03-29T00:59:59Z', '2026-03-29T01', '2026-W13'],
    ['Europe/Paris', '2026-03-29T01:00:00Z', '2026-03-29T03', '2026-W13'],
    ['America/New_York', '2027-01-01T04:59:59Z', '2026-12-31T23', '2026-W53'],
    ['Asia/Kathmandu', '2024-02-28T18:15:00Z', '2024-02-29T00', '2024-W09'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T23', '2011-W52'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T00', '2011-W52'],
  ])('of %s puts %s into %s', (timeZone, moment, hour, week) => {
    const found = new Calendar(timeZone).periodsOf(Date.parse(moment));
    expect(found.hourly.label).toBe(hour);
    expect(found.daily.label).toBe(hour.slice(0, 10));
    expect(found.weekly.label).toBe(week);
    expect(found.monthly.label).toBe(hour.slice(0, 7));
    expect(found.yearly.label).toBe(hour.slice(0, 4));
  });

  it('tells the two hours apart that clocks set back show with one name', () => {
    const paris = new Calendar('Europe/Paris');
    const first = paris.periodsOf(Date.parse('2026-10-25T00:30:00Z')).hourly;
    const second = paris.periodsOf(Date.parse('2026-10-25T01:30:00Z')).hourly;
    expect(first.label).toBe('2026-10-25T02');
    expect(second.label).toBe(first.label);
    expect(second.key).not.toBe(first.key);
  });
});

describe('a span', () => {
  it.each([
    ['12h', '2026-11-28T00:00:00Z'],
    ['30d', '2026-10-29T12:00:00Z'],
    ['2w', '2026-11-14T12:00:00Z'],
    ['9m', '2026-02-28T12:00:00Z'],
    ['1y6m', '2025-05-28T12:00:00Z'],
  ])('%s before', (span, moment) => {
    expect(new Date(before(now, span)).toISOString()).toBe(moment.replace('Z', '.000Z'));
  });

  it('ends with the month where that has no such day', () => {
    const moment = Date.parse('2024-03-31T08:00:00Z');
    expect(new Date(before(moment, '1m')).toISOString()).toBe('2024-02-29T08:00:00.000Z');
    expect(new Date(before(Date.parse('2024-02-29T08:00:00Z'), '1y')).toISOString()).toBe(
      '2023-02-28T08:00:00.000Z',
    );
  });
});

describe('what stays', () => {
  const of = (keep: Keep | undefined, ...candidates: (Candidate | string)[]): string[] =>
    decideRetention(candidates.map(asCandidate), keep, now, 'UTC').map(
      ({ id, reasons }) => `${id.slice(0, 13)}: ${reasons.join(', ')}`,
    );

  it('is everything without a rule, and with one that would keep nothing', () => {
    expect(of(undefined, '2026-11-01', '2020-01-01')).toEqual([
      '2026-11-01T07: no rule, newest complete',
      '2020-01-01T07: no rule',
    ]);
    expect(of({}, '2020-01-01')).toEqual(['2020-01-01T07: no rule, newest complete']);
    expect(of({ daily: 0 }, '2020-01-01')).toEqual(['2020-01-01T07: no rule, newest complete']);
  });

  it('has all its reasons', () => {
    const keep = { last: 1, daily: 2, weekly: 2, monthly: 2, yearly: 2 };
    expect(of(keep, '2026-11-28', '2026-11-27', '2026-11-26', '2026-10-31', '2025-12-31')).toEqual([
      '2026-11-28T07: last 1, daily 2026-11-28, weekly 2026-W48, monthly 2026-11, yearly 2026, newest complete',
      '2026-11-27T07: daily 2026-11-27',
      '2026-11-26T07: ',
      '2026-10-31T07: weekly 2026-W44, monthly 2026-10',
      '2025-12-31T07: yearly 2025',
    ]);
  });

  it('is no period that has no snapshot: two dailies are the two newest days that have one', () => {
    expect(of({ daily: 2 }, '2026-11-28', '2026-09-01', '2026-08-01')).toEqual([
      '2026-11-28T07: daily 2026-11-28, newest complete',
      '2026-09-01T07: daily 2026-09-01',
      '2026-08-01T07: ',
    ]);
  });

  it('counts "within" from the newest, so that a month away costs nothing', () => {
    expect(of({ within: '7d' }, '2026-08-08', '2026-08-01', '2026-07-31')).toEqual([
      '2026-08-08T07: within 7d, newest complete',
      '2026-08-01T07: within 7d',
      '2026-07-31T07: ',
    ]);
  });

  it('lets an incomplete one go once a complete one is newer, and never counts it', () => {
    const incomplete = (date: string): Candidate => ({
      ...asCandidate(date),
      status: 'incomplete',
    });
    expect(
      of(
        { last: 2 },
        incomplete('2026-11-28'),
        '2026-11-27',
        incomplete('2026-11-26'),
        '2026-11-25',
      ),
    ).toEqual([
      '2026-11-28T07: no newer complete one',
      '2026-11-27T07: last 1, newest complete',
      '2026-11-26T07: ',
      '2026-11-25T07: last 2',
    ]);
  });

  it('is what is pinned, of the future, damaged, or needed by one that stays', () => {
    const gone = asCandidate('2026-11-01');
    expect(
      of(
        { last: 1 },
        '2026-12-24',
        '2026-11-28',
        { ...asCandidate('2026-11-20'), pin: 'by-hand' },
        { ...asCandidate('2026-11-19'), pin: 'before-restore' },
        { ...asCandidate('2026-11-18'), status: 'damaged' },
        { ...asCandidate('2026-11-17'), neededBy: [asCandidate('2026-11-20').id] },
        { ...asCandidate('2026-11-16'), neededBy: [gone.id] },
        gone,
      ),
    ).toEqual([
      '2026-12-24T07: dated in the future',
      '2026-11-28T07: last 1, newest complete',
      '2026-11-20T07: pinned',
      '2026-11-19T07: pinned: before a restore',
      '2026-11-18T07: damaged: to be looked at',
      '2026-11-17T07: needed by 2026-11-20T07-00-00Z',
      '2026-11-16T07: ',
      '2026-11-01T07: ',
    ]);
  });

  it('is not kept from counting by a second that it lies ahead, as several runs in one second do', () => {
    const ahead = { id: snapshotIdAt(now + 2000), status: 'complete' } as const;
    expect(of({ last: 1 }, ahead, '2026-11-27')).toEqual([
      '2026-11-28T12: last 1, newest complete',
      '2026-11-27T07: ',
    ]);
  });

  it('has one without known damage, however old', () => {
    const hurt = (date: string): Candidate => ({ ...asCandidate(date), isHurt: true });
    expect(of({ last: 1 }, hurt('2026-11-28'), hurt('2026-11-27'), '2026-11-26')).toEqual([
      '2026-11-28T07: last 1, newest complete',
      '2026-11-27T07: ',
      '2026-11-26T07: newest without damage',
    ]);
  });
});

describe('over 10,000 random histories', () => {
  it('keeps what the slow and obvious rule keeps', () => {
    fc.assert(
      fc.property(histories, rules, fc.constantFrom(...zones), (history, keep, timeZone) => {
        const found = decideRetention(history.candidates, keep, history.now, timeZone);
        const expected = slowly(history.candidates, keep, history.now, timeZone);
        expect(new Set(found.filter((one) => one.keep).map(({ id }) => id))).toEqual(expected);
        expect(found.every((one) => one.keep === one.reasons.length > 0)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});

function asCandidate(date: Candidate | string): Candidate {
  if (typeof date !== 'string') return date;
  return { id: snapshotIdAt(Date.parse(`${date}T07:00:00Z`)), status: 'complete' };
}

const zones = ['UTC', 'Europe/Paris', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu'];

const count = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 2 });
const rules: fc.Arbitrary<Keep> = fc
  .record({
    last: count,
    hourly: count,
    daily: count,
    weekly: count,
    monthly: count,
    yearly: count,
    within: fc.constantFrom(undefined, undefined, '6h', '30d', '2w', '3m', '1y'),
  })
  .map((rule) =>
    Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)),
  );

/** Moments around what is awkward: clocks set forward and back, leap days, turns of years. */
const awkward = [
  '2026-03-29',
  '2026-10-25',
  '2024-02-29',
  '2026-12-31',
  '2011-12-30',
  '2020-12-31',
];
/** Minutes around such a day: several in an hour, in a day, in a season, in years. */
const spreads = [90, 3 * 24 * 60, 60 * 24 * 60, 3 * 365 * 24 * 60];
const momentsOfOneHistory = fc
  .record({ day: fc.constantFrom(...awkward), spread: fc.constantFrom(...spreads) })
  .map(({ day, spread }) =>
    fc
      .integer({ min: -spread, max: spread })
      .map((minutes) => Date.parse(`${day}T00:30:00Z`) + minutes * 60_000),
  );

const candidatesAt = (moments: fc.Arbitrary<number>): fc.Arbitrary<Candidate[]> =>
  fc
    .uniqueArray(moments.map(snapshotIdAt), { maxLength: 24, size: 'max' })
    .chain((ids) => fc.tuple(...ids.map((id) => candidateOf(id, ids))));

const candidateOf = (id: SnapshotId, ids: SnapshotId[]): fc.Arbitrary<Candidate> =>
  fc.record(
    {
      id: fc.constant(id),
      status: fc.constantFrom(
        ...(['complete', 'complete', 'complete', 'incomplete', 'damaged'] as const),
      ),
      isHurt: fc.boolean(),
      pin: fc.constantFrom(...(['by-hand', 'before-restore'] as const)),
      neededBy: fc.subarray(ids, { maxLength: Math.min(2, ids.length) }),
    },
    { requiredKeys: ['id', 'status'] },
  );

/** A clock that was set back leaves snapshots of the future behind. */
const histories = momentsOfOneHistory.chain((moments) =>
  fc.record({
    candidates: candidatesAt(moments),
    now: fc.oneof(moments, fc.constant(Date.parse('2028-06-01'))),
  }),
);

/** The rule as one would explain it, each part by itself and without regard for time. */
function slowly(
  all: readonly Candidate[],
  keep: Keep,
  at: number,
  timeZone: string,
): Set<SnapshotId> {
  const counting = all
    .filter((one) => one.status === 'complete' && one.pin !== 'before-restore')
    .map(({ id }) => id)
    .filter((id) => snapshotTime(id) <= at + 10_000)
    .sort()
    .reverse();
  const isRule = keep.within !== undefined || Object.values(keep).some((value) => value !== 0);
  if (!isRule) return new Set(all.map(({ id }) => id));
  const kept = new Set([
    ...all.filter((one) => isProtected(one, counting[0], at)).map(({ id }) => id),
    ...counting.filter((id) => all.some((one) => one.id === id && !one.isHurt)).slice(0, 1),
    ...counting.slice(0, keep.last ?? 0),
    ...youngerThan(counting, keep.within),
    ...periods.flatMap((period) => firstOfEach(counting, period, keep[period] ?? 0, timeZone)),
  ]);
  for (let size = -1; size !== kept.size;) {
    size = kept.size;
    for (const { id, neededBy } of all) if (neededBy?.some((by) => kept.has(by))) kept.add(id);
  }
  return kept;
}

function isProtected(one: Candidate, newest: SnapshotId | undefined, at: number): boolean {
  const waits = one.status === 'incomplete' && (newest === undefined || newest < one.id);
  const isMarked = one.pin !== undefined || one.status === 'damaged';
  return one.id === newest || waits || isMarked || snapshotTime(one.id) > at + 10_000;
}

function youngerThan(counting: readonly SnapshotId[], within: string | undefined): SnapshotId[] {
  const [newest] = counting;
  if (within === undefined || newest === undefined) return [];
  const oldest = before(snapshotTime(newest), within);
  return counting.filter((id) => snapshotTime(id) >= oldest);
}

function firstOfEach(
  counting: readonly SnapshotId[],
  period: Period,
  count: number,
  timeZone: string,
): SnapshotId[] {
  const names = [...new Set(counting.map((id) => nameOf(period, id, timeZone)))];
  return names
    .slice(0, count)
    .flatMap((name) => counting.find((id) => nameOf(period, id, timeZone) === name) ?? []);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** By the formatting of a Swede, who writes dates as ISO does, and a week counted day by day. */
function nameOf(period: Period, id: SnapshotId, timeZone: string): string {
  const moment = snapshotTime(id);
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'long', timeZone });
  formats.set(timeZone, format);
  const text = format.format(moment);
  if (period === 'daily') return text.slice(0, 10);
  if (period === 'monthly') return text.slice(0, 7);
  if (period === 'yearly') return text.slice(0, 4);
  // The offset is part of it: 02:30 comes twice where clocks are set back.
  if (period === 'hourly') return `${text.slice(0, 13)} ${text.slice(20)}`;
  const day = Date.parse(text.slice(0, 10)) / 86_400_000;
  return `week ${Math.floor((day + 3) / 7)}`;
}
