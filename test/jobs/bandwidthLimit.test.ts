import { expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock';
import { LimitedSink } from '../../src/jobs/backUp/bandwidthLimit';
import { bandwidthForm, parseBandwidth, rateAt } from '../../src/model/configuration/bandwidth';
import type { Entry } from '../../src/model/entry';
import { remotePath } from '../../src/model/remotePath';
import type { Sink } from '../../src/model/transfer';

/** Time passes only by sleeping. */
function sleepingClock(): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    monotonic() {
      return this.time;
    },
    sleep(milliseconds) {
      this.time += milliseconds;
      return Promise.resolve();
    },
  };
}

/** What arrives is counted and forgotten. */
function countingSink(): Sink & { received: number } {
  return {
    received: 0,
    receive() {
      return Promise.resolve({
        offset: 0,
        write: (chunk) => {
          this.received += chunk.length;
          return undefined;
        },
        finish: () => Promise.resolve(),
        abandon: () => Promise.resolve(),
      });
    },
    left: () => Promise.resolve(undefined),
    skip: () => Promise.resolve(),
    warn: () => undefined,
  };
}

const { signal } = new AbortController();
const entry: Entry = { path: remotePath('/f'), type: 'file', size: 5_000_000, granularity: 1 };

it('takes no more than so many bytes per second, over all files together', async () => {
  const clock = sleepingClock();
  const counting = countingSink();
  const sink = new LimitedSink(counting, () => 1_000_000, clock, signal);
  const files = [
    await sink.receive({ entry, number: 0 }, entry),
    await sink.receive({ entry, number: 1 }, entry),
  ];
  for (let chunk = 0; chunk < 100; chunk += 1) {
    for (const file of files) await file.write(Buffer.alloc(50_000));
  }
  expect(counting.received).toBe(10_000_000);
  expect(clock.time).toBeGreaterThan(9500);
  expect(clock.time).toBeLessThan(10_500);
});

it('follows a timetable while it runs', async () => {
  const clock = sleepingClock();
  const timetable = parseBandwidth('20:00 off, 08:00 1MB/s');
  // Ten seconds before the limit ends.
  const begin = new Date(2026, 10, 24, 19, 59, 50).getTime();
  const rate = (): number | undefined => rateAt(timetable, new Date(begin + clock.time));
  const sink = new LimitedSink(countingSink(), rate, clock, signal);
  const file = await sink.receive({ entry, number: 0 }, entry);
  for (let chunk = 0; chunk < 1000; chunk += 1) await file.write(Buffer.alloc(50_000));
  // Fifty megabytes: ten at the limit, the rest at once.
  expect(clock.time).toBeGreaterThan(9900);
  expect(clock.time).toBeLessThan(10_500);
});

it.each([
  ['00:00', undefined],
  ['07:59', undefined],
  ['08:00', 2e6],
  ['12:30', 5e5],
  ['19:59', 5e5],
  ['20:00', undefined],
  ['23:59', undefined],
])('at %s the limit is %s', (time, expected) => {
  const [hour, minute] = time.split(':').map(Number);
  const timetable = parseBandwidth('08:00 2MB/s, 12:30 500kB/s, 20:00 off');
  expect(rateAt(timetable, new Date(2026, 10, 24, hour, minute))).toBe(expected);
});

it.each(['4MB/s', '500 kB/s', '1.5MiB/s', '08:00 2MB/s', '08:00 2MB/s,20:00 off', '00:00 off'])(
  '%j is a bandwidth',
  (text) => expect(text).toMatch(bandwidthForm),
);

it.each([
  '',
  '0MB/s',
  '4MB',
  'off',
  '8:00 2MB/s',
  '24:00 off',
  '08:60 off',
  '08:00',
  '08:00 0B/s',
  '1MB/s, 08:00 off',
])('%j is none', (text) => expect(text).not.toMatch(bandwidthForm));
