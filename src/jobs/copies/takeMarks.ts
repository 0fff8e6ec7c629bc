import path from 'node:path';
import type { CopyRecord, CopyRepository } from '../../copies/copyRepository';
import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';
import { bringBeside } from './broughtBeside';

const longestNote = 16 * 1024;

/** Pins and notes of recovered snapshots, as they were when the newest copy was made. */
export async function takeMarks(
  store: Store,
  repository: CopyRepository,
  newest: CopyRecord,
  ids: readonly SnapshotId[],
  signal: AbortSignal,
): Promise<void> {
  const { disk, layout } = store;
  const folder = path.join(layout.own, 'recovery-beside');
  const beside = await bringBeside(store, repository, newest, folder, signal);
  if (!beside) return;
  for (const id of ids) {
    const pin = disk.stat(path.join(beside.pins, id));
    if (pin?.type === 'file') await store.pins.set(id, 'by-hand');
    const note = path.join(beside.notes, id);
    if (disk.stat(note)?.type !== 'file') continue;
    await store.notes.set(id, disk.readWhole(note, longestNote)?.toString('utf8') ?? '');
  }
}
