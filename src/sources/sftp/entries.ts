import type { Entry, EntryType } from '../../model/entry';
import { printable, type RemotePath } from '../../model/remotePath';
import { typeOf, type Attributes } from './attributes';

const permissionBits = 0o7777;

/** The attributes of something of which the server says nothing. */
export const nothingTold: Attributes = { size: undefined, mode: undefined, mtime: undefined };

/** The entry of that type that attributes describe. */
export function entryOf(path: RemotePath, type: EntryType, attributes: Attributes): Entry {
  const { mtime, mode } = attributes;
  const size = type === 'file' ? attributes.size : 0;
  return {
    path,
    type,
    ...(size !== undefined && { size }),
    ...(mtime !== undefined && { mtime }),
    granularity: 1,
    ...(mode !== undefined && { mode: mode & permissionBits }),
  };
}

/** The type that attributes tell, if nothing has to be asked for again. */
export function typeIfComplete(attributes: Attributes): EntryType | undefined {
  const type = typeOf(attributes);
  return type === 'file' && attributes.size === undefined ? undefined : type;
}

/** The path as the server knows it. */
export function onServer(path: RemotePath): string {
  return `/${path}`;
}

/** The path for people, with control characters made visible: names come from a stranger. */
export function shown(path: RemotePath): string {
  return printable(onServer(path));
}
