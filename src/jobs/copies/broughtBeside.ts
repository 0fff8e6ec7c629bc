import path from 'node:path';
import type { CopyRecord, CopyRepository } from '../../copies/copyRepository';
import { isManifestWhole, readHeader } from '../../store/manifestFile';
import type { Store } from '../../store/store';

/** What was handed over beside a snapshot, as it came back: files in a folder of this computer. */
export interface BroughtBeside {
  readonly manifest: string;
  /** Folders with a file for each snapshot; they may be missing. */
  readonly pins: string;
  readonly notes: string;
}

/**
 * Brings the manifest of a copy, and the pins and notes of its time. Undefined if the manifest is not there,
 * not whole, or of another snapshot.
 *
 * @param folder is emptied
 */
export async function bringBeside(
  { disk }: Store,
  repository: CopyRepository,
  record: CopyRecord,
  folder: string,
  signal: AbortSignal,
): Promise<BroughtBeside | undefined> {
  await disk.remove(folder);
  disk.makeFolder(folder);
  await repository.bringBeside(record, folder, signal);
  // Where the server has a `.sauvegarde` in its root, ours has a number behind it.
  for (const name of (await disk.namesIn(folder)).sort().reverse()) {
    const own = path.join(folder, name);
    const manifest = path.join(own, 'snapshots', `${record.snapshot}.ndjson`);
    if (disk.stat(manifest)?.type !== 'file' || !(await isManifestWhole(disk, manifest))) continue;
    const header = await readHeader(disk, manifest).catch(() => undefined);
    if (header?.snapshot !== record.snapshot) continue;
    return { manifest, pins: path.join(own, 'pins'), notes: path.join(own, 'notes') };
  }
  return undefined;
}
