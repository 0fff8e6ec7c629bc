import { decodeEntry, type ManifestEntry } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import { entryLines } from './entryLines';
import type { Store } from './store';

export interface PositionedEntry {
  readonly entry: ManifestEntry;
  /** The byte of the manifest where its line begins, to find it again without keeping it. */
  readonly position: number;
}

/** The entries of a snapshot in folder order. Throws `protocol` if a line is damaged. */
export async function* positionedEntries(
  { disk, layout }: Store,
  id: SnapshotId,
): AsyncGenerator<PositionedEntry, void, undefined> {
  for await (const { text, position } of entryLines(disk, layout.manifest(id))) {
    yield { entry: decodeEntry(text), position };
  }
}
