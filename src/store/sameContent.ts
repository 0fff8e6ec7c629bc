import { throwIfAborted } from '../base/abort';
import { BackupError } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import { digestOfFile } from './contentDigest';
import type { DiskPath } from './disk';
import { readLines } from './readLines';
import { RealFolders } from './realFolders';
import { readable } from './snapshotEntries';
import type { Store } from './store';

/** A file of a snapshot that should have a wanted content. Only reading it proves that it has. */
export interface ContentPlace {
  readonly snapshot: SnapshotId;
  readonly entry: ManifestEntry;
  readonly place: DiskPath;
}

/**
 * Where in all snapshots of a store, newest first, files with these contents should stand: one pass
 * over the manifests, in flat memory. Some may not be there. A manifest that cannot be read lends what of it can be.
 * @param digests SHA-256 in hexadecimal
 */
export async function* placesOfContents(
  store: Store,
  digests: Pick<ReadonlySet<string>, 'has'>,
  signal: AbortSignal,
): AsyncGenerator<ContentPlace, void, undefined> {
  const folders = new RealFolders(store.disk);
  for (const snapshot of await store.ids()) {
    const tree = store.layout.snapshot(snapshot);
    for await (const entry of entriesWith(store, snapshot, digests)) {
      throwIfAborted(signal);
      // What lies behind a link is no snapshot of ours.
      if (!folders.leadsTo(tree, entry.local ?? entry.path)) continue;
      yield { snapshot, entry, place: store.place(snapshot, entry) };
    }
  }
}

/**
 * For each wanted content a file that was just read and found to have it. What no snapshot has intact is
 * not in the result.
 * @param wanted SHA-256 in hexadecimal
 * @param isUsable asked before a file is read, such as not to read again what is known to be damaged
 */
export async function findIntact(
  store: Store,
  wanted: Iterable<string>,
  signal: AbortSignal,
  isUsable: (found: ContentPlace) => boolean = () => true,
): Promise<Map<string, ContentPlace>> {
  const left = new Set(wanted);
  const found = new Map<string, ContentPlace>();
  if (left.size === 0) return found;
  for await (const candidate of placesOfContents(store, left, signal)) {
    const { sha256 = '' } = candidate.entry;
    if (!isUsable(candidate) || !(await isIntact(store, candidate, signal))) continue;
    found.set(sha256, candidate);
    left.delete(sha256);
    if (left.size === 0) break;
  }
  return found;
}

/** Whether a file was just read and has the content that its manifest says. */
export async function isIntact(
  { disk }: Store,
  { place, entry }: ContentPlace,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const there = disk.stat(place);
    if (there?.type !== 'file' || there.size !== entry.size) return false;
    return (await digestOfFile(disk, place, there.size, signal)).sha256 === entry.sha256;
  } catch (error) {
    throwIfAborted(signal);
    // What cannot be read, on a failing disk, is of no use; another copy may be.
    if (error instanceof BackupError && error.kind === 'disk-full') throw error;
    return false;
  }
}

const mark = '"sha256":"';
const digestLength = 64;

async function* entriesWith(
  { disk, layout }: Store,
  id: SnapshotId,
  digests: Pick<ReadonlySet<string>, 'has'>,
): AsyncGenerator<ManifestEntry, void, undefined> {
  try {
    for await (const { text } of readLines(disk, layout.manifest(id))) {
      // Most lines are not wanted, and most of their cost would be to parse them.
      const start = text.indexOf(mark) + mark.length;
      if (start < mark.length || !digests.has(text.slice(start, start + digestLength))) continue;
      const entry = readable(text);
      if (entry?.type === 'file' && digests.has(entry.sha256 ?? '')) yield entry;
    }
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind !== 'protocol') throw error;
  }
}
