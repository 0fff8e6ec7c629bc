import type { EntryType } from '../../model/entry';
import { BytePages } from './bytePages';
import { digestBytes } from './digests';
import type { RsyncLimits } from './limits';
import { malformed } from './protocolError';

/** What a list says of one entry. */
export interface TableRow {
  /** The path below the transfer's root; copied. */
  readonly name: Buffer;
  /** Undefined if the server tells none that can be. */
  readonly size: number | undefined;
  /** Seconds since 1970, to the microsecond. */
  readonly mtime: number;
  /** Type and permissions, as `st_mode`. */
  readonly mode: number;
  readonly target: Buffer | undefined;
  readonly digest: Buffer | undefined;
}

const typeBits = 0o170000;
const types = new Map<number, EntryType>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
  [0o140000, 'other'],
  [0o010000, 'other'],
  [0o020000, 'other'],
  [0o060000, 'other'],
]);

/** The type that `st_mode` tells, or undefined if it is none that exists. */
export function typeOfMode(mode: number): EntryType | undefined {
  return types.get(mode & typeBits);
}

/**
 * The entries of a list in the order in which they were sent, in columns instead of objects: about 40
 * bytes an entry and its name.
 */
export class FileTable {
  readonly #limits: RsyncLimits;
  readonly names: BytePages;
  #count = 0;
  #nameStarts = new Uint32Array(64);
  #nameLengths = new Uint16Array(64);
  #sizes = new Float64Array(64);
  #mtimes = new Float64Array(64);
  #modes = new Uint16Array(64);
  readonly #targets = new Map<number, { readonly start: number; readonly length: number }>();
  #digests = Buffer.alloc(0);

  constructor(limits: RsyncLimits) {
    this.#limits = limits;
    this.names = new BytePages(limits.nameBytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Throws `protocol` beyond the limits. */
  add(row: TableRow): void {
    const index = this.#count;
    if (index >= this.#limits.entries) throw malformed('more entries than can be held');
    if (index === this.#nameStarts.length) this.#grow();
    this.#nameStarts[index] = this.names.add(row.name);
    this.#nameLengths[index] = row.name.length;
    this.#sizes[index] = row.size ?? NaN;
    this.#mtimes[index] = row.mtime;
    this.#modes[index] = row.mode;
    if (row.target) {
      const start = this.names.add(row.target);
      this.#targets.set(index, { start, length: row.target.length });
    }
    if (row.digest) this.#keepDigest(index, row.digest);
    this.#count += 1;
  }

  name(index: number): string {
    return this.names.text(this.nameStart(index), this.nameLength(index));
  }

  nameStart(index: number): number {
    return this.#nameStarts[index] ?? 0;
  }

  nameLength(index: number): number {
    return this.#nameLengths[index] ?? 0;
  }

  size(index: number): number | undefined {
    const size = this.#sizes[index];
    return Number.isNaN(size) ? undefined : size;
  }

  mtime(index: number): number {
    return this.#mtimes[index] ?? 0;
  }

  /** Permission bits. */
  permissions(index: number): number {
    return (this.#modes[index] ?? 0) & 0o7777;
  }

  type(index: number): EntryType {
    return typeOfMode(this.#modes[index] ?? 0) ?? 'other';
  }

  isDirectory(index: number): boolean {
    return ((this.#modes[index] ?? 0) & typeBits) === 0o040000;
  }

  /** Of a symlink, as a byte string. */
  target(index: number): string | undefined {
    const found = this.#targets.get(index);
    return found && this.names.text(found.start, found.length);
  }

  /** Of a file's content, if the list was asked for with digests. */
  digest(index: number): Buffer | undefined {
    if (this.#digests.length === 0) return undefined;
    return this.#digests.subarray(index * digestBytes, (index + 1) * digestBytes);
  }

  #keepDigest(index: number, digest: Buffer): void {
    const needed = this.#nameStarts.length * digestBytes;
    if (this.#digests.length < needed) this.#digests = larger(this.#digests, Buffer.alloc(needed));
    digest.copy(this.#digests, index * digestBytes);
  }

  #grow(): void {
    const capacity = 2 * this.#nameStarts.length;
    this.#nameStarts = larger(this.#nameStarts, new Uint32Array(capacity));
    this.#nameLengths = larger(this.#nameLengths, new Uint16Array(capacity));
    this.#sizes = larger(this.#sizes, new Float64Array(capacity));
    this.#mtimes = larger(this.#mtimes, new Float64Array(capacity));
    this.#modes = larger(this.#modes, new Uint16Array(capacity));
  }
}

function larger<Column extends { set(values: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
