import type { Entry } from '../../model/entry';
import { printable, type RemotePath } from '../../model/remotePath';
import { BackupError } from '../../base/errors';
import { typeOf, type Attributes } from './attributes';

const permissionBits = 0o7777;

/** The entry that attributes describe. Throws `protocol` if the server does not say what it is. */
export function entryOf(path: RemotePath, attributes: Attributes): Entry {
  const type = typeOf(attributes);
  if (type === undefined) {
    throw new BackupError('protocol', `The server does not tell what ${shown(path)} is.`);
  }
  const { mtime, mode = 0 } = attributes;
  const size = type === 'file' ? attributes.size : 0;
  return {
    path,
    type,
    ...(size !== undefined && { size }),
    ...(mtime === undefined ? {} : { mtime }),
    granularity: 1,
    mode: mode & permissionBits,
  };
}

/** Whether nothing has to be asked for again. */
export function isComplete(attributes: Attributes): boolean {
  const type = typeOf(attributes);
  return type !== undefined && (type !== 'file' || attributes.size !== undefined);
}

/** The path as the server knows it. */
export function onServer(path: RemotePath): string {
  return `/${path}`;
}

/** The path for people, with control characters made visible: names come from a stranger. */
export function shown(path: RemotePath): string {
  return printable(onServer(path));
}
