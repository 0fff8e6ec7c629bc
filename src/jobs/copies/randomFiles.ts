import type { ManifestEntry } from '../../model/manifest';

/** A file to bring back. */
export interface SampledFile {
  readonly entry: ManifestEntry;
  /** Where it stands below the snapshot's folder, as a byte string. */
  readonly local: string;
}

const mostFiles = 40;
const mostBytes = 64 * 1024 * 1024;
/** Of all paths together: they become arguments. */
const mostPathBytes = 16_000;

/**
 * Some files of a manifest, each as likely as any other; as many as cost little to bring, one at least if
 * there is any. Keeps no more of the manifest than that.
 *
 * @param random from 0 to below 1, evenly
 */
export async function randomFiles(
  entries: AsyncIterable<ManifestEntry>,
  random: () => number,
): Promise<SampledFile[]> {
  const kept: ManifestEntry[] = [];
  let met = 0;
  for await (const entry of entries) {
    if (entry.sha256 === undefined) continue;
    met += 1;
    if (kept.length < mostFiles) {
      kept.push(entry);
      continue;
    }
    const place = Math.floor(random() * met);
    if (place < mostFiles) kept[place] = entry;
  }
  return affordable(kept.map((entry) => ({ entry, local: entry.local ?? entry.path })));
}

/** The order is as good as any: the first ones that fit. */
function affordable(files: readonly SampledFile[]): SampledFile[] {
  const chosen: SampledFile[] = [];
  let bytes = 0;
  let pathBytes = 0;
  for (const file of files) {
    bytes += file.entry.size ?? 0;
    pathBytes += file.local.length;
    const isTooMuch = bytes > mostBytes || pathBytes > mostPathBytes;
    if (isTooMuch && chosen.length > 0) break;
    chosen.push(file);
  }
  return chosen;
}
