import type { EntryType } from './entry';
import type { ManifestEntry } from './manifest';
import { hasSameTime } from './racyClean';
import type { RemotePath } from './remotePath';

export const differenceKinds = [
  'added',
  'changed',
  'removed',
  'moved',
  'metadata',
  'unknown',
] as const;

/**
 * How one path differs. `moved`: the same content stood elsewhere. `metadata`: the content is the same,
 * its time or mode is not. `unknown`: it could not be listed or read on one side.
 */
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  readonly path: RemotePath;
  /** Where a moved file was before. */
  readonly from?: RemotePath;
  readonly before?: Described;
  readonly after?: Described;
  /** Why it is unknown. */
  readonly message?: string;
}

/** What is known of an entry on one side: in a manifest, or on the live server. */
export interface Described extends Pick<
  ManifestEntry,
  'size' | 'mtime' | 'granularity' | 'mode' | 'sha256' | 'target' | 'local'
> {
  readonly type: EntryType;
}

/**
 * Whether time or mode differ, as far as both sides know them. The time of a folder is none of its own:
 * it changes with each entry in it.
 */
export function hasOtherMetadata(before: Described, after: Described): boolean {
  const { mode } = after;
  if (before.mode !== undefined && mode !== undefined && before.mode !== mode) return true;
  if (before.type !== 'file' || before.mtime === undefined || after.mtime === undefined) {
    return false;
  }
  return !hasSameTime(before, after);
}

/** How often each kind of difference was found. */
export type DifferenceCounts = Record<DifferenceKind, number>;

export function noDifferences(): DifferenceCounts {
  return { added: 0, changed: 0, removed: 0, moved: 0, metadata: 0, unknown: 0 };
}
