import type { BackupError } from '../base/errors';
import type { Entry } from './entry';

/** A file that is to be fetched. */
export interface Wanted {
  readonly entry: Entry;
  /** Its place in the plan of the run: how the sink recognises it again. */
  readonly number: number;
  /** What the last snapshot of the same server has of it, for a protocol that can send differences. */
  readonly basis?: Basis;
}

/** A file of an earlier snapshot, or what an interrupted run left of one. Somebody may have edited it: only a digest of the result proves. */
export interface Basis {
  /** Where it stands on this computer's disk. */
  readonly place: Buffer | string;
  /** Bytes. */
  readonly size: number;
  /** It stands at another path: either it is all the same, or nothing of it is. */
  readonly isTwin: boolean;
}

/** Where fetched content goes. It hashes, counts, checks and keeps; a source only delivers. */
export interface Sink {
  /**
   * A place for the content of one file, as `entry` describes it now (it may have changed since it
   * was listed). Bytes of an earlier attempt at the same size and time are kept, unless it is to begin
   * `anew`.
   */
  receive(wanted: Wanted, entry: Entry, anew?: 'anew'): Promise<Incoming>;
  /**
   * What an earlier attempt has left of the file, for a protocol that fetches only what differs from
   * it and proves all of the result.
   */
  left(wanted: Wanted): Promise<Basis | undefined>;
  /** The file could not be read: it goes into the report, never silently. */
  skip(wanted: Wanted, error: BackupError): Promise<void>;
  /** The file is kept, but the person should know of something. */
  warn(wanted: Wanted, message: string): void;
}

/** One file on its way in. Call `finish` or `abandon`, once. */
export interface Incoming {
  /** The first byte that is still needed. */
  readonly offset: number;
  /** Takes the next bytes, which the caller must not touch again. Wait for the promise, if there is one, before the next call. */
  write(chunk: Buffer): Promise<void> | undefined;
  /**
   * All bytes are there. Throws `changed` if they are not as many as the entry says.
   * @param end where the file was found to end, if its listing is wrong
   */
  finish(end?: number): Promise<void>;
  /** Gives up for now; what has arrived is kept for the next attempt. */
  abandon(): Promise<void>;
}
