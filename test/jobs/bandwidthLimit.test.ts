import { expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock';
import { LimitedSink } from '../../src/jobs/bandwidthLimit';
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

it('takes no more than so many bytes per second, over all files together', async () => {
  const clock = sleepingClock();
  let received = 0;
  const counting: Sink = {
    receive: () =>
      Promise.resolve({
        offset: 0,
        write: (chunk) => {
          received += chunk.length;
          return undefined;
        },
        finish: () => Promise.resolve(),
        abandon: () => Promise.resolve(),
      }),
    skip: () => Promise.resolve(),
    warn: () => undefined,
  };
  const sink = new LimitedSink(counting, 1_000_000, clock, new AbortController().signal);
  const entry: Entry = { path: remotePath('/f'), type: 'file', size: 5_000_000, granularity: 1 };
  const files = [
    await sink.receive({ entry, number: 0 }, entry),
    await sink.receive({ entry, number: 1 }, entry),
  ];
  for (let chunk = 0; chunk < 100; chunk += 1) {
    for (const file of files) await file.write(Buffer.alloc(50_000));
  }
  expect(received).toBe(10_000_000);
  expect(clock.time).toBeGreaterThan(9500);
  expect(clock.time).toBeLessThan(10_500);
});
