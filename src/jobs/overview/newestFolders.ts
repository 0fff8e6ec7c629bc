import { BackupError } from '../../base/errors';
import { throwIfAborted } from '../../base/abort';
import type { Turns } from '../../base/turns';
import { changesBetween } from '../../model/changes';
import type { ManifestEntry } from '../../model/manifest';
import { FolderSurvey, readFolders, type FolderFigures } from '../../model/overview/folderFigures';
import type { SnapshotId } from '../../model/snapshotId';
import { stampOf, type StampedFolders } from '../../store/figuresFile';
import type { Store } from '../../store/store';
import { shortReport } from './readRuns';

export interface NewestQuestion {
  readonly newest: SnapshotId;
  /** The backup before it, if there is one. */
  readonly before: SnapshotId | undefined;
  /** What is known from before. */
  readonly known: StampedFolders | undefined;
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

/**
 * The folders of the newest snapshot that stand out: what its run has written down, what is known of this
 * manifest or of one that was the same, else by reading the manifest. Undefined if that is damaged.
 */
export async function newestFolders(
  store: Store,
  question: NewestQuestion,
): Promise<StampedFolders | undefined> {
  const { newest, known } = question;
  const stamp = stampOf(store.disk, store.layout, newest);
  if (known?.snapshot === newest && known.stamp === stamp) return known;
  const folders =
    fromReports(store, newest) ??
    unchangedSince(store, newest, known) ??
    (await surveyed(store, question));
  return folders && { snapshot: newest, stamp, folders };
}

function fromReports(store: Store, newest: SnapshotId): FolderFigures | undefined {
  return readFolders(shortReport(store, newest)?.changes?.folders);
}

/** A snapshot in which nothing has changed has the folders of the one before it. */
function unchangedSince(
  store: Store,
  newest: SnapshotId,
  known: StampedFolders | undefined,
): FolderFigures | undefined {
  const { changes } = shortReport(store, newest) ?? {};
  if (!changes || changes.added + changes.changed + changes.removed !== 0) return undefined;
  const { comparedWith } = changes;
  const before =
    known?.snapshot === comparedWith ? known.folders : fromReports(store, comparedWith);
  return before && { biggest: before.biggest, mostChanged: [] };
}

async function surveyed(
  store: Store,
  { newest, before, turns, signal }: NewestQuestion,
): Promise<FolderFigures | undefined> {
  const survey = new FolderSurvey();
  try {
    const entries = inTurns(survey.watching(store.entries(newest)), turns, signal);
    if (before === undefined) await exhaust(entries);
    else {
      for await (const change of changesBetween(store.entries(before), entries))
        survey.take(change);
    }
    return survey.finish();
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'protocol') return undefined;
    throw error;
  }
}

async function* inTurns(
  entries: AsyncIterable<ManifestEntry>,
  turns: Turns,
  signal: AbortSignal,
): AsyncGenerator<ManifestEntry, void, undefined> {
  for await (const entry of entries) {
    yield entry;
    if (!turns.isOver) continue;
    throwIfAborted(signal);
    await turns.next();
  }
}

async function exhaust(entries: AsyncIterable<unknown>): Promise<void> {
  const iterator = entries[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}
