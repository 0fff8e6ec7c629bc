import { Turns } from '../../base/turns';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import { hasOtherMetadata, type Difference, type DifferenceKind } from '../../model/difference';
import type { Entry } from '../../model/entry';
import { hasSizeOf } from '../../model/fileSize';
import type { ManifestEntry } from '../../model/manifest';
import { hasSameTime } from '../../model/racyClean';
import type { Selection } from '../../model/selection';
import { UnknownParts } from '../../model/unknownParts';
import type { Scanned, Source } from '../../sources/source';

/**
 * How the live server differs from a snapshot, in folder order, without fetching a file: by type,
 * size, time (to the precision that both know) and link target.
 */
export async function* compareWithServer(
  source: Source,
  selection: Selection,
  snapshot: AsyncIterable<ManifestEntry>,
  signal: AbortSignal,
): AsyncGenerator<Difference, void, undefined> {
  const unknown = new UnknownParts();
  const turns = new Turns();
  const scan = source.scan(selection, signal);
  const pathOf = (scanned: Scanned): string => (scanned.error ? scanned.path : scanned.entry.path);
  for await (const { left, right } of mergeInFolderOrder(
    snapshot,
    scan,
    (entry: ManifestEntry) => entry.path,
    pathOf,
  )) {
    if (turns.isOver) await turns.next();
    if (right?.error) {
      const { path, error } = right;
      unknown.addAll(path);
      yield { kind: 'unknown', path, message: error.message, ...(left && { before: left }) };
      continue;
    }
    if (right?.partly) {
      unknown.addPartly(right.entry.path);
      yield { kind: 'unknown', path: right.entry.path, message: right.partly.message };
    }
    yield* differenceOf(left, right?.entry, unknown, selection);
  }
}

function* differenceOf(
  before: ManifestEntry | undefined,
  now: Entry | undefined,
  unknown: UnknownParts,
  selection: Selection,
): Generator<Difference, void, undefined> {
  // The root is no entry of a snapshot; it is met only where something in it is unknown.
  if (now?.path === '') return;
  const kind = now && kindOf(before, now);
  if (kind) yield { kind, path: now.path, ...(before && { before }), after: now };
  else if (!now && before && isKnownToBeGone(before, unknown, selection)) {
    yield { kind: 'removed', path: before.path, before };
  }
}

function isKnownToBeGone(
  entry: ManifestEntry,
  unknown: UnknownParts,
  selection: Selection,
): boolean {
  const isUnknown = unknown.has(entry.path);
  // What the selection no longer covers was not looked for.
  return !isUnknown && selection.covers(entry.path) && !selection.excludes(entry);
}

function kindOf(before: ManifestEntry | undefined, now: Entry): DifferenceKind | undefined {
  if (!before) return 'added';
  // What was carried over is older than the snapshot; what was skipped was never read.
  if (before.carried !== undefined || before.skipped) return 'unknown';
  if (differs(before, now)) return 'changed';
  return hasOtherMetadata(before, now) ? 'metadata' : undefined;
}

function differs(before: ManifestEntry, now: Entry): boolean {
  if (before.type !== now.type || before.target !== now.target) return true;
  if (before.type !== 'file') return false;
  if (!hasSizeOf(now, before) || before.sha256 === undefined) return true;
  // Where the server tells no time, the size is all there is.
  return before.mtime !== undefined && now.mtime !== undefined && !hasSameTime(before, now);
}
