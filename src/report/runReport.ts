import type { ErrorKind } from '../base/errors';
import type { WrittenFolders } from '../model/overview/folderFigures';
import type { Loss } from '../model/retention/suspicion';
import type { SnapshotId } from '../model/snapshotId';

/** Something that could not be read, and why. */
export interface SkippedEntry {
  /** As people write it, with the leading `/`. */
  readonly path: string;
  readonly kind: ErrorKind;
  readonly message: string;
}

/** How the snapshot differs from the one before it. At most `listed` paths of each kind are named. */
export interface ChangeSummary {
  readonly comparedWith: SnapshotId;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly paths: readonly {
    readonly kind: 'added' | 'changed' | 'removed';
    readonly path: string;
  }[];
  /**
   * Which of the changed ones have the size and time that they had: what only comparing the content
   * finds. Absent: none.
   */
  readonly withoutNewTime?: { readonly count: number; readonly paths: readonly string[] };
  /** The folders of the snapshot that stand out, by bytes and by changes; absent: nobody looked. */
  readonly folders?: WrittenFolders;
}

/** How an off-site copy stood when the run ended: what came of the runs before it. Times are ISO 8601 in UTC. */
export interface ReportedCopy {
  readonly name: string;
  /** The newest snapshot in the repository. */
  readonly copied?: { readonly snapshot: SnapshotId; readonly time: string };
  readonly failed?: { readonly kind: string; readonly message: string; readonly time: string };
  /** When a part was last brought back and was right. */
  readonly proven?: { readonly snapshot: SnapshotId; readonly time: string };
  /** What did not come back as it was. */
  readonly doubtful?: { readonly message: string; readonly time: string };
}

/** What a run did: `runs/<id>.json`. */
export interface RunReport {
  readonly server: string;
  readonly endpoint: string;
  /** The id of the run, and of its snapshot unless it failed. */
  readonly snapshot: SnapshotId;
  readonly status: 'complete' | 'incomplete' | 'failed';
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly bytes: number;
  readonly fetchedFiles: number;
  readonly fetchedBytes: number;
  readonly linkedFiles: number;
  /** Files that an interrupted run had fetched. */
  readonly keptFiles: number;
  readonly receivedBytes: number;
  readonly skipped: readonly SkippedEntry[];
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
  readonly changes?: ChangeSummary;
  /** Why the snapshot is not believed: retention stands still until a person has accepted it. */
  readonly suspicious?: Loss;
  /** Whether all content was compared with the server's, whatever its sizes and times said. */
  readonly reread?: boolean;
  /** What a person said of it when the run began. */
  readonly note?: string;
  /** Absent: none is configured. */
  readonly copies?: readonly ReportedCopy[];
  /** Why the run failed. */
  readonly error?: { readonly kind: ErrorKind; readonly message: string };
}

/**
 * Whether a snapshot has not one file where there were some: that is no good news. A folder that always
 * was empty may stay so.
 */
export function hasLostAllFiles({ files, changes }: RunReport): boolean {
  return files === 0 && (changes?.removed ?? 0) > 0;
}
