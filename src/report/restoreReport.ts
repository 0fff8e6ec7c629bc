import type { ErrorKind } from '../base/errors';
import type { SnapshotId } from '../model/snapshotId';

/** Something that was not restored, and why. `impossible`: the target could not hold it, so it was not tried. */
export interface NotRestored {
  /** As people write it, with the leading `/`. */
  readonly path: string;
  readonly kind: ErrorKind | 'impossible';
  readonly message: string;
}

/** What a restore did: `restores/<id>.json`. */
export interface RestoreReport {
  /** Whose snapshot it is. */
  readonly server: string;
  readonly snapshot: SnapshotId;
  /** The id of the restore itself. */
  readonly restore: SnapshotId;
  /** An endpoint, or a folder of this computer. */
  readonly target: string;
  /** `incomplete`: something was not restored. */
  readonly status: 'complete' | 'incomplete' | 'failed';
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly created: number;
  readonly overwritten: number;
  /** Left alone, as they were the same already. */
  readonly same: number;
  readonly deleted: number;
  /** Content that was written, in bytes. */
  readonly bytes: number;
  /** At most `mostNamed`; the number is in `failedCount`. */
  readonly failed: readonly NotRestored[];
  readonly failedCount: number;
  /** What was overwritten or deleted, as it was before; null: nothing was, or it is a folder of this computer. */
  readonly safetySnapshot: SnapshotId | null;
  /** Whether all that was written was read back and found to have the right digest. */
  readonly verified: boolean;
  /** What the target could not do, and other things to know. */
  readonly warnings: readonly string[];
  /** Why the restore failed. */
  readonly error?: { readonly kind: ErrorKind; readonly message: string };
}
