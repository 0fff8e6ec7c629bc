import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { Turns } from '../../base/turns';
import type { Server } from '../../model/configuration/server';
import { hasSnapshot } from '../../model/overview/runFigures';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import type { Store } from '../../store/store';
import { readStore } from '../overview/readStore';
import type { Fleet, FleetServer, Need } from './kubernetes/fleet';
import { startTimes } from './kubernetes/startTimes';

export interface FleetOptions extends Omit<Fleet, 'servers'> {
  /** All that have a schedule. */
  readonly servers: readonly Server[];
  /** The names of those that are to be exported. */
  readonly wanted: ReadonlySet<string>;
  readonly storeOf: (server: Server) => Store;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** A file in a ConfigMap, all of it in bytes (kubernetes.io, ConfigMaps). */
const longestConfiguration = 1024 * 1024;

/** So many of the last runs say what the next one will need. */
const lastRuns = 10;

/** Plans a fleet by what the stores that are here say of the last runs. Throws `configuration` if it is too big. */
export async function fleetOf(options: FleetOptions): Promise<Fleet> {
  const { servers, wanted, configuration, timeZone, image, namespace, storage } = options;
  if (Buffer.byteLength(configuration) > longestConfiguration) {
    throw new BackupError(
      'configuration',
      'The configuration file is longer than the 1 MiB that a ConfigMap of Kubernetes may hold. Divide it among several workspace folders.',
    );
  }
  const scheduled = servers.flatMap((server) => {
    const schedule = scheduleOf(server);
    return schedule ? [{ server, name: server.name, schedule }] : [];
  });
  const starts = startTimes(scheduled, timeZone);
  const found: FleetServer[] = [];
  for (const { server, name, schedule } of scheduled) {
    if (!wanted.has(name)) continue;
    const need = await needOf(server, options);
    found.push({ name, schedule, starts: starts.get(name) ?? '', ...(need && { need }) });
  }
  const place = namespace === undefined ? {} : { namespace };
  return { image, ...place, storage, configuration, timeZone, servers: found };
}

async function needOf(
  server: Server,
  { storeOf, now, signal }: FleetOptions,
): Promise<Need | undefined> {
  throwIfAborted(signal);
  const reading = { now, turns: new Turns(), signal, mayWrite: false, isQuick: true };
  const { runs } = await readStore(server, storeOf(server), reading);
  const last = runs.filter(hasSnapshot).slice(-lastRuns);
  if (last.length === 0) return undefined;
  const seconds = last.map(({ started, finished }) => Math.max(1, (finished - started) / 1000));
  return {
    seconds: Math.ceil(Math.max(...seconds)),
    files: Math.max(...last.map(({ files }) => files)),
    bytesPerSecond: Math.max(
      ...last.map(({ fetchedBytes }, index) => fetchedBytes / (seconds[index] ?? 1)),
    ),
  };
}
