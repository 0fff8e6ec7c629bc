import { decodeEntry, type ManifestEntry } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import { readLines, type Line } from './readLines';
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
  let ahead: Line | undefined;
  let isFirst = true;
  for await (const line of readLines(disk, layout.manifest(id))) {
    // The first line is the header, the last one the totals.
    if (ahead) yield { entry: decodeEntry(ahead.text), position: ahead.position };
    if (isFirst) isFirst = false;
    else ahead = line;
  }
}
