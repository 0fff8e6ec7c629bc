import { bytesOf } from '../../model/remotePath';
import type { Owner } from '../ownerToTake';

/**
 * The packets by which SFTP version 3 writes (draft-ietf-secsh-filexfer-02, and the extensions of
 * OpenSSH's PROTOCOL). They stand here, and not with those that read: no source can send them.
 */
const packet = {
  open: 3,
  close: 4,
  write: 6,
  setstat: 9,
  fsetstat: 10,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  rename: 18,
  symlink: 20,
  extended: 200,
} as const;

/** `SSH_FXF_WRITE | SSH_FXF_CREAT | SSH_FXF_EXCL`: never onto something, nor through a link. */
const openNew = 0x02 | 0x08 | 0x20;

const flag = { owner: 0x2, permissions: 0x4, times: 0x8 } as const;

/** One kind of attribute at a time: servers stop at the first that they refuse. */
export type Attribute =
  { readonly mode: number } | { readonly mtime: number } | { readonly owner: Owner };

export function createPacket(id: number, path: string, mode: number | undefined): Buffer {
  const attributes = mode === undefined ? uint32s(0) : attributesOf({ mode });
  return build(packet.open, id, string(path), uint32s(openNew), attributes);
}

export function writePacket(id: number, handle: Buffer, offset: number, data: Buffer): Buffer {
  const position = uint32s(Math.floor(offset / 0x1_0000_0000), offset % 0x1_0000_0000);
  return build(packet.write, id, withLength(handle), position, withLength(data));
}

export function closePacket(id: number, handle: Buffer): Buffer {
  return build(packet.close, id, withLength(handle));
}

export function setPacket(id: number, path: string, attribute: Attribute): Buffer {
  return build(packet.setstat, id, string(path), attributesOf(attribute));
}

export function setOpenPacket(id: number, handle: Buffer, attribute: Attribute): Buffer {
  return build(packet.fsetstat, id, withLength(handle), attributesOf(attribute));
}

export function makeFolderPacket(id: number, path: string): Buffer {
  return build(packet.mkdir, id, string(path), uint32s(0));
}

export function removePacket(id: number, path: string, kind: 'file' | 'folder'): Buffer {
  return build(kind === 'file' ? packet.remove : packet.rmdir, id, string(path));
}

export function renamePacket(id: number, from: string, to: string): Buffer {
  return build(packet.rename, id, string(from), string(to));
}

/** Two paths, in the order in which the server takes them. */
export function linkPacket(id: number, first: string, second: string): Buffer {
  return build(packet.symlink, id, string(first), string(second));
}

/** `posix-rename@openssh.com`: replaces what stands at `to`, in one step. */
export function replacePacket(id: number, from: string, to: string): Buffer {
  return build(packet.extended, id, string(posixRename), string(from), string(to));
}

/** `lsetstat@openssh.com`: the same as SETSTAT, of a link itself. */
export function setLinkPacket(id: number, path: string, attribute: Attribute): Buffer {
  return build(packet.extended, id, string(lsetstat), string(path), attributesOf(attribute));
}

export const posixRename = 'posix-rename@openssh.com';
export const lsetstat = 'lsetstat@openssh.com';

function attributesOf(attribute: Attribute): Buffer {
  if ('mode' in attribute) return uint32s(flag.permissions, attribute.mode & 0o7777);
  if ('owner' in attribute) return uint32s(flag.owner, attribute.owner.uid, attribute.owner.gid);
  // The lowest 32 bits, as OpenSSH tells times before 1970 and after 2106 (`secondsOf` reads them).
  const seconds = Math.floor(attribute.mtime) >>> 0;
  return uint32s(flag.times, seconds, seconds);
}

function build(type: number, id: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const head = Buffer.allocUnsafe(9);
  head.writeUInt32BE(length, 0);
  head[4] = type;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, ...parts]);
}

function string(text: string): Buffer {
  return withLength(bytesOf(text));
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([uint32s(bytes.length), bytes]);
}

function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}
