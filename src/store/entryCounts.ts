import type { ManifestEntry, ManifestTotals } from '../model/manifest';

/** What the last line of a manifest counts of its entries. */
export type EntryCounts = Pick<
  ManifestTotals,
  'files' | 'directories' | 'symlinks' | 'bytes' | 'skipped'
>;

export function noEntries(): { -readonly [K in keyof EntryCounts]: EntryCounts[K] } {
  return { files: 0, directories: 0, symlinks: 0, bytes: 0, skipped: 0 };
}

export function countEntry(counts: ReturnType<typeof noEntries>, entry: ManifestEntry): void {
  if (entry.skipped) counts.skipped += 1;
  if (entry.type === 'directory') counts.directories += 1;
  if (entry.type === 'symlink') counts.symlinks += 1;
  if (entry.sha256 === undefined) return;
  counts.files += 1;
  counts.bytes += entry.size ?? 0;
}
