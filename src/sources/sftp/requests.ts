import { bytesOf } from '../../model/remotePath';
import { openForReading, packet, version } from './constants';

/** The packets that we send. Each begins with its length and type, and all but `INIT` with a number. */

export function initPacket(): Buffer {
  const bytes = start(packet.init, version, 0);
  return bytes;
}

/** `OPENDIR`, `LSTAT`, `READLINK`: a request about an absolute path. */
export function pathPacket(type: number, id: number, path: string): Buffer {
  const name = bytesOf(path);
  const bytes = start(type, id, 4 + name.length);
  bytes.writeUInt32BE(name.length, 9);
  name.copy(bytes, 13);
  return bytes;
}

export function openPacket(id: number, path: string): Buffer {
  const name = bytesOf(path);
  const bytes = start(packet.open, id, 4 + name.length + 8);
  bytes.writeUInt32BE(name.length, 9);
  name.copy(bytes, 13);
  bytes.writeUInt32BE(openForReading, 13 + name.length);
  // No attributes: the file is there already.
  bytes.writeUInt32BE(0, 17 + name.length);
  return bytes;
}

/** `CLOSE`, `FSTAT`, `READDIR`: a request about something open. */
export function handlePacket(type: number, id: number, handle: Buffer): Buffer {
  const bytes = start(type, id, 4 + handle.length);
  bytes.writeUInt32BE(handle.length, 9);
  handle.copy(bytes, 13);
  return bytes;
}

export function readPacket(id: number, handle: Buffer, offset: number, length: number): Buffer {
  const bytes = start(packet.read, id, 4 + handle.length + 12);
  bytes.writeUInt32BE(handle.length, 9);
  handle.copy(bytes, 13);
  const at = 13 + handle.length;
  bytes.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), at);
  bytes.writeUInt32BE(offset % 0x1_0000_0000, at + 4);
  bytes.writeUInt32BE(length, at + 8);
  return bytes;
}

function start(type: number, id: number, rest: number): Buffer {
  const bytes = Buffer.allocUnsafe(9 + rest);
  bytes.writeUInt32BE(5 + rest, 0);
  bytes[4] = type;
  bytes.writeUInt32BE(id, 5);
  return bytes;
}
