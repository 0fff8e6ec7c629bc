import type { RemotePath } from './remotePath';

/** `other` is a device, FIFO or socket: recorded, never opened. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

/** A file, folder, symlink or other node, as a source lists it. */
export interface Entry {
  readonly path: RemotePath;
  readonly type: EntryType;
  /**
   * Bytes, as listed: what comes may be more or fewer. 0 for what has no content. Absent where the
   * server does not tell a size that can be: the file is read to its end then.
   */
  readonly size?: number;
  /** Seconds since 1970, to the microsecond; may be negative. Absent where the server gives no time. */
  readonly mtime?: number;
  /** How precise `mtime` is, in seconds: 0.000001, 1, 60 or 86400. */
  readonly granularity: number;
  /** Permission bits (07777). Absent where the protocol does not tell. */
  readonly mode?: number;
  /** Where a symlink points to, as a byte string like a path. */
  readonly target?: string;
  /** Where the content is read from, if a link was followed to get here. */
  readonly readFrom?: RemotePath;
}

/** A file whose size is not to be relied on: it is read to its end. */
export function withoutSize({ size: _listed, ...entry }: Entry): Entry {
  return entry;
}
