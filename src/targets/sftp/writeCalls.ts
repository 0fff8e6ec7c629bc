import { BackupError, type ErrorKind } from '../../base/errors';
import type { SftpChannel } from '../../sources/sftp/channel';
import { limit, packet, status } from '../../sources/sftp/constants';
import { malformed } from '../../sources/sftp/fields';
import { readStatus, Refusal, type Status } from '../../sources/sftp/statusError';
import { createPacket } from './writeRequests';

/** Makes a new file and opens it for writing. Throws `protocol` if the name is taken. */
export function create(
  channel: SftpChannel,
  path: string,
  mode: number | undefined,
  shown: string,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    channel.request((id) => createPacket(id, path, mode), {
      packet: (type, fields) => {
        if (type === packet.handle) {
          resolve(Buffer.from(fields.bytes(limit.handle)));
          return;
        }
        if (type !== packet.status) throw malformed(`an answer of the wrong type (${type})`);
        reject(writeError(readStatus(fields), shown));
      },
      fail: reject,
    });
  });
}

/** A request that is answered by a status: resolves with it, whatever it says. */
export function ask(channel: SftpChannel, build: (id: number) => Buffer): Promise<Status> {
  return new Promise((resolve, reject) => {
    channel.request(build, {
      packet: (type, fields) => {
        if (type !== packet.status) throw malformed(`an answer of the wrong type (${type})`);
        resolve(readStatus(fields));
      },
      fail: reject,
    });
  });
}

/** The same, where anything but success is an error about `shown`. */
export async function order(
  channel: SftpChannel,
  build: (id: number) => Buffer,
  shown: string,
): Promise<void> {
  const answer = await ask(channel, build);
  if (answer.code !== status.ok) throw writeError(answer, shown);
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  [status.noSuchFile]: 'not-found',
  [status.permissionDenied]: 'permission',
  [status.noConnection]: 'connection',
  [status.connectionLost]: 'connection',
};

const words: Partial<Record<ErrorKind, string>> = {
  'not-found': 'has no folder on the server to be in',
  permission: 'may not be written',
  connection: 'was not answered for, as the server lost its connection',
};

/** Version 3 has one code for a full disk, a quota and all else. */
export function writeError({ code, message }: Status, shown: string): BackupError {
  const kind = kinds[code] ?? 'protocol';
  const said = message === '' ? `status ${code}` : `"${message}" (status ${code})`;
  const fault =
    words[kind] ??
    `could not be written: the server says ${said}. Its disk or quota may be full, or the name not allowed`;
  return new BackupError(kind, `${shown} ${fault}.`, { cause: new Refusal(code, message) });
}
