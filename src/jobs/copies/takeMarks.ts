import path from 'node:path';
import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';
import type { BroughtBeside } from './broughtBeside';

const longestNote = 16 * 1024;

/** Pins and notes of recovered snapshots, as they were when the newest copy was made. */
export async function takeMarks(
  store: Store,
  beside: BroughtBeside,
  recovered: readonly { readonly snapshot: SnapshotId }[],
): Promise<void> {
  const { disk, layout } = store;
  for (const { snapshot } of recovered) {
    if (!disk.stat(layout.manifest(snapshot))) continue;
    const pin = disk.stat(path.join(beside.pins, snapshot));
    if (pin?.type === 'file') await store.pins.set(snapshot, 'by-hand');
    const note = path.join(beside.notes, snapshot);
    if (disk.stat(note)?.type !== 'file') continue;
    await store.notes.set(snapshot, disk.readWhole(note, longestNote)?.toString('utf8') ?? '');
  }
}
