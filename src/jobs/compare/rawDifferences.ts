import { Turns } from '../../base/turns';
import { hasOtherMetadata, type DifferenceKind } from '../../model/difference';
import type { ManifestEntry } from '../../model/manifest';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import { isWithin, type RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { positionedEntries, type PositionedEntry } from '../../store/positionedEntries';
import type { Store } from '../../store/store';

/** A path that differs, before it is known what has moved. */
export interface RawDifference {
  readonly kind: Exclude<DifferenceKind, 'moved'>;
  readonly path: RemotePath;
  readonly before?: PositionedEntry;
  readonly after?: PositionedEntry;
}

const pathOf = ({ entry }: PositionedEntry): string => entry.path;

/**
 * How two snapshots differ, in folder order. A folder that could not be listed in one of them is unknown
 * once, with all below it that the other one has or that was carried over.
 */
export async function* rawDifferences(
  store: Store,
  from: SnapshotId,
  to: SnapshotId,
): AsyncGenerator<RawDifference, void, undefined> {
  const before = positionedEntries(store, from);
  const after = positionedEntries(store, to);
  const unknown = new UnknownFolder();
  const turns = new Turns();
  for await (const { left, right } of mergeInFolderOrder(before, after, pathOf, pathOf)) {
    if (turns.isOver) await turns.next();
    const path = (right ?? left)?.entry.path;
    if (path === undefined || unknown.covers(path, left, right)) continue;
    const kind = kindOf(left?.entry, right?.entry);
    if (kind) yield { kind, path, ...(left && { before: left }), ...(right && { after: right }) };
  }
}

/** The outermost folder, of those met last, of which one side does not know all that is in it. */
class UnknownFolder {
  #path: RemotePath | undefined;
  #before = false;
  #after = false;

  /**
   * Whether the path lies in one, and what is known of it says nothing: a side that does not know all
   * has nothing there, or something older. Asked of all paths, in order.
   */
  covers(path: RemotePath, left?: PositionedEntry, right?: PositionedEntry): boolean {
    if (this.#path !== undefined && isWithin(path, this.#path)) {
      const isMissing = (!left && this.#before) || (!right && this.#after);
      return isMissing || isCarried(left) || isCarried(right);
    }
    this.#before = isUnlisted(left);
    this.#after = isUnlisted(right);
    this.#path = this.#before || this.#after ? path : undefined;
    return false;
  }
}

function isUnlisted(side: PositionedEntry | undefined): boolean {
  return side?.entry.type === 'directory' && side.entry.skipped !== undefined;
}

function isCarried(side: PositionedEntry | undefined): boolean {
  return side?.entry.carried !== undefined;
}

/** Undefined if nothing differs. */
function kindOf(before?: ManifestEntry, after?: ManifestEntry): RawDifference['kind'] | undefined {
  if ([before, after].some((one) => one && isUnknown(one))) return 'unknown';
  if (!before) return 'added';
  if (!after) return 'removed';
  if (hasOtherContent(before, after)) return 'changed';
  return hasOtherMetadata(before, after) ? 'metadata' : undefined;
}

/** It could not be read: what stands in the snapshot, if anything, is of an earlier time. */
function isUnknown({ skipped, carried }: ManifestEntry): boolean {
  return skipped !== undefined || carried !== undefined;
}

function hasOtherContent(before: ManifestEntry, after: ManifestEntry): boolean {
  return (
    before.type !== after.type || before.sha256 !== after.sha256 || before.target !== after.target
  );
}
