import type { Turns } from '../../base/turns';
import type { Server } from '../../model/configuration/server';
import { chosenRuns } from '../../model/overview/chosenRuns';
import type { FolderFigures } from '../../model/overview/folderFigures';
import { hasSnapshot, type RunFigures } from '../../model/overview/runFigures';
import type { Suspicion } from '../../model/retention/suspicion';
import { isSnapshotId, snapshotTime, type SnapshotId } from '../../model/snapshotId';
import {
  readFigures,
  writeFigures,
  type KeptFigures,
  type StampedFolders,
  type StampedRun,
} from '../../store/figuresFile';
import { provenSince } from '../../store/proofs';
import type { Store } from '../../store/store';
import { runIds } from '../history/runHistory';
import { newestFolders } from './newestFolders';
import { readRuns } from './readRuns';

/** What is known of one store. */
export interface StoreState {
  /** Those of the last year that are told of, oldest first. */
  readonly runs: readonly RunFigures[];
  /** When the first run was begun, or that of the oldest snapshot. Milliseconds since 1970. */
  readonly first: number | undefined;
  /** The backups that are there. */
  readonly kept: ReadonlySet<SnapshotId>;
  /** When the newest snapshot was finished, in milliseconds since 1970. */
  readonly lastGood: number | undefined;
  readonly newest: RunFigures | undefined;
  readonly proven: { readonly snapshot: SnapshotId; readonly since: number } | undefined;
  readonly suspicions: readonly Suspicion[];
  /** How many entries of its snapshots are known to be damaged. */
  readonly damaged: number;
  readonly folders: FolderFigures | undefined;
}

interface Reading {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly turns: Turns;
  readonly signal: AbortSignal;
  readonly mayWrite: boolean;
  /**
   * Whether nothing is looked at that can be done without: what is known of older runs is believed without a
   * look at their manifests, and folders that stand out, for which a manifest may have to be read, are not sought.
   */
  readonly isQuick: boolean;
}

export async function readStore(
  server: Server,
  store: Store,
  reading: Reading,
): Promise<StoreState> {
  const { now, turns, isQuick } = reading;
  const backups = await backupsOf(store);
  const kept = new Set(backups);
  const ids = await allIds(store, backups);
  const known = readFigures(store.disk, store.layout);
  const stamped = await readRuns(store, {
    ids: withNewest(chosenRuns(ids, kept, now), backups),
    ...{ kept, known: known.runs, newest: backups[0], turns, isQuick },
  });
  const folders = await foldersOf(store, backups, known, reading);
  await remember(store, known, { stamped, folders }, reading);
  const runs = stamped.map(({ run }) => run).reverse();
  const oldest = ids.findLast(isTime);
  return {
    runs,
    first: oldest === undefined ? undefined : snapshotTime(oldest),
    kept,
    lastGood: runs.findLast(hasSnapshot)?.finished,
    newest: runs.find(({ id }) => id === backups[0]),
    proven: await newestProven(store, backups),
    suspicions: server.unattended?.guard === false ? [] : await store.guard.open(),
    damaged: await damagedIn(store),
    folders: folders?.folders,
  };
}

/** The backups that are there, newest first: one look at the pins, not one for each snapshot. */
async function backupsOf(store: Store): Promise<SnapshotId[]> {
  const pinned = new Set(await store.disk.namesIn(store.layout.pins));
  const isSafety = (id: SnapshotId): boolean =>
    pinned.has(id) && store.pins.of(id) === 'before-restore';
  return (await store.ids()).filter((id) => !isSafety(id));
}

/** Newest first: a run that failed has no snapshot, and a snapshot may have lost its report. */
async function allIds(store: Store, backups: readonly SnapshotId[]): Promise<SnapshotId[]> {
  return [...new Set([...(await runIds(store)), ...backups])].sort().reverse();
}

/** A name may have the form of an id and yet be none. */
function isTime(id: SnapshotId): boolean {
  return !Number.isNaN(snapshotTime(id));
}

/** Also of a server that was not backed up for years, the newest snapshot is told of. */
function withNewest(ids: readonly SnapshotId[], [newest]: readonly SnapshotId[]): SnapshotId[] {
  return newest === undefined || ids.includes(newest) ? [...ids] : [...ids, newest];
}

async function foldersOf(
  store: Store,
  [newest, before]: readonly SnapshotId[],
  known: KeptFigures,
  { turns, signal, isQuick }: Reading,
): Promise<StampedFolders | undefined> {
  if (newest === undefined) return undefined;
  if (isQuick) return known.folders;
  return await newestFolders(store, { newest, before, known: known.folders, turns, signal });
}

interface Found {
  readonly stamped: readonly StampedRun[];
  readonly folders: StampedFolders | undefined;
}

async function remember(
  { disk, layout }: Store,
  known: KeptFigures,
  { stamped, folders }: Found,
  { mayWrite }: Reading,
): Promise<void> {
  const isSame =
    stamped.length === known.runs.size &&
    stamped.every((one) => known.runs.get(one.run.id) === one) &&
    folders === known.folders;
  if (isSame || !mayWrite || stamped.length === 0) return;
  const runs = new Map(stamped.map((one) => [one.run.id, one]));
  try {
    await writeFigures(disk, layout, { runs, ...(folders && { folders }) });
  } catch {
    // A disk that is full or may only be read: it is read again the next time.
  }
}

async function newestProven(
  { disk, layout }: Store,
  backups: readonly SnapshotId[],
): Promise<StoreState['proven']> {
  const since = await provenSince(disk, layout.proven);
  const snapshot = backups.find((id) => since.has(id));
  return snapshot === undefined
    ? undefined
    : { snapshot, since: Date.parse(since.get(snapshot) ?? '') };
}

async function damagedIn({ disk, layout, damage }: Store): Promise<number> {
  let entries = 0;
  for (const id of await disk.namesIn(layout.damage)) {
    const isThere = isSnapshotId(id) && disk.stat(layout.manifest(id)) !== undefined;
    if (isThere) entries += (await damage.of(id)).count;
  }
  return entries;
}
