/** Rebuilds snapshots of a server from an off-site copy. */
import path from 'node:path';
import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { CopyProgress, CopyRecord, CopyRepository } from '../../copies/copyRepository';
import { openRepository, type RepositoryEnvironment } from '../../copies/restic/resticRepository';
import type { Copy } from '../../model/configuration/copy';
import type { Server } from '../../model/configuration/server';
import { resolveSnapshot, type SnapshotId } from '../../model/snapshotId';
import type { Mark } from '../../store/damageMarks';
import { Rebuilding } from '../../store/rebuilding';
import type { Store } from '../../store/store';
import { bringBeside, type BroughtBeside } from './broughtBeside';
import { ChosenPaths } from './chosenPaths';
import { takeMarks } from './takeMarks';

export interface RecoverOptions {
  readonly server: Server;
  /** Where the snapshots come to stand; usually an empty one. */
  readonly store: Store;
  readonly copy: Copy;
  readonly environment: RepositoryEnvironment;
  readonly signal: AbortSignal;
  /** An id, a beginning of one, `latest` or `latest~N`; `all`: every one. */
  readonly wanted: string;
  readonly onProgress?: (snapshot: SnapshotId, progress: CopyProgress) => void;
  /** Called with each, as soon as it is there. Must not throw. */
  readonly onRecovered?: (recovered: Recovered) => void;
}

export interface Recovered {
  readonly server: string;
  readonly snapshot: SnapshotId;
  readonly copy: string;
  readonly files: number;
  readonly bytes: number;
  /** `damaged`: the repository does not have all that the manifest names; it is there without that. */
  readonly status: 'whole' | 'damaged';
  /** What is damaged. */
  readonly damage: readonly Mark[];
}

/**
 * Brings snapshots back, oldest first; those that are there already are left alone. Each is there as soon as
 * all of it is proven by its manifest; an interrupted recovery goes on with the one that it stopped at.
 * Throws `not-found` if the repository has no such copy, `locked` while a run is under way, and what
 * `CopyRepository` throws.
 */
export async function recover(options: RecoverOptions): Promise<readonly Recovered[]> {
  const { server, store, copy, environment, signal, onRecovered } = options;
  const repository = await openRepository(copy, environment, signal);
  const records = newestOfEach(await repository.copies(server.name, signal));
  const chosen = choose(records, options);
  await store.prepare();
  await using lock = await store.lockPatiently(environment.clock, signal);
  const recovered: Recovered[] = [];
  let beside: BroughtBeside | undefined;
  for (const record of chosen) {
    throwIfAborted(signal);
    lock.check();
    if (store.disk.stat(store.layout.manifest(record.snapshot))) continue;
    beside = await bringBeside(store, repository, record, besideFolder(store), signal);
    const one = beside
      ? await recoverOne(repository, record, beside, options)
      : withoutManifest(record, options);
    recovered.push(one);
    onRecovered?.(one);
  }
  const [newest] = records;
  if (newest && recovered.length > 0) {
    if (recovered.at(-1)?.snapshot !== newest.snapshot) {
      beside = await bringBeside(store, repository, newest, besideFolder(store), signal);
    }
    if (beside) await takeMarks(store, beside, recovered);
  }
  await store.disk.remove(besideFolder(store));
  return recovered;
}

/** A snapshot that was copied twice counts once. Newest first. */
function newestOfEach(records: readonly CopyRecord[]): CopyRecord[] {
  return [...new Map(records.map((record) => [record.snapshot, record])).values()];
}

/** Oldest first, so that each finds the one before it to share files with. */
function choose(
  records: readonly CopyRecord[],
  { wanted, server, copy }: RecoverOptions,
): CopyRecord[] {
  if (records.length === 0) {
    throw new BackupError(
      'not-found',
      `The repository of "${copy.name}" has no copy of ${server.name}. See: sauvegarde copies list`,
      { scope: 'run' },
    );
  }
  if (wanted === 'all') return [...records].reverse();
  const found = resolveSnapshot(
    wanted,
    records.map(({ snapshot }) => snapshot),
  );
  if ('fault' in found) {
    throw new BackupError(
      'configuration',
      `${server.name} in ${copy.name}: ${found.fault}. See: sauvegarde copies list ${server.name}`,
    );
  }
  return records.filter(({ snapshot }) => snapshot === found.id);
}

function besideFolder(store: Store): string {
  return path.join(store.layout.own, 'recovery-beside');
}

function withoutManifest({ snapshot }: CopyRecord, { server, copy }: RecoverOptions): Recovered {
  const damage: Mark[] = [{ path: '' as Mark['path'], kind: 'manifest' }];
  const about = { server: server.name, snapshot, copy: copy.name };
  return { ...about, files: 0, bytes: 0, status: 'damaged', damage };
}

async function recoverOne(
  repository: CopyRepository,
  record: CopyRecord,
  beside: BroughtBeside,
  { server, store, copy, environment, signal, onProgress }: RecoverOptions,
): Promise<Recovered> {
  const { snapshot } = record;
  const about = { server: server.name, snapshot, copy: copy.name };
  const former = await neighbourOf(store, snapshot);
  const found = { id: snapshot, manifest: beside.manifest, former };
  const rebuilding = await Rebuilding.begin(store, found, environment.log);
  const wanted = new ChosenPaths();
  for await (const place of rebuilding.wanted(signal)) wanted.add(place);
  if (!wanted.isEmpty) {
    const { paths } = wanted;
    const progress = onProgress && ((now: CopyProgress): void => onProgress(snapshot, now));
    await repository.bring(
      record,
      {
        target: rebuilding.tree,
        ...(paths && { paths }),
        ...(progress && { onProgress: progress }),
      },
      signal,
    );
  }
  const { files, bytes, damage } = await rebuilding.finish(signal);
  return { ...about, files, bytes, damage, status: damage.length > 0 ? 'damaged' : 'whole' };
}

/** The snapshot before it that is there, else the first one after it. */
async function neighbourOf(store: Store, id: SnapshotId): Promise<SnapshotId | undefined> {
  const there = await store.backupIds();
  return there.find((one) => one < id) ?? there.at(-1);
}
