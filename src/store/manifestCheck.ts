import { BackupError } from '../base/errors';
import type { ManifestTotals } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import { writeBytes } from './description';
import { countEntry, noEntries, type EntryCounts } from './entryCounts';
import { damagedBlocks, mendedBlocks, withMended } from './manifestRepair';
import { isManifestWhole, readHeader, readManifest, readTotals } from './manifestFile';
import { Parity, ParityBuilder } from './parity';
import type { Store } from './store';

/** A longer one is none: that of a manifest of ten million entries has 80 MB. */
const longestParity = 512 * 1024 * 1024;

/**
 * Whether every byte of a manifest is as it was written. The one of a snapshot that an older version
 * made has no parity yet; it gets one if it is found whole.
 */
export async function isManifestIntact(
  store: Store,
  id: SnapshotId,
  signal: AbortSignal,
): Promise<boolean> {
  const parity = readParity(store, id);
  if (parity) {
    const damaged = await damagedBlocks(store.disk, store.layout.manifest(id), parity, signal);
    return damaged.length === 0;
  }
  if (!(await isConsistent(store, id))) return false;
  await addParity(store, id);
  return true;
}

/** Mends a damaged manifest from its parity. False if that is not possible: it stays as it is. */
export async function mendManifest(
  store: Store,
  id: SnapshotId,
  signal: AbortSignal,
): Promise<boolean> {
  const { disk, layout } = store;
  const parity = readParity(store, id);
  if (!parity) return false;
  const path = layout.manifest(id);
  const damaged = await damagedBlocks(disk, path, parity, signal);
  const mended = await mendedBlocks(disk, path, parity, damaged);
  if (!mended) return false;
  const beside = `${layout.parityOf(id)}.mended`;
  await disk.remove(beside);
  const file = await disk.openFile(beside, 0o600);
  try {
    let written = 0;
    for await (const block of withMended(disk, path, parity, mended)) {
      await file.write([block], written);
      written += block.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  // Proven before it takes the place of what is there.
  const wrong = await damagedBlocks(disk, beside, parity, signal);
  if (wrong.length > 0) {
    await disk.remove(beside);
    return false;
  }
  await disk.rename(beside, path);
  await disk.syncFolder(layout.manifests);
  return true;
}

function readParity({ disk, layout }: Store, id: SnapshotId): Parity | undefined {
  const path = layout.parityOf(id);
  if (disk.stat(path)?.type !== 'file') return undefined;
  const content = disk.readWhole(path, longestParity);
  return content && Parity.parse(content);
}

async function addParity({ disk, layout }: Store, id: SnapshotId): Promise<void> {
  const builder = new ParityBuilder();
  for await (const chunk of disk.readFile(layout.manifest(id))) builder.update(chunk);
  disk.makeFolder(layout.parity);
  const beside = `${layout.parityOf(id)}.new`;
  await writeBytes(disk, beside, builder.finish());
  await disk.rename(beside, layout.parityOf(id));
}

/** What can be told without parity: the digest, and of the last line, which it does not cover, what can be counted. */
async function isConsistent(store: Store, id: SnapshotId): Promise<boolean> {
  const { disk, layout } = store;
  const path = layout.manifest(id);
  try {
    if (!(await isManifestWhole(disk, path))) return false;
    if ((await readHeader(disk, path)).snapshot !== id) return false;
    const counts = noEntries();
    for await (const entry of readManifest(disk, path)) countEntry(counts, entry);
    return agrees(readTotals(disk, path), counts);
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'protocol') return false;
    throw error;
  }
}

function agrees(totals: ManifestTotals, counts: EntryCounts): boolean {
  const { files, directories, symlinks, bytes, skipped, status } = totals;
  const told: EntryCounts = { files, directories, symlinks, bytes, skipped };
  const isSame = Object.entries(counts).every(
    ([name, value]) => told[name as keyof EntryCounts] === value,
  );
  return isSame && (status === 'incomplete') === counts.skipped > 0;
}
