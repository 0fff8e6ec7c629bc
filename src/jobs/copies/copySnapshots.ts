import { BackupError, messageOf } from '../../base/errors';
import type {
  AddedCopy,
  CopyProgress,
  CopyRecord,
  CopyRepository,
} from '../../copies/copyRepository';
import { openRepository, type RepositoryEnvironment } from '../../copies/restic/resticRepository';
import { rateAt } from '../../model/configuration/bandwidth';
import type { Copy } from '../../model/configuration/copy';
import { endpointOf, type Server } from '../../model/configuration/server';
import { copiesToKeep, snapshotsToCopy } from '../../model/copies';
import type { SnapshotId } from '../../model/snapshotId';
import { holdForCopying } from '../../store/copying';
import { changeCopyState } from '../../store/copyStates';
import type { Store } from '../../store/store';
import { howToCompare } from './howToCompare';
import { lockRepository } from './repositoryLock';

export interface CopyOptions {
  readonly server: Server;
  readonly store: Store;
  readonly copy: Copy;
  readonly environment: RepositoryEnvironment;
  readonly signal: AbortSignal;
  /** Whether at most one of each day is wanted. */
  readonly isDaily?: boolean;
  readonly onProgress?: (snapshot: SnapshotId, progress: CopyProgress) => void;
  /** Called after each. Must not throw. */
  readonly onCopied?: (copied: CopiedSnapshot) => void;
}

/** A snapshot that was copied. */
export interface CopiedSnapshot extends AddedCopy {
  readonly server: string;
  readonly snapshot: SnapshotId;
  readonly copy: string;
  readonly seconds: number;
}

/**
 * Copies what came since the last copy of a server into a repository, and removes the copies that its
 * `keep` does not keep. What was copied stays copied, whatever fails after it. Throws what `CopyRepository`
 * throws, and `locked` while a run is under way; why it failed is written down for the next report.
 */
export async function copySnapshots(options: CopyOptions): Promise<readonly CopiedSnapshot[]> {
  const { store, copy, environment, signal } = options;
  const { clock } = environment;
  const { disk, layout } = store;
  try {
    const copied = await copyAll(options);
    await changeCopyState(disk, layout, copy.name, { failed: undefined });
    return copied;
  } catch (error) {
    if (signal.aborted) throw error;
    const kind = error instanceof BackupError ? error.kind : 'protocol';
    const time = new Date(clock.now()).toISOString();
    const failed = { kind, message: messageOf(error), time };
    await changeCopyState(disk, layout, copy.name, { failed }).catch(() => undefined);
    throw error;
  }
}

async function copyAll(options: CopyOptions): Promise<readonly CopiedSnapshot[]> {
  const { server, store, copy, environment, signal, onCopied } = options;
  const candidates = await copyableIds(options);
  if (candidates.length === 0) return [];
  await using _turn = await lockRepository(store, copy.name, environment.clock, signal);
  const repository = await openRepository(copy, environment, signal);
  const records = await repository.copies(server.name, signal);
  requireOwn(records, candidates, options);
  const wanted = snapshotsToCopy(
    candidates,
    records.map(({ snapshot }) => snapshot),
    { ...ruleOf(options), pace: options.isDaily ? 'daily' : 'each' },
  );
  const copied: CopiedSnapshot[] = [];
  for (const id of wanted) {
    const one = await copyOne(repository, id, records, options).catch((error: unknown) => {
      // The retention was quicker: nobody wants it any more.
      if (store.disk.stat(store.layout.manifest(id)) || signal.aborted) throw error;
      return undefined;
    });
    if (!one) continue;
    copied.push(one);
    records.push({ id: one.id, server: server.name, snapshot: id, endpoint: endpointOf(server) });
    onCopied?.(one);
  }
  if (copied.length > 0) await thinOut(repository, records, options);
  return copied;
}

/** Complete backups of which nothing is known to be damaged. */
async function copyableIds({ store, environment }: CopyOptions): Promise<SnapshotId[]> {
  const summaries = await store.snapshots();
  const complete = summaries.filter(({ status, safety }) => status === 'complete' && !safety);
  const hurt = complete.filter(({ damaged }) => damaged > 0);
  for (const { id } of hurt) {
    environment.log.warn(`Snapshot ${id} is damaged and is not copied. Mend it: verify --repair`);
  }
  return complete.filter(({ damaged }) => damaged === 0).map(({ id }) => id);
}

/**
 * Two servers of one name would be taken for one: the copies of the other would be thinned out and mixed
 * with ours. A server that has moved to another address still has a snapshot of which a copy is there.
 */
function requireOwn(
  records: readonly CopyRecord[],
  ours: readonly SnapshotId[],
  { server, copy }: CopyOptions,
): void {
  const foreign = records.find(
    ({ endpoint }) => endpoint !== undefined && endpoint !== endpointOf(server),
  );
  const own = new Set(ours);
  if (!foreign || records.some(({ snapshot }) => own.has(snapshot))) return;
  throw new BackupError(
    'configuration',
    `The repository of "${copy.name}" has copies of another server that is called ${server.name} (${foreign.endpoint ?? ''}). Name one of them otherwise, or use another repository.`,
  );
}

async function copyOne(
  repository: CopyRepository,
  id: SnapshotId,
  records: readonly CopyRecord[],
  options: CopyOptions,
): Promise<CopiedSnapshot> {
  const { server, store, copy, environment, signal, onProgress } = options;
  const { clock, log } = environment;
  const { disk, layout } = store;
  await using _held = await holdForCopying(store, id, copy.name, clock, signal);
  const started = clock.now();
  const parent = nearestTo(id, records);
  const beside = [layout.manifest(id), layout.pins, layout.notes];
  const bandwidth = copy.bandwidth && rateAt(copy.bandwidth, new Date(started));
  const handover = {
    ...{ server: server.name, endpoint: endpointOf(server), snapshot: id },
    ...{ folder: layout.snapshot(id), beside: beside.filter((place) => disk.stat(place)) },
    ...(parent && { parent }),
    compare: await howToCompare(store, copy.name, id, parent?.snapshot),
    ...(bandwidth !== undefined && { bandwidth }),
  };
  const progress = onProgress && ((now: CopyProgress): void => onProgress(id, now));
  const added = await repository.add(handover, signal, progress);
  const finished = clock.now();
  const time = new Date(finished).toISOString();
  await changeCopyState(disk, layout, copy.name, { copied: { snapshot: id, time } });
  log.info(`Copied ${id} to ${copy.name}: ${added.readFiles} files read.`);
  const seconds = (finished - started) / 1000;
  return { server: server.name, snapshot: id, copy: copy.name, ...added, seconds };
}

/** The copy that is most alike: the last one before it, else the first one after it. */
function nearestTo(id: SnapshotId, records: readonly CopyRecord[]): CopyRecord | undefined {
  const sorted = [...records].sort((a, b) => (a.snapshot < b.snapshot ? -1 : 1));
  return sorted.findLast(({ snapshot }) => snapshot <= id) ?? sorted[0];
}

/** Not while the guard finds a snapshot suspicious: the copies may be the last good ones. */
async function thinOut(
  repository: CopyRepository,
  records: readonly CopyRecord[],
  options: CopyOptions,
): Promise<void> {
  const { server, store, copy, environment, signal } = options;
  if (!copy.keep) return;
  if (server.unattended?.guard !== false && (await store.guard.open()).length > 0) {
    environment.log.warn(
      `The copies in ${copy.name} are not thinned out: a snapshot is suspicious.`,
    );
    return;
  }
  const candidates = records.map(({ snapshot }) => {
    const pin = store.pins.of(snapshot);
    return { id: snapshot, status: 'complete' as const, ...(pin && { pin }) };
  });
  const staying = new Set(copiesToKeep(candidates, ruleOf(options)));
  const going = records.filter(({ snapshot }) => !staying.has(snapshot));
  await repository.remove(going, signal);
  if (going.length > 0) environment.log.info(`${copy.name}: ${going.length} copies removed.`);
}

function ruleOf({ server, copy, environment }: CopyOptions): Parameters<typeof copiesToKeep>[1] {
  const { timeZone } = server.unattended ?? {};
  return { keep: copy.keep, timeZone, now: environment.clock.now() };
}
