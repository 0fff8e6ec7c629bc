import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import type { Change } from '../../model/changes';
import type { Entry } from '../../model/entry';
import { hasSizeOf } from '../../model/fileSize';
import type { ManifestEntry } from '../../model/manifest';
import { hasSameTime } from '../../model/racyClean';
import { isWithin, type RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
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
  const unknown: RemotePath[] = [];
  const scan = source.scan(selection, signal);
  const pathOf = (scanned: Scanned): string => (scanned.error ? scanned.path : scanned.entry.path);
  for await (const { left, right } of mergeInFolderOrder(
    snapshot,
    scan,
    (entry: ManifestEntry) => entry.path,
    pathOf,
  )) {
    if (right?.error) {
      unknown.push(right.path);
      yield { kind: 'unknown', path: right.path, message: right.error.message };
    } else if (right && !left) yield { kind: 'added', path: right.entry.path };
    else if (right && left) {
      if (differs(left, right.entry)) yield { kind: 'changed', path: left.path };
    } else if (left && isKnownToBeGone(left, unknown, selection)) {
      yield { kind: 'removed', path: left.path };
    }
  }
}

function isKnownToBeGone(
  entry: ManifestEntry,
  unknown: readonly RemotePath[],
  selection: Selection,
): boolean {
  // What the selection no longer covers was not looked for.
  if (!selection.covers(entry.path) || selection.excludes(entry)) return false;
  return !unknown.some((folder) => isWithin(entry.path, folder));
}

function differs(before: ManifestEntry, now: Entry): boolean {
  if (before.type !== now.type || before.target !== now.target) return true;
  if (before.type !== 'file') return false;
  if (!hasSizeOf(now, before) || before.sha256 === undefined) return true;
  // Where the server tells no time, the size is all there is.
  return before.mtime !== undefined && now.mtime !== undefined && !hasSameTime(before, now);
}
