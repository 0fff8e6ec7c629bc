/**
 * What can write to a server, for restoring only: no backup may reach it (lint). One contract serves
 * all protocols, and the job that restores is the same for all of them.
 *
 * Nothing is ever written under its true name: content goes to a temporary name in the same folder,
 * its size is checked, and it is renamed. Paths are the server's, as sources list them.
 */
import type { EntryType } from '../model/entry';
import type { RemotePath } from '../model/remotePath';
import type { FileServer } from '../sources/fileServer';
import type { DiskPath } from '../store/disk';

/** A file of a snapshot, to be read once or more. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** Where it stands on this computer, for a target that can share its blocks. */
  readonly place: DiskPath;
  /** All of it. Throws `changed` behind the last byte if it does not have the digest. */
  read(): AsyncIterable<Buffer>;
}

/** What is set beside the content, where the target can and it is known. */
export interface Attributes {
  /** Permission bits (07777). */
  readonly mode?: number;
  /** Seconds since 1970, to the microsecond; may be negative. */
  readonly mtime?: number;
}

/** What stands at a place, and is to get attributes. */
export interface Standing {
  readonly place: RemotePath;
  readonly type: 'file' | 'directory';
}

/** Whose a new file is to be: the manifest does not tell, and a file that changed hands may be of no use. */
export interface OwnedAttributes extends Attributes {
  /** The owner of what stands here is taken over, where the protocol tells it and the account may. */
  readonly like?: RemotePath;
}

/**
 * Every method may be called many times at once, up to `writingWidth`. Errors are `BackupError`s as of
 * `FileServer`: `connection` and `timeout` with the scope of an entry are tried again by the caller,
 * `permission`, `not-found` and `protocol` are final for the entry, `disk-full` ends the restore.
 */
export interface Target extends AsyncDisposable {
  /** For people: an endpoint, or a folder of this computer. */
  readonly label: string;
  /** Lists what is there, and reads it: to compare, to save it first, and to verify. */
  readonly reader: FileServer;
  readonly writingWidth: number;
  /** Permission bits that come back in listings, so that a difference in others is none. */
  readonly comparableMode: number;
  /** What this target turned out not to be able to do, each a sentence. Grows while it is used. */
  readonly notes: ReadonlySet<string>;

  /** Why an entry cannot be restored here, whatever the server says; undefined: nothing is known against it. */
  faultOf(entry: { readonly path: RemotePath; readonly type: EntryType }): string | undefined;

  /**
   * Writes a new file, whole, with its attributes, and has its size checked. What cannot be set is a
   * note. `place` is a temporary name in a folder that is there.
   */
  upload(
    place: RemotePath,
    content: Content,
    attributes: OwnedAttributes,
    signal: AbortSignal,
  ): Promise<void>;

  /** Makes a symbolic link of a name that is not taken. */
  makeLink(
    place: RemotePath,
    target: string,
    attributes: Attributes,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Gives what stands at `from` the name `to`, in the place of a file or link of that name, in one step
   * where the server can.
   * @param aside a free name in the same folder, for servers that cannot
   */
  replace(from: RemotePath, to: RemotePath, aside: RemotePath, signal: AbortSignal): Promise<void>;

  /**
   * Makes a folder whose parent is there, and whose owner it gets where the account may give it away. It
   * is no error if it is there already.
   */
  makeFolder(place: RemotePath, signal: AbortSignal): Promise<void>;

  /** The rights and the time of a file or folder. What cannot be set is a note. */
  setAttributes(standing: Standing, attributes: Attributes, signal: AbortSignal): Promise<void>;

  /** Removes a file or link. It is no error if there is nothing. */
  removeFile(place: RemotePath, signal: AbortSignal): Promise<void>;

  /** Removes an empty folder. It is no error if there is nothing. */
  removeFolder(place: RemotePath, signal: AbortSignal): Promise<void>;
}

/** A file of the wrong size under its temporary name never gets its true one. */
export function sizeFault(size: number | undefined, expected: number): string | undefined {
  if (size === undefined || size === expected) return undefined;
  return `the server has ${size} bytes of it where ${expected} were sent; its disk or quota may be full`;
}
