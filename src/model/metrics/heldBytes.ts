import type { RunFigures } from '../overview/runFigures';

/**
 * How many bytes snapshots hold at least, with what they share counted once: all of the oldest, and of each
 * later one what its run has fetched, or by how much it is bigger than the one before it. Of a snapshot that
 * retention has removed in between, nothing is known that the next one does not share.
 * @param snapshots oldest first
 */
export function heldBytes(snapshots: readonly RunFigures[]): number {
  return snapshots.reduce((held, { bytes, fetchedBytes }, index) => {
    const before = snapshots[index - 1];
    return held + (before ? Math.max(fetchedBytes, bytes - before.bytes) : bytes);
  }, 0);
}
