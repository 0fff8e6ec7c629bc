/** How one snapshot differs from another: the entrance to comparing what is in the store. */
import { throwIfAborted } from '../../base/abort';
import type { Difference } from '../../model/difference';
import { decodeEntry, type ManifestEntry } from '../../model/manifest';
import { isWithin, type RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { LineAt } from '../../store/lineAt';
import type { Store } from '../../store/store';
import { Moves } from './moves';
import { rawDifferences, type RawDifference } from './rawDifferences';

/**
 * In folder order. Reads both manifests three times, and keeps nothing but where the removed files stand
 * in theirs: a million entries take no more memory than a thousand.
 *
 * @param within only what lies at or below this path, or did before it moved
 */
export async function* compareSnapshots(
  store: Store,
  from: SnapshotId,
  to: SnapshotId,
  within: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<Difference, void, undefined> {
  const moves = await findMoves(store, from, to, signal);
  const lines = new LineAt(store.disk, store.layout.manifest(from));
  for await (const raw of rawDifferences(store, from, to)) {
    throwIfAborted(signal);
    for (const difference of await resolve(raw, moves, lines)) {
      const { path, from: origin = path } = difference;
      if (isWithin(path, within) || isWithin(origin, within)) yield difference;
    }
  }
}

async function findMoves(
  store: Store,
  from: SnapshotId,
  to: SnapshotId,
  signal: AbortSignal,
): Promise<Moves> {
  const moves = new Moves();
  for await (const { kind, before } of rawDifferences(store, from, to)) {
    throwIfAborted(signal);
    if (kind === 'removed' && before) moves.addRemoved(before.entry, before.position);
  }
  for await (const { kind, after } of rawDifferences(store, from, to)) {
    throwIfAborted(signal);
    if (kind === 'added' && after) moves.addAdded(after.entry);
  }
  return moves;
}

/** What a person is told of it: nothing of a removed file that stands elsewhere now. */
async function resolve(raw: RawDifference, moves: Moves, lines: LineAt): Promise<Difference[]> {
  const { kind, before, after } = raw;
  if (kind === 'removed' && before && moves.isTaken(before.entry)) return [];
  const position = kind === 'added' && after ? moves.takenBy(after.entry) : undefined;
  if (position === undefined || !after) return [described(raw)];
  return movedOrNot(decodeEntry(await lines.read(position)), after.entry);
}

function described({ kind, path, before, after }: RawDifference): Difference {
  const reason = after?.entry.skipped ?? before?.entry.skipped;
  return {
    ...{ kind, path },
    ...(before && { before: before.entry }),
    ...(after && { after: after.entry }),
    ...(reason && { message: reason.message }),
  };
}

/** Two contents whose digests begin alike are not the same for that. */
function movedOrNot(before: ManifestEntry, after: ManifestEntry): Difference[] {
  const { path } = after;
  if (before.sha256 === after.sha256) {
    return [{ kind: 'moved', path, from: before.path, before, after }];
  }
  return [
    { kind: 'removed', path: before.path, before },
    { kind: 'added', path, after },
  ];
}
