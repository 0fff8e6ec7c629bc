/**
 * Where data come from. A source is an open, read-only connection to a server; one contract serves
 * all protocols, and one conformance suite (test/conformance) checks every one of them.
 */
import type { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import type { RemotePath } from '../model/remotePath';
import type { Selection } from '../model/selection';
import type { Sink, Wanted } from '../model/transfer';

/** What a scan meets: an entry, or a folder or included path that could not be listed. */
export type Scanned =
  | {
      readonly entry: Entry;
      readonly error?: never;
      /** Of a folder: there may be more directly in it than the scan meets, and why. The root is given out only then. */
      readonly partly?: BackupError;
    }
  /** Nothing is known of what lies at and below `path`: it is not empty, it is unknown. */
  | { readonly path: RemotePath; readonly entry?: Entry; readonly error: BackupError };

/** Whether the last snapshot has anything in a folder. */
export type HadContent = (folder: RemotePath) => Promise<boolean>;

export interface Source extends AsyncDisposable {
  /** One folder, for the tree view. An unreadable folder is an error, never an empty list. */
  list(folder: RemotePath, signal: AbortSignal): AsyncIterable<Entry>;
  /**
   * The whole selection in folder order: entries, and what could not be listed. A folder that
   * `hadContent` and is empty now is looked at once more, in a second way where the protocol has one.
   */
  scan(selection: Selection, signal: AbortSignal, hadContent?: HadContent): AsyncIterable<Scanned>;
  /**
   * Delivers the content of the wanted files to the sink, in whatever order and parallelism the
   * protocol is fastest at. Rejects only with errors that concern the run; what concerns one file
   * goes to `sink.skip`.
   */
  fetch(wanted: AsyncIterable<Wanted>, sink: Sink, signal: AbortSignal): Promise<void>;
  /**
   * Digests of the files at and below an included path, which the server computes: nothing of their
   * content travels. Absent: the protocol has none.
   */
  digests?(root: RemotePath, selection: Selection, signal: AbortSignal): Promise<ContentDigests>;
  /** Whether only what differs from `Wanted.basis` travels. Default: everything does. */
  readonly fetchesDifferences?: boolean;
  /** Bytes received on the wire so far, listings and protocol included. */
  readonly receivedBytes: number;
}

/** What a server says of the content of its files. */
export interface ContentDigests {
  /** In hexadecimal. Undefined: the server does not say. */
  of(path: RemotePath): string | undefined;
  /** The same digest of a content that we have. */
  hash(): ContentHash;
}

/** Hashes what it is given, piece by piece. */
export interface ContentHash {
  update(data: Uint8Array): unknown;
  digest(): Buffer;
}
