import type { EntryType } from '../../model/entry';
import { readAttributes, type Attributes } from './attributes';
import type { SftpChannel } from './channel';
import { limit, packet, status } from './constants';
import { malformed, type Fields } from './fields';
import { typeByLongName } from './longName';
import { handlePacket, openPacket, pathPacket } from './requests';
import { readStatus, statusError, type Status } from './statusError';

/** One name of a folder, as `READDIR` gives it. */
export interface Listed {
  /** A byte string. */
  readonly name: string;
  readonly attributes: Attributes;
  /** What the long name says it is, where the attributes do not, or where it says that it is a link. */
  readonly typeByLongName: EntryType | undefined;
}

/** Opens a file for reading. `path` is absolute, `shown` the same for people. */
export function openFile(channel: SftpChannel, path: string, shown: string): Promise<Buffer> {
  return call(channel, (id) => openPacket(id, path), packet.handle, handleOf, shown);
}

export function openFolder(channel: SftpChannel, path: string, shown: string): Promise<Buffer> {
  return call(
    channel,
    (id) => pathPacket(packet.opendir, id, path),
    packet.handle,
    handleOf,
    shown,
  );
}

/** The attributes of a path; a symlink is not followed. */
export function lstat(channel: SftpChannel, path: string, shown: string): Promise<Attributes> {
  const build = (id: number): Buffer => pathPacket(packet.lstat, id, path);
  return call(channel, build, packet.attrs, readAttributes, shown);
}

/** The attributes of what a path leads to: a symlink is followed. */
export function stat(channel: SftpChannel, path: string, shown: string): Promise<Attributes> {
  const build = (id: number): Buffer => pathPacket(packet.stat, id, path);
  return call(channel, build, packet.attrs, readAttributes, shown);
}

export function fstat(channel: SftpChannel, handle: Buffer, shown: string): Promise<Attributes> {
  const build = (id: number): Buffer => handlePacket(packet.fstat, id, handle);
  return call(channel, build, packet.attrs, readAttributes, shown);
}

/** Where a symlink points to, as a byte string. */
export function readLink(channel: SftpChannel, path: string, shown: string): Promise<string> {
  const build = (id: number): Buffer => pathPacket(packet.readlink, id, path);
  const targetOf = (fields: Fields): string => {
    if (fields.uint32() < 1) throw malformed('a link without a target');
    return fields.byteString(limit.name);
  };
  return call(channel, build, packet.name, targetOf, shown);
}

/** The next names of an open folder, or undefined after the last. */
export async function readFolder(
  channel: SftpChannel,
  handle: Buffer,
  shown: string,
): Promise<Listed[] | undefined> {
  return new Promise((resolve, reject) => {
    channel.request((id) => handlePacket(packet.readdir, id, handle), {
      packet: (type, fields) => {
        if (type === packet.name) {
          resolve(namesOf(fields));
          return;
        }
        const answer = statusOf(type, fields);
        if (answer.code === status.eof) resolve(undefined);
        else reject(statusError(answer, shown));
      },
      fail: reject,
    });
  });
}

/** Closes a handle. `closed` is called when it is, whatever the server says. */
export function close(channel: SftpChannel, handle: Buffer, closed: () => void): void {
  channel.request((id) => handlePacket(packet.close, id, handle), {
    packet: closed,
    fail: closed,
  });
}

function call<Result>(
  channel: SftpChannel,
  build: (id: number) => Buffer,
  expected: number,
  read: (fields: Fields) => Result,
  shown: string,
): Promise<Result> {
  const answered = channel.timed();
  return new Promise((resolve, reject) => {
    channel.request(build, {
      packet: (type, fields) => {
        answered();
        if (type === expected) resolve(read(fields));
        else reject(statusError(statusOf(type, fields), shown));
      },
      fail: reject,
    });
  });
}

function statusOf(type: number, fields: Fields): Status {
  if (type !== packet.status) throw malformed(`an answer of the wrong type (${type})`);
  return readStatus(fields);
}

function handleOf(fields: Fields): Buffer {
  // A copy, so that it does not hold on to the packet that it came in.
  return Buffer.from(fields.bytes(limit.handle));
}

function namesOf(fields: Fields): Listed[] {
  const count = fields.uint32();
  if (count > limit.namesInPacket) throw malformed(`${count} names in one packet`);
  const names: Listed[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = fields.byteString(limit.name);
    const longName = fields.bytes(limit.longName);
    const attributes = readAttributes(fields);
    names.push({ name, attributes, typeByLongName: typeByLongName(longName, attributes) });
  }
  return names;
}
