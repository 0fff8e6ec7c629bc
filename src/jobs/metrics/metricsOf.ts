/** Takes the metrics of all servers. Reads what the stores keep for it, and connects to nothing. */
import type { Clock } from '../../base/clock';
import { throwIfAborted } from '../../base/abort';
import { Turns } from '../../base/turns';
import type { Server } from '../../model/configuration/server';
import { heldBytes } from '../../model/metrics/heldBytes';
import type { Metrics, ServerMetrics, StoreMetrics } from '../../model/metrics/metrics';
import { overdueAt } from '../../model/schedule/overdue';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import type { DiskSpace } from '../../store/disk';
import { nodeDisk } from '../../store/nodeDisk';
import type { Store } from '../../store/store';
import { copyOverviews } from '../overview/copyOverviews';
import { readStore, type StoreState } from '../overview/readStore';
import { version } from '../version';

export interface MetricsOptions {
  readonly servers: readonly Server[];
  /** The folder of the stores. */
  readonly destination: string;
  /** Throws where a store must not be opened. */
  readonly storeOf: (server: Server) => Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Stores that are read at once: while the disk looks for one, another can be worked at. */
const atOnce = 4;

export async function metricsOf(options: MetricsOptions): Promise<Metrics> {
  const { clock, destination, servers, signal } = options;
  const taken = clock.now();
  const turns = new Turns();
  const found = new Map<string, ServerMetrics>();
  const waiting = servers.values();
  const readOn = async (): Promise<void> => {
    for (const server of waiting) {
      throwIfAborted(signal);
      found.set(server.name, await metricsOfServer(server, options, { taken, turns }));
      if (turns.isOver) await turns.next();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, readOn));
  const space = spaceOf(destination);
  return {
    ...{ taken, version },
    ...(space && { space }),
    servers: servers.flatMap(({ name }) => found.get(name) ?? []),
  };
}

async function metricsOfServer(
  server: Server,
  { storeOf, signal }: MetricsOptions,
  { taken, turns }: { readonly taken: number; readonly turns: Turns },
): Promise<ServerMetrics> {
  const { name, protocol } = server;
  const nextDue = scheduleOf(server)?.nextAfter(taken);
  const known = { name, protocol, ...(nextDue !== undefined && { nextDue }) };
  const reading = { now: taken, turns, signal, mayWrite: true, isQuick: true };
  try {
    const store = storeOf(server);
    const state = await readStore(server, store, reading);
    const { copies = [] } = copyOverviews(server, store);
    return { ...known, store: { ...storeMetrics(server, state, taken), copies } };
  } catch {
    throwIfAborted(signal);
    // One store that cannot be read must not hide the others; that it cannot is a metric itself.
    return known;
  }
}

function storeMetrics(
  server: Server,
  state: StoreState,
  taken: number,
): Omit<StoreMetrics, 'copies'> {
  const { runs, kept, lastGood, newest, proven, damaged, suspicions } = state;
  const schedule = scheduleOf(server);
  const last = runs.findLast(({ status }) => status !== 'cancelled');
  const success = runs.findLast(({ status }) => status === 'complete');
  return {
    isOverdue: schedule !== undefined && overdueAt(schedule, lastGood, taken) !== undefined,
    ...(last && { last }),
    ...(success && { lastSuccess: success.finished }),
    ...(lastGood !== undefined && { lastGood }),
    ...(newest && { newest }),
    snapshots: kept.size,
    bytes: heldBytes(runs.filter(({ id }) => kept.has(id))),
    ...(proven && { provenSince: proven.since }),
    ...{ damaged, suspicious: suspicions.length },
  };
}

function spaceOf(destination: string): DiskSpace | undefined {
  try {
    return nodeDisk.space(destination);
  } catch {
    // Nothing was backed up yet, or the disk is not there: the metrics of the servers say which.
    return undefined;
  }
}
