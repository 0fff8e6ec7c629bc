import type { EntryType } from '../../model/entry';
import { sizeIfPossible } from '../../model/fileSize';
import { attribute, limit } from './constants';
import { malformed, type Fields } from './fields';

/** What a server says of a file; it may leave out anything. */
export interface Attributes {
  /** Undefined too if it is none that a file can have. */
  readonly size: number | undefined;
  /** The whole `st_mode`: type and permission bits. */
  readonly mode: number | undefined;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Seconds since 1970. */
  readonly mtime: number | undefined;
}

const everyFlag =
  attribute.size | attribute.owner | attribute.permissions | attribute.times | attribute.extended;

/** Reads the `ATTRS` structure (section 5 of the draft). */
export function readAttributes(fields: Fields): Attributes {
  const flags = fields.uint32();
  if ((flags & ~everyFlag) !== 0) throw malformed('unknown attributes');
  const size = flags & attribute.size ? sizeIfPossible(fields.uint64()) : undefined;
  const owner =
    flags & attribute.owner ? { uid: fields.uint32(), gid: fields.uint32() } : undefined;
  const mode = flags & attribute.permissions ? fields.uint32() : undefined;
  let mtime: number | undefined;
  if (flags & attribute.times) {
    fields.uint32();
    mtime = secondsOf(fields.uint32());
  }
  if (flags & attribute.extended) skipExtended(fields);
  return { size, mode, owner, mtime };
}

function skipExtended(fields: Fields): void {
  const count = fields.uint32();
  if (count > limit.extensions) throw malformed(`${count} extended attributes`);
  for (let index = 0; index < count; index += 1) {
    fields.skipString(limit.packet);
    fields.skipString(limit.packet);
  }
}

const pastTurn = 0xc000_0000;

/**
 * Version 3 has 32 bits for a time, and OpenSSH 9.2 sends the lowest 32 of the real one: 1969-12-31
 * arrives as 0xfffeae80 and 2040-01-01 as 0x83aa7e80. Values below 2^31 are certain. Above it, a
 * value may be a date before 1970 or one after January 2038; the upper half is split in the middle,
 * so that all dates from December 1935 to January 2072 come out as they are.
 */
export function secondsOf(time: number): number {
  return time >= pastTurn ? time - 0x1_0000_0000 : time;
}

const typeBits = 0o170000;
const typeOfBits: Readonly<Record<number, EntryType>> = {
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
  0o010000: 'other',
  0o020000: 'other',
  0o060000: 'other',
  0o140000: 'other',
};

/** The type in the permission bits, or undefined if the server left it out. */
export function typeOf({ mode }: Attributes): EntryType | undefined {
  return mode === undefined ? undefined : typeOfBits[mode & typeBits];
}
