/** The guard of the retention: does not believe a snapshot that lost too much. */
import { BackupError } from '../../base/errors';
import { FoundElsewhere, Losses, pairsOfFiles, type FilePair } from '../../model/retention/losses';
import { absolute } from '../../model/remotePath';
import type { Loss, Suspicion } from '../../model/retention/suspicion';
import { Selection } from '../../model/selection';
import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';
import { NoisyFiles } from './noisyFiles';

/** A backup that has just been made: where the clock was set back it is not the newest by its name. */
export interface Made {
  readonly id: SnapshotId;
  /** A snapshot that the run found no difference from. */
  readonly equals?: SnapshotId;
}

/**
 * Judges the backups that have not been judged yet, each by the one before it: of a store that was never
 * judged, only the newest. What is suspicious stays so until a person accepts it.
 *
 * @returns all suspicions that stand, newest first
 */
export async function judge(store: Store, made?: Made): Promise<Suspicion[]> {
  const newestFirst = await store.backupIds();
  const [newest] = newestFirst;
  if (newest === undefined) return [];
  const judged = await store.guard.judged();
  const isWaiting = (id: SnapshotId): boolean =>
    id === made?.id || (judged === undefined ? id === newest : id > judged);
  const waiting = newestFirst.filter(isWaiting).reverse();
  const found: Suspicion[] = [];
  for (const id of waiting) {
    const earlier = newestFirst.slice(newestFirst.indexOf(id) + 1);
    if (id === made?.id && made.equals !== undefined && made.equals === earlier[0]) continue;
    const suspicion = await suspicionByFormer(store, earlier, id);
    if (suspicion) found.push(suspicion);
  }
  if (waiting.length > 0) await store.guard.record(newest, found);
  return store.guard.open();
}

/** Takes everything up to now for right without looking: the guard is turned off. */
export async function trustAll(store: Store): Promise<void> {
  const [newest] = await store.backupIds();
  if (newest !== undefined && (await store.guard.judged()) !== newest) {
    await store.guard.record(newest, []);
  }
}

/** By the newest of those before it that can be read. One that cannot be read itself tells nothing. */
async function suspicionByFormer(
  store: Store,
  earlier: readonly SnapshotId[],
  id: SnapshotId,
): Promise<Suspicion | undefined> {
  for (const former of earlier) {
    try {
      await store.header(former);
      return await suspicionOf(store, former, id);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // One of the two: of which, only reading it by itself tells.
      if (!(await isReadable(store, id))) return undefined;
    }
  }
  return undefined;
}

/** Whether all of the manifest can be read. What it says need not be proven to be missed. */
async function isReadable(store: Store, id: SnapshotId): Promise<boolean> {
  try {
    await store.header(id);
    const entries = store.entries(id)[Symbol.asyncIterator]();
    while ((await entries.next()).done !== true);
    return true;
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

function isUnreadable(error: unknown): boolean {
  return error instanceof BackupError && error.kind === 'protocol';
}

/**
 * Whether a snapshot lost an implausible share of the one before it: more than half of the files, all of
 * an included folder, or more than half of the files or texts to noise.
 */
export async function suspicionOf(
  store: Store,
  former: SnapshotId,
  snapshot: SnapshotId,
): Promise<Suspicion | undefined> {
  const { include, exclude } = await store.header(snapshot);
  const selection = new Selection(include, exclude, 'record');
  const pairs = (): AsyncIterable<FilePair> =>
    pairsOfFiles(store.entries(former), store.entries(snapshot), selection);
  const losses = new Losses(selection);
  const noisy = new NoisyFiles();
  for await (const pair of pairs()) {
    losses.add(pair);
    noisy.add(pair);
  }
  const isWorthALook = losses.lostMost || losses.lostFolder !== undefined;
  const lost = isWorthALook ? await confirm(pairs, selection) : undefined;
  if (lost) return { snapshot, ...lost };
  const noise = await noisy.count(store, former, snapshot, losses.of);
  return noise && { snapshot, reason: 'noise', ...noise };
}

/** Looks again at what seems lost, as it may only have moved: this needs more memory. */
async function confirm(
  pairs: () => AsyncIterable<FilePair>,
  selection: Selection,
): Promise<Loss | undefined> {
  const found = new FoundElsewhere();
  for await (const { before, after } of pairs()) if (after && !before) found.add(after);
  const losses = new Losses(selection, found);
  for await (const pair of pairs()) losses.add(pair);
  const { lost, of, lostFolder } = losses;
  if (losses.lostMost) return { reason: 'files-lost', lost, of };
  if (!lostFolder) return undefined;
  const folder = absolute(lostFolder.path);
  return { reason: 'folder-lost', lost: lostFolder.lost, of: lostFolder.of, folder };
}
