import { throwIfAborted } from '../../base/abort';
import type { ManifestEntry } from '../../model/manifest';
import type { SnapshotId } from '../../model/snapshotId';
import { KeySet } from '../../store/keySet';
import { placeBelow } from '../../store/layout';
import type { Store } from '../../store/store';

/** Where the files of a snapshot stand on disk: eight bytes for each. */
export class KnownPlaces {
  readonly #files = new KeySet();

  add({ path, local = path, sha256 }: ManifestEntry): void {
    if (sha256 !== undefined) this.#files.add(local);
  }

  isFile(local: string): boolean {
    return this.#files.has(local);
  }
}

/**
 * The files, links and special files in a snapshot's folder that are not known, as paths on disk below
 * it. A folder that is not known is none of them, but what is in it.
 */
export async function* extrasIn(
  { disk, layout }: Store,
  id: SnapshotId,
  known: KnownPlaces,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const tree = layout.snapshot(id);
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const { name, type } of disk.nodesIn(placeBelow(tree, folder))) {
      throwIfAborted(signal);
      const local = folder === '' ? name : `${folder}/${name}`;
      if (type === 'directory') folders.push(local);
      else if (type === 'other' || !known.isFile(local)) yield local;
    }
  }
}
