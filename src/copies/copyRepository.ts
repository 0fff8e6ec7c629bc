/**
 * Off-site copies: one contract for what keeps them, and restic behind it. Nothing here knows how a store
 * is built: it is handed folders and files, and hands them back.
 */
import type { SnapshotId } from '../model/snapshotId';

/** One copy of a snapshot in a repository. */
export interface CopyRecord {
  /** The repository's own name of it. */
  readonly id: string;
  readonly server: string;
  readonly snapshot: SnapshotId;
  /** The server that the snapshot is of; absent: it was not told. */
  readonly endpoint?: string;
}

/** What is handed over: a snapshot, and what the store knows of it. */
export interface Handover {
  readonly server: string;
  readonly endpoint: string;
  readonly snapshot: SnapshotId;
  /** Absolute path of the snapshot's folder. */
  readonly folder: string;
  /** Absolute paths beside the snapshot's folder: the manifest, pins and notes. */
  readonly beside: readonly string[];
  /** The copy that is most alike: of what it has, nothing is read again. */
  readonly parent?: CopyRecord;
  /**
   * How a file is known to be the one that the parent has. `inode`: its size, time and inode are the same.
   * `time`: its size and time, for disks on which each snapshot has inodes of its own. `content`: by
   * reading all.
   */
  readonly compare: 'inode' | 'time' | 'content';
  /** Bytes per second. */
  readonly bandwidth?: number;
}

export interface AddedCopy {
  readonly id: string;
  /** Bytes that the repository has grown by. */
  readonly addedBytes: number;
  /** Files that were read, as the parent had none of them or other ones. */
  readonly readFiles: number;
  /** Files that the parent has. */
  readonly unmodifiedFiles: number;
}

/** How far a copy has come. */
export interface CopyProgress {
  readonly bytes: number;
  /** Zero as long as it is not known. */
  readonly totalBytes: number;
  readonly files: number;
  readonly totalFiles: number;
}

/** A part of all content: the `part`th of `of` equal ones, from 1 on. */
export interface CheckedPart {
  readonly part: number;
  readonly of: number;
}

/** What to bring back of a copy. */
export interface Return {
  /** Absolute path of the folder that it is put into, under the paths that it has in the snapshot. */
  readonly target: string;
  /** Byte strings: only these files, and folders with all that is in them. Absent: everything. */
  readonly paths?: readonly string[];
  readonly onProgress?: (progress: CopyProgress) => void;
}

/**
 * A repository of copies. All methods throw `BackupError`: `configuration` (no program, no repository),
 * `authentication` (a wrong password, or none), `locked` (another program is at work in it),
 * `disk-full`, `connection`, `permission`, `cancelled`, else `protocol`.
 */
export interface CopyRepository {
  /** Makes it. Throws `configuration` if there is one already. */
  create(signal: AbortSignal): Promise<void>;
  /** The copies of a server, newest first; without a name, of all servers. */
  copies(server: string | undefined, signal: AbortSignal): Promise<CopyRecord[]>;
  add(
    handover: Handover,
    signal: AbortSignal,
    onProgress?: (progress: CopyProgress) => void,
  ): Promise<AddedCopy>;
  /** Removes copies, and the content that no other one needs. */
  remove(copies: readonly CopyRecord[], signal: AbortSignal): Promise<void>;
  /** Reads a part of the content again. Resolves with what is wrong, undefined if all is right. */
  check(part: CheckedPart, signal: AbortSignal): Promise<string | undefined>;
  /** Writes the manifest of a copy, and what else was beside the snapshot, below `target`. */
  bringBeside(copy: CopyRecord, target: string, signal: AbortSignal): Promise<void>;
  /** Brings back files and folders. What is in the target already may be overwritten. */
  bring(copy: CopyRecord, wanted: Return, signal: AbortSignal): Promise<void>;
}
