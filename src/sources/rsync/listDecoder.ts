import type { EntryType } from '../../model/entry';
import { sizeIfPossible } from '../../model/fileSize';
import type { ByteReader } from './byteReader';
import { digestBytes } from './digests';
import { typeOfMode, type FileTable } from './fileTable';
import { longestName, mostNanoseconds } from './limits';
import { malformed, quoted } from './protocolError';

/** How the entries of a list are coded in a session. */
export interface ListForm {
  readonly protocol: number;
  /** Whether the end of the list carries the error bits (compat bit 3, or protocol 31). */
  readonly safeEnd: boolean;
  /** Whether files have digests of their content (`-c`). */
  readonly digests: boolean;
}

/** Bits before an entry (rsync rsync.h: XMIT_…). */
const flag = {
  sameMode: 0x02,
  extended: 0x04,
  sharesPrefix: 0x20,
  longName: 0x40,
  sameTime: 0x80,
  hardLinked: 0x200,
  ownerNames: 0xc00,
  nanoseconds: 0x2000,
} as const;

/** Flags that end a list and announce its error bits (XMIT_IO_ERROR_ENDLIST). */
const endWithErrors = 0x1004;
/** Beyond it a date is none in JavaScript. */
const latest = 8.64e12;

/**
 * Decodes a list of files, entry by entry, and checks each (rsync flist.c: recv_file_entry,
 * recv_file_list). Nothing of what we never ask for is accepted: hard links, owners, devices.
 */
export class ListDecoder {
  readonly #form: ListForm;
  readonly #table: FileTable;
  readonly #name = Buffer.alloc(longestName);
  #nameLength = 0;
  #mtime = 0;
  #mode = 0;
  /** What the server could not list: 1 something, 2 only what vanished meanwhile. */
  errorBits = 0;

  constructor(form: ListForm, table: FileTable) {
    this.#form = form;
    this.#table = table;
  }

  /**
   * Reads one entry into the table; false at the end of the list. To be called inside
   * `ByteReader.attempt`. Throws `protocol`.
   */
  read(reader: ByteReader): boolean {
    const flags = this.#flags(reader);
    if (flags === 0 || (flags === endWithErrors && this.#form.safeEnd)) {
      this.errorBits |= this.#endBits(reader, flags);
      return false;
    }
    const { shared, rest } = this.#readName(reader, flags);
    const size = this.#modern ? reader.varlong(3) : reader.long();
    const time = this.#time(reader, flags);
    const mode = (flags & flag.sameMode) === 0 ? reader.int() : this.#mode;
    const type = checkedType(mode);
    const target = type === 'symlink' ? this.#target(reader) : undefined;
    const digest = this.#hasDigest(type) ? reader.bytes(digestBytes) : undefined;
    this.#keepName(shared, rest, type === 'directory');
    this.#mode = mode;
    this.#mtime = time.seconds;
    const mtime = (time.seconds * 1e6 + Math.floor(time.nanoseconds / 1000)) / 1e6;
    const name = this.#name.subarray(0, this.#nameLength);
    const content = type === 'file' ? sizeIfPossible(size) : 0;
    this.#table.add({ name, size: content, mtime, mode, target, digest });
    return true;
  }

  #hasDigest(type: EntryType): boolean {
    return this.#form.digests && (type === 'file' || this.#form.protocol < 28);
  }

  get #modern(): boolean {
    return this.#form.protocol >= 30;
  }

  #flags(reader: ByteReader): number {
    const low = reader.byte();
    const { protocol } = this.#form;
    const flags = protocol >= 28 && (low & flag.extended) !== 0 ? low | (reader.byte() << 8) : low;
    if (flags === endWithErrors && this.#form.safeEnd) return flags;
    if (protocol >= 28 && (flags & flag.hardLinked) !== 0)
      throw malformed('a hard link that was not asked for');
    if (this.#modern && (flags & flag.ownerNames) !== 0) {
      throw malformed('an owner that was not asked for');
    }
    return flags;
  }

  #endBits(reader: ByteReader, flags: number): number {
    if (flags === endWithErrors) return reader.varint();
    return this.#modern ? 0 : reader.int();
  }

  #readName(reader: ByteReader, flags: number): { shared: number; rest: Buffer } {
    const shared = (flags & flag.sharesPrefix) === 0 ? 0 : reader.byte();
    const isLong = (flags & flag.longName) !== 0;
    const length = isLong ? (this.#modern ? reader.varint() : reader.int()) : reader.byte();
    if (length < 0 || shared + length > longestName) {
      throw malformed(`a name of ${shared + length} bytes`);
    }
    if (shared > this.#nameLength) throw malformed('a name that begins like none before it');
    return { shared, rest: reader.bytes(length) };
  }

  #time(reader: ByteReader, flags: number): { seconds: number; nanoseconds: number } {
    const isSame = (flags & flag.sameTime) !== 0;
    const seconds = isSame ? this.#mtime : this.#readSeconds(reader);
    if (Math.abs(seconds) > latest) throw malformed(`the time ${seconds}`);
    const { protocol } = this.#form;
    if (protocol < 31 || (flags & flag.nanoseconds) === 0) return { seconds, nanoseconds: 0 };
    const nanoseconds = reader.varint();
    if (nanoseconds < 0 || nanoseconds > mostNanoseconds) {
      throw malformed(`the time ${nanoseconds} ns`);
    }
    return { seconds, nanoseconds };
  }

  #readSeconds(reader: ByteReader): number {
    return this.#modern ? reader.varlong(4) : reader.unsignedInt();
  }

  #target(reader: ByteReader): Buffer {
    const length = this.#modern ? reader.varint() : reader.int();
    if (length <= 0 || length > longestName) throw malformed(`a target of ${length} bytes`);
    return reader.bytes(length);
  }

  #keepName(shared: number, rest: Buffer, isDirectory: boolean): void {
    rest.copy(this.#name, shared);
    this.#nameLength = shared + rest.length;
    const isDot = this.#nameLength === 1 && this.#name[0] === dot;
    if (isDot ? isDirectory : isCleanName(this.#name, this.#nameLength)) return;
    const text = this.#name.toString('latin1', 0, this.#nameLength);
    throw malformed(`the name ${quoted(text)}, which cannot be accepted`);
  }
}

function checkedType(mode: number): EntryType {
  const type = mode >>> 16 === 0 ? typeOfMode(mode) : undefined;
  if (type === undefined) throw malformed(`the mode ${mode.toString(8)}`);
  return type;
}

const dot = 46;
const slash = 47;

/** No empty component, no `.` or `..`, no NUL byte; so it is not absolute either. */
function isCleanName(bytes: Buffer, length: number): boolean {
  let start = 0;
  for (let at = 0; at <= length; at += 1) {
    const byte = at === length ? slash : bytes[at];
    if (byte === 0) return false;
    if (byte !== slash) continue;
    const size = at - start;
    if (size === 0) return false;
    if (bytes[start] === dot && (size === 1 || (size === 2 && bytes[start + 1] === dot))) {
      return false;
    }
    start = at + 1;
  }
  return true;
}
