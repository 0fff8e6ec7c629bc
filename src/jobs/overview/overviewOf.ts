/** What the overview page shows of all servers. Reads the stores and connects to nothing. */
import type { Clock } from '../../base/clock';
import { throwIfAborted } from '../../base/abort';
import { messageOf } from '../../base/errors';
import { Turns } from '../../base/turns';
import type { Server } from '../../model/configuration/server';
import { calendarDays } from '../../model/overview/chosenRuns';
import { calendarOf, lastDays } from '../../model/overview/calendar';
import { worstFirst, type Overview, type ServerOverview } from '../../model/overview/overview';
import { changesToShow, sizesToShow } from '../../model/overview/series';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import type { Store } from '../../store/store';
import { copyOverviews } from './copyOverviews';
import { readStore, type StoreState } from './readStore';
import { standingOf } from './standing';

export interface OverviewOptions {
  readonly servers: readonly Server[];
  /** Throws where a store must not be opened. */
  readonly storeOf: (server: Server) => Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether what was read may be kept in the stores for the next time. */
  readonly mayWrite: boolean;
  readonly onProgress?: (done: number) => void;
}

/** Stores that are read at once: while the disk looks for one, another can be worked at. */
const atOnce = 4;

export async function overviewOf(options: OverviewOptions): Promise<Overview> {
  const { servers, clock, signal, onProgress } = options;
  const made = clock.now();
  const days = lastDays(made, calendarDays);
  const turns = new Turns();
  const found: ServerOverview[] = [];
  const waiting = servers.values();
  const readOn = async (): Promise<void> => {
    for (const server of waiting) {
      throwIfAborted(signal);
      found.push(await serverOverview(server, options, { made, days, turns }));
      onProgress?.(found.length);
      if (turns.isOver) await turns.next();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readOn));
  return { made, days, servers: worstFirst(found) };
}

interface Moment {
  readonly made: number;
  readonly days: readonly number[];
  readonly turns: Turns;
}

async function serverOverview(
  server: Server,
  { storeOf, signal, mayWrite }: OverviewOptions,
  { made, days, turns }: Moment,
): Promise<ServerOverview> {
  try {
    const store = storeOf(server);
    const reading = { now: made, turns, signal, mayWrite, isQuick: false };
    const state = await readStore(server, store, reading);
    return { ...shownOf(server, state, { made, days }), ...copyOverviews(server, store) };
  } catch (error) {
    throwIfAborted(signal);
    // One store that cannot be read must not hide the others.
    const standing = { state: 'unreadable', reason: messageOf(error) } as const;
    const none = days.slice(1).map(() => ({ state: 'none', runs: 0, failed: 0 }) as const);
    const nothing = { sizes: [], changes: [], kept: new Set<string>() };
    return { name: server.name, standing, days: none, ...nothing };
  }
}

function shownOf(
  server: Server,
  state: StoreState,
  { made, days }: Omit<Moment, 'turns'>,
): ServerOverview {
  const { runs, first, kept, lastGood, proven, newest, folders } = state;
  const schedule = scheduleOf(server);
  const nextDue = schedule?.nextAfter(made);
  return {
    name: server.name,
    standing: standingOf(state, schedule, made),
    ...(lastGood !== undefined && { lastGood }),
    ...(nextDue !== undefined && { nextDue }),
    ...(proven && { proven }),
    ...(newest && { newest }),
    days: calendarOf({ runs, first, schedule, days, now: made }),
    sizes: sizesToShow(runs),
    changes: changesToShow(runs),
    ...(folders && { folders }),
    kept,
  };
}
