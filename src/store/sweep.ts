import { createHash } from 'node:crypto';
import type { ManifestEntry } from '../model/manifest';
import { bytesOf } from '../model/remotePath';
import type { Disk } from './disk';
import { placeBelow } from './layout';

/**
 * Removes from a tree what is not an entry of the snapshot: remains of an interrupted run whose
 * originals are gone. Keeps 48 bits of a digest for each place; a clash of two spares a file that
 * could go, so only places that are certainly not wanted are removed.
 */
export async function sweep(
  disk: Disk,
  tree: string,
  entries: () => AsyncIterable<{ readonly entry: ManifestEntry }>,
): Promise<void> {
  const files = new Set<number>();
  const folders = new Set<number>();
  for await (const { entry } of entries()) {
    const local = entry.local ?? entry.path;
    if (entry.type === 'directory') folders.add(key(local));
    else if (entry.sha256 !== undefined) files.add(key(local));
    for (let end = local.lastIndexOf('/'); end > 0; end = local.lastIndexOf('/', end - 1)) {
      const above = key(local.slice(0, end));
      if (folders.has(above)) break;
      folders.add(above);
    }
  }
  await sweepFolder('');

  async function sweepFolder(folder: string): Promise<void> {
    for (const name of await disk.namesIn(placeBelow(tree, folder))) {
      const local = folder === '' ? name : `${folder}/${name}`;
      const isFolder = disk.stat(placeBelow(tree, local))?.type === 'directory';
      if (!(isFolder ? folders : files).has(key(local))) await disk.remove(placeBelow(tree, local));
      else if (isFolder) await sweepFolder(local);
    }
  }
}

function key(local: string): number {
  return createHash('sha1').update(bytesOf(local)).digest().readUIntBE(0, 6);
}
