import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import type { Change } from '../../model/changes';
import type { Entry } from '../../model/entry';
import { hasSizeOf } from '../../model/fileSize';
import type { ManifestEntry } from '../../model/manifest';
import { hasSameTime } from '../../model/racyClean';
import type { RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
import { UnknownParts } from '../../model/unknownParts';
import type { Scanned, Source } from '../../sources/source';

/** A difference, or a path that could not be listed: what is below it is unknown, not removed. */
export type Difference =
  | { readonly kind: Change['kind']; readonly path: RemotePath }
  | { readonly kind: 'unknown'; readonly path: RemotePath; readonly message: string };

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
  const scan = source.scan(selection, signal);
  const pathOf = (scanned: Scanned): string => (scanned.error ? scanned.path : scanned.entry.path);
  for await (const { left, right } of mergeInFolderOrder(
    snapshot,
    scan,
    (entry: ManifestEntry) => entry.path,
    pathOf,
  )) {
    if (right?.error) {
      unknown.addAll(right.path);
      yield { kind: 'unknown', path: right.path, message: right.error.message };
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
  if (now && !before) yield { kind: 'added', path: now.path };
  else if (now && before && differs(before, now)) yield { kind: 'changed', path: before.path };
  else if (!now && before && isKnownToBeGone(before, unknown, selection)) {
    yield { kind: 'removed', path: before.path };
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

function differs(before: ManifestEntry, now: Entry): boolean {
  if (before.type !== now.type || before.target !== now.target) return true;
  if (before.type !== 'file') return false;
  if (!hasSizeOf(now, before) || before.sha256 === undefined) return true;
  // Where the server tells no time, the size is all there is.
  return before.mtime !== undefined && now.mtime !== undefined && !hasSameTime(before, now);
}
