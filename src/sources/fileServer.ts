import type { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import type { RemotePath } from '../model/remotePath';

/** Something in a folder that a listing tells of and that is not known. */
export interface Unknown {
  /** The entry of which only the name is known. Absent: whatever the folder may hold beyond what was listed. */
  readonly path?: RemotePath;
  readonly error: BackupError;
}

export type OnUnknown = (unknown: Unknown) => void;

/**
 * What SFTP, FTP and local paths have in common: listing one folder and reading one file. The
 * walker and the lanes make a source of it.
 *
 * Every method may be called many times at once, up to the two widths; a connection that is lost is
 * opened again by the next call. Errors are `BackupError`s: `connection` and `timeout` with scope
 * `entry` are tried again by the caller, with scope `run` they end the run (it could not be reached
 * at all, or refuses the login). `permission` and `not-found` are final for the entry.
 */
export interface FileServer extends AsyncDisposable {
  /** How many folders to list at once. May change while the server teaches us its limits. */
  readonly listingWidth: number;
  /** How many files to read at once. */
  readonly readingWidth: number;
  /**
   * With so many bytes of begun files still to come, no further file is begun. Absent: as many files
   * as the width allows.
   */
  readonly mostOutstanding?: number;
  /** Bytes received on the wire so far. */
  readonly receivedBytes: number;

  /**
   * The entries of a folder without `.` and `..`, in any order; symlinks with their targets.
   * A folder that is missing, unreadable or not a folder is an error, never an empty list. What the
   * server tells without that it can be known (a name that is no clean component, a line that is not
   * understood) goes to `onUnknown`; the first of it is thrown where nobody listens.
   */
  list(folder: RemotePath, signal: AbortSignal, onUnknown?: OnUnknown): Promise<Entry[]>;

  /**
   * The same by other means than those of `list`, for a folder that is empty all of a sudden. Absent
   * where the protocol has only one way to list: then that is tried once more.
   */
  listOtherwise?(folder: RemotePath, signal: AbortSignal, onUnknown?: OnUnknown): Promise<Entry[]>;

  /** One entry by its path; a symlink is not followed. `not-found` if there is none. */
  stat(path: RemotePath, signal: AbortSignal): Promise<Entry>;

  /**
   * Reads the file from byte `offset` on and gives the bytes to `write` in order, waiting for the
   * promise that it returns, if any. Delivers exactly `entry.size - offset` bytes, never more; where
   * the size is not known, everything up to the end that the protocol tells. A connection that breaks
   * off is no end.
   *
   * Throws `changed` if the server's time of the file after the last byte (where the protocol tells
   * it without cost) is not that of the entry any more.
   */
  read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome>;
}

/** Whether the file is as long as it was listed. Neither: it is, or its size was not known. */
export interface ReadOutcome {
  /** More bytes are there. */
  readonly grown: boolean;
  /** The file ended before, as the protocol tells, or the server says now that it does. */
  readonly short?: boolean;
}
