import type { SnapshotId } from '../snapshotId';

/** What a snapshot lost of the one before it, beyond what is plausible. */
export interface Loss {
  readonly reason: 'files-lost' | 'folder-lost' | 'noise';
  /** So many files are gone, or became noise … */
  readonly lost: number;
  /** … of so many. */
  readonly of: number;
  /** The included folder that is gone, with the leading `/`. */
  readonly folder?: string;
}

/** A snapshot that is not believed: retention stands still until a person has accepted it. */
export interface Suspicion extends Loss {
  readonly snapshot: SnapshotId;
}
