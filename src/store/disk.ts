/**
 * The disk under the store, as the few operations that the store needs. Tests fail the N-th of them
 * and kill the process between any two.
 */
export interface Disk {
  /** Creates a file with all of its content. It must not exist. */
  createFile(path: DiskPath, content: Buffer, attributes: FileAttributes): DiskStat;
  /** Creates many files beside this thread. Undefined: there is no such way, they are created one by one. */
  startCreating(): Creating | undefined;
  /** Opens a file to write at any position, creating it if it is not there. Never through a link. */
  openFile(path: DiskPath, mode: number): Promise<OpenFile>;
  /** The content from byte `start` on, in chunks. */
  readFile(path: DiskPath, start?: number): AsyncIterable<Buffer>;
  /** The content of a file in one go, at the least cost. Undefined if it is longer than `longest` bytes. Never through a link. */
  readWhole(path: DiskPath, longest: number): Buffer | undefined;
  /** The last bytes of a file, at most so many, at the least cost. Never through a link. */
  readEnd(path: DiskPath, longest: number): Buffer;
  /**
   * What stands at a path, with its digest if it is a file of so many bytes: in as few calls of the system
   * as that takes. Undefined if there is nothing; a link is not followed.
   */
  look(path: DiskPath, size: number): DiskLook | undefined;
  /** Looks at many files, several at once. Undefined: there is no such way, they are looked at one by one. */
  startLooking(): Looking | undefined;
  /** Undefined if there is nothing. */
  stat(path: DiskPath): DiskStat | undefined;
  /** Of the disk on which the folder stands, in bytes. */
  space(folder: DiskPath): DiskSpace;
  link(from: DiskPath, to: DiskPath): void;
  /** A copy that shares its blocks until one side is written. Fails where the disk cannot. */
  clone(from: DiskPath, to: DiskPath): Promise<void>;
  copy(from: DiskPath, to: DiskPath): Promise<void>;
  setAttributes(path: DiskPath, attributes: Partial<FileAttributes>): void;
  /** Makes the folder and those above it, where they are missing. */
  makeFolder(path: DiskPath): void;
  /** Names, as byte strings. Empty if the folder is missing. */
  namesIn(path: DiskPath): Promise<string[]>;
  /** What lies directly in a folder, in any order and however much it is. Nothing if the folder is missing. */
  nodesIn(path: DiskPath): AsyncIterable<DiskNode>;
  rename(from: DiskPath, to: DiskPath): Promise<void>;
  removeFile(path: DiskPath): void;
  /** Removes a file, or a folder with all that is in it. It is no error if there is nothing. */
  remove(path: DiskPath): Promise<void>;
  /** Writes all that is pending for a folder and everything below it to the disk itself. */
  syncTree(path: DiskPath): Promise<void>;
  /** Makes the content of one file durable. */
  syncFile(path: DiskPath): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: DiskPath): Promise<void>;
}

export interface DiskLook {
  readonly stat: DiskStat;
  /** SHA-256 in hexadecimal of what was read; absent: nothing was. */
  readonly sha256?: string;
  /** Bytes that were read. */
  readonly read: number;
}

/** Files to look at, in columns: objects would cost more to send than most files cost to read. */
export interface WantedFiles {
  readonly places: DiskPath[];
  /** The bytes that each should have. */
  readonly sizes: number[];
  /** The SHA-256 that each should have, in hexadecimal. */
  readonly digests: string[];
}

/** What is not as it was wanted, or could not be read: with the system's code and text then. */
export interface WrongFile {
  readonly state: 'missing' | 'changed' | 'unread';
  /** Bytes that were read. */
  readonly read: number;
  readonly code?: string;
  readonly message?: string;
}

/** What was found of wanted files. */
export interface FoundFiles {
  /** The inode of each that is as it was wanted and has other names; 0 for the others. */
  readonly inodes: readonly number[];
  /** By the number of the wanted file. */
  readonly wrong: ReadonlyMap<number, WrongFile>;
}

/** Looks at many files at once. */
export interface Looking extends Disposable {
  /** So many batches keep it busy. */
  readonly width: number;
  look(wanted: WantedFiles): Promise<FoundFiles>;
}

/** Files to create, in columns: see `WantedFiles`. */
export interface NewFiles {
  readonly places: DiskPath[];
  readonly modes: number[];
  /** Seconds since 1970. */
  readonly mtimes: number[];
  /** Where the content of each ends; it begins where the one before ends. */
  readonly ends: number[];
  /** Of all of them, in memory of its own, which is given away. */
  readonly content: Uint8Array<ArrayBuffer>;
}

/** What became of new files: all columns are by their numbers. */
export interface CreatedFiles {
  /** SHA-256 in hexadecimal. */
  readonly digests: readonly string[];
  readonly stats: readonly (DiskStat | undefined)[];
  /** Of those of which nothing is there: the system's code and text. */
  readonly failures: ReadonlyMap<number, { readonly code?: string; readonly message: string }>;
  /** What creating them took. */
  readonly milliseconds: number;
}

/** Creates many files at once. Nothing more is created once it is disposed of. */
export interface Creating extends AsyncDisposable {
  /** Undefined if the thread has ended: of these files, some may be there. */
  create(files: NewFiles): Promise<CreatedFiles | undefined>;
}

export interface DiskNode {
  /** A byte string. */
  readonly name: string;
  readonly type: DiskStat['type'];
}

/** Bytes where the system takes bytes (everywhere but on Windows), so that any name can be held. */
export type DiskPath = Buffer | string;

export interface DiskSpace {
  /** What an ordinary user may still write. */
  readonly free: number;
  readonly total: number;
}

export interface FileAttributes {
  readonly mode: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

export interface DiskStat {
  readonly type: 'file' | 'directory' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** How many names it has. One that several snapshots share is never written to. */
  readonly links: number;
  readonly inode: Inode;
}

/**
 * What changes when a file is touched: compared before a file of an earlier snapshot is linked. The
 * times are milliseconds since 1970, as precise as a double holds them.
 */
export interface Inode {
  readonly number: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** What is kept of an inode. Its ctime is not: our own linking changes it, for each file anew. */
export type InodeRecord = Omit<Inode, 'ctime'>;

export interface OpenFile {
  /** Writes the chunks one after the other. */
  write(chunks: readonly Buffer[], position: number): Promise<void>;
  /** At most `length` bytes; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  truncate(size: number): Promise<void>;
  /** Sets times, and says what the file is now. */
  seal(attributes: FileAttributes): Promise<DiskStat>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
