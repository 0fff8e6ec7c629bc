import type { Entry } from '../../model/entry';
import { hasSizeOf } from '../../model/fileSize';
import type { ManifestEntry, ManifestHeader } from '../../model/manifest';
import { finest, hasSameTime, isProven } from '../../model/racyClean';

/**
 * Whether a file is what the last snapshot holds of it, going by size and time at the coarser of the
 * two precisions. Any other time, earlier ones too, is a change.
 */
export function isUnchanged(entry: Entry, former: ManifestEntry, header: ManifestHeader): boolean {
  if (entry.type !== 'file' || former.type !== 'file') return false;
  // A carried file is older than the snapshot it stands in: it is asked for again.
  if (former.sha256 === undefined || former.skipped || former.carried !== undefined) return false;
  if (!hasSizeOf(entry, former)) return false;
  if (entry.mtime === undefined || former.mtime === undefined) return false;
  if (!hasSameTime(entry, former)) return false;
  const granularity = Math.max(entry.granularity, former.granularity ?? finest);
  return isProven(former.mtime, granularity, Date.parse(header.started) / 1000);
}
