import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../src/jobs/schedule/scheduler';
import { scheduleOf } from '../../src/model/schedule/scheduleOf';
import { SteppedClock, type ClockEvent } from './steppedClock';
import { scheduled, WatchedServers } from './watchedServers';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

interface Life {
  readonly server: ReturnType<typeof scheduled>;
  readonly begin: number;
  readonly long: number;
  readonly events?: readonly ClockEvent[];
}

/** The life of a computer with one server; what was backed up before is said by `before`. */
async function live(
  { server, begin, long, events }: Life,
  before: (host: WatchedServers) => void = () => undefined,
): Promise<{ starts: readonly number[]; host: WatchedServers }> {
  const clock = new SteppedClock(begin, long, events);
  using host = new WatchedServers(clock, [server]);
  before(host);
  await new Scheduler(host, clock).run(clock.signal);
  expect(host.troubles).toEqual([]);
  return { starts: host.starts.get(server.name) ?? [], host };
}

/** The due moment that each run was for. */
function dueOf(
  starts: readonly number[],
  server: ReturnType<typeof scheduled>,
): (number | undefined)[] {
  return starts.map((start) => scheduleOf(server)?.lastUntil(start));
}

function iso(moments: readonly (number | undefined)[]): string[] {
  return moments.map((moment) => new Date(moment ?? NaN).toISOString());
}

describe('over a year', () => {
  it('every due moment is used once, over both changes of the clock', async () => {
    const morning = scheduled('morning', '0 7 * * *', 'Europe/Paris');
    // An hour that is missing on one day, and comes twice on another.
    const night = scheduled('night', '30 2 * * *', 'Europe/Paris');
    const twice = scheduled('twice', '30 1,2 * * *', 'Europe/Paris');
    const begin = Date.UTC(2027, 0, 1);
    const clock = new SteppedClock(begin, 365 * day);
    using host = new WatchedServers(clock, [morning, night, twice]);
    await new Scheduler(host, clock).run(clock.signal);
    for (const [server, perDay] of [
      [morning, 1],
      [night, 1],
      [twice, 2],
    ] as const) {
      const due = dueOf(host.starts.get(server.name) ?? [], server);
      expect(new Set(due).size).toBe(due.length);
      // The first is caught up at once, as nothing was ever backed up.
      expect(due).toHaveLength(365 * perDay + 1);
    }
    const expected = Array.from({ length: 365 }, (_, index) => {
      const midnight = begin + index * day;
      const isSummer = midnight >= Date.UTC(2027, 2, 28) && midnight < Date.UTC(2027, 9, 31);
      return midnight + (isSummer ? 5 : 6) * hour;
    });
    const starts = (host.starts.get('morning') ?? []).slice(1);
    expect(iso(dueOf(starts, morning))).toEqual(iso(expected));
    for (const [index, start] of starts.entries()) {
      expect(start - expected[index]!).toBeLessThan(60 * second);
    }
    expect(host.troubles).toEqual([]);
    expect(host.told).toEqual([]);
  });

  it('comes on a leap day', async () => {
    const server = scheduled('web', '0 7 29 2 *', 'UTC');
    const begin = Date.UTC(2028, 0, 1);
    const { starts } = await live({ server, begin, long: 100 * day }, (host) =>
      host.leaveReport(server, begin - hour),
    );
    expect(iso(dueOf(starts, server))).toEqual(['2028-02-29T07:00:00.000Z']);
  });
});

describe('a computer that was away', () => {
  const server = scheduled('web', '0 7 * * *', 'UTC');
  const begin = Date.UTC(2026, 10, 23, 8);

  it('catches up once after a sleep of three days', async () => {
    const events = [{ at: begin + 2 * hour, by: 3 * day }];
    const { starts } = await live({ server, begin, long: 2 * day, events }, (host) =>
      host.leaveReport(server, begin - hour),
    );
    // Asleep from the 23rd, 10:00, to the 26th, 10:00.
    expect(iso(dueOf(starts, server))).toEqual([
      '2026-11-26T07:00:00.000Z',
      '2026-11-27T07:00:00.000Z',
      '2026-11-28T07:00:00.000Z',
    ]);
    expect(starts[0]! - Date.UTC(2026, 10, 26, 10)).toBeLessThan(2 * minute);
  });

  const aYearAhead = [{ at: begin + hour, by: 365 * day }];
  it.each([
    ['an hour', hour, [], 7],
    ['two days', 2 * day, [], 6],
    // One for the time ahead, and then one for each day.
    ['a year, after it was a year ahead', 365 * day, aYearAhead, 1 + 8],
  ])('runs nothing twice when its clock is set back by %s', async (_name, back, ahead, runs) => {
    // At eight on the fourth day, or soon after it was set ahead.
    const at = ahead.length > 0 ? begin + 365 * day + 3 * hour : begin + 3 * day;
    const events = [...ahead, { at, by: -back }];
    const { starts } = await live({ server, begin, long: 8 * day, events }, (host) =>
      host.leaveReport(server, begin - hour),
    );
    const due = dueOf(starts, server);
    expect(new Set(due).size).toBe(due.length);
    expect(due).toHaveLength(runs);
  });

  it('goes by what another window has done', async () => {
    const clock = new SteppedClock(begin, 5 * day);
    using host = new WatchedServers(clock, [server]);
    host.leaveReport(server, begin - hour);
    await Promise.all([
      new Scheduler(host, clock).run(clock.signal),
      new Scheduler(host, clock).run(clock.signal),
    ]);
    expect(host.starts.get('web')).toHaveLength(5);
  });

  it('finds out behind the lock what another window has done in the same moment', async () => {
    const { starts } = await live({ server, begin, long: day }, (host) => {
      host.leaveReport(server, begin - hour);
      const run = host.run.bind(host);
      host.run = (own, attempt, signal) => {
        // Between the look of this window and its lock.
        host.leaveReport(server, Date.UTC(2026, 10, 24, 7, 0, 2));
        return run(own, attempt, signal);
      };
    });
    expect(starts).toEqual([]);
  });

  it('waits for a run of another window that began before the due moment', async () => {
    const { starts } = await live({ server, begin, long: 1 * day }, (host) => {
      host.leaveReport(server, begin - hour);
      host.failures.push('locked', 'locked');
    });
    expect(starts.map((start) => Math.floor((start - Date.UTC(2026, 10, 24, 7)) / minute))).toEqual(
      [0, 5, 10],
    );
  });

  it('takes a run that its program has cancelled for none', async () => {
    const { starts } = await live({ server, begin, long: hour }, (host) =>
      host.leaveReport(server, begin - hour, 'cancelled'),
    );
    expect(starts).toHaveLength(1);
  });
});

describe('failures', () => {
  const server = scheduled('web', '0 7 * * *', 'UTC');
  const begin = Date.UTC(2026, 10, 23, 6, 59);
  const since = (starts: readonly number[]): number[] =>
    starts.map((start) => Math.floor((start - Date.UTC(2026, 10, 23, 7)) / minute));
  const backedUpBefore = (host: WatchedServers): void =>
    host.leaveReport(server, begin - day + hour);

  it('tries again when the server could not be reached, and tells only the last time', async () => {
    const { starts, host } = await live({ server, begin, long: 20 * hour }, (host) => {
      backedUpBefore(host);
      host.failures.push('connection', 'timeout', 'connection', 'connection');
    });
    expect(since(starts)).toEqual([0, 2, 12, 42]);
    expect(host.willRetry).toEqual([true, true, true, false]);
  });

  it('ends trying with the first success', async () => {
    const { starts } = await live({ server, begin, long: 20 * hour }, (host) => {
      backedUpBefore(host);
      host.failures.push('connection');
    });
    expect(since(starts)).toEqual([0, 2]);
  });

  it.each(['authentication', 'host-key', 'configuration', 'cancelled', 'disk-full'] as const)(
    'does not try %s again before the next time',
    async (kind) => {
      const { starts, host } = await live({ server, begin, long: 20 * hour }, (host) => {
        backedUpBefore(host);
        host.failures.push(kind);
      });
      expect(since(starts)).toEqual([0]);
      expect(host.told).toHaveLength(1);
    },
  );

  it('says once for each time that a server is overdue, also over a restart', async () => {
    const clock = new SteppedClock(begin, 3 * day);
    using host = new WatchedServers(clock, [server]);
    backedUpBefore(host);
    host.failures.push('authentication', 'authentication', 'authentication');
    await new Scheduler(host, clock).run(clock.signal);
    const due = host.told.map(({ overdue }) => overdue.due);
    expect(iso(due)).toEqual([
      '2026-11-23T07:00:00.000Z',
      '2026-11-24T07:00:00.000Z',
      '2026-11-25T07:00:00.000Z',
    ]);
    const again = new SteppedClock(clock.now(), minute);
    await new Scheduler(host, again).run(again.signal);
    expect(host.told).toHaveLength(3);
  });

  it('does not wait for whoever is told', async () => {
    const clock = new SteppedClock(begin, 12 * hour);
    using host = new WatchedServers(clock, [server, scheduled('other', '@hourly', 'UTC')]);
    backedUpBefore(host);
    host.leaveReport(host.list[1]!, begin);
    host.failures.push('authentication');
    let told = 0;
    host.overdue = () => {
      told += 1;
      return new Promise((resolve) => clock.signal.addEventListener('abort', () => resolve()));
    };
    await new Scheduler(host, clock).run(clock.signal);
    expect(told).toBe(1);
    expect(host.starts.get('other')).toHaveLength(12);
  });

  it('has nothing to say after a sleep that it catches up', async () => {
    const events = [{ at: begin + 2 * hour, by: 3 * day }];
    const { host } = await live({ server, begin, long: 12 * hour, events }, backedUpBefore);
    expect(host.told).toEqual([]);
  });
});

describe('two hundred servers', () => {
  const begin = Date.UTC(2026, 10, 23, 6, 59);
  const servers = Array.from({ length: 200 }, (_, index) => scheduled(`web-${index}`, '0 7 * * *'));

  it('never run more than two at once, and each once', async () => {
    const clock = new SteppedClock(begin, 12 * hour);
    using host = new WatchedServers(clock, servers);
    for (const server of servers) host.leaveReport(server, begin - hour);
    let running = 0;
    let most = 0;
    const run = host.run.bind(host);
    host.run = async (...args) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      await run(...args);
    };
    await new Scheduler(host, clock).run(clock.signal);
    expect(most).toBe(2);
    expect(host.starts.size).toBe(200);
    for (const starts of host.starts.values()) expect(starts).toHaveLength(1);
  });

  it('do not start in the same second', async () => {
    const clock = new SteppedClock(begin, hour);
    using host = new WatchedServers(clock, servers);
    host.atOnce = 200;
    for (const server of servers) host.leaveReport(server, begin - hour);
    await new Scheduler(host, clock).run(clock.signal);
    const seconds = new Map<number, number>();
    for (const [start] of host.starts.values()) {
      const at = Math.floor((start ?? 0) / second);
      seconds.set(at, (seconds.get(at) ?? 0) + 1);
    }
    expect(Math.max(...seconds.values())).toBeLessThan(25);
    expect(seconds.size).toBeGreaterThan(20);
  });
});

describe('the configuration', () => {
  const begin = Date.UTC(2026, 10, 23, 6);

  it('is followed: a new schedule, another one, none', async () => {
    const clock = new SteppedClock(begin, 12 * hour);
    using host = new WatchedServers(clock, []);
    const early = scheduled('web', '0 7 * * *', 'UTC');
    const late = scheduled('web', '0 9 * * *', 'UTC');
    host.leaveReport(early, begin - 1);
    const servers = (): typeof host.list => {
      if (clock.now() < begin + 30 * minute) return [];
      if (clock.now() < begin + 2 * hour) return [early];
      return clock.now() < begin + 5 * hour ? [late] : [];
    };
    host.servers = servers;
    await new Scheduler(host, clock).run(clock.signal);
    expect(host.starts.get('web')?.map((start) => Math.floor((start - begin) / hour))).toEqual([
      1, 3,
    ]);
  });

  it('leaves out what has nothing included', async () => {
    const clock = new SteppedClock(begin, 12 * hour);
    using host = new WatchedServers(clock, [{ ...scheduled('web', '@hourly'), include: [] }]);
    await new Scheduler(host, clock).run(clock.signal);
    expect(host.starts.size).toBe(0);
  });
});
