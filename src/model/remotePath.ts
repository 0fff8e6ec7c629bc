import { BackupError } from '../base/errors';

declare const remotePathBrand: unique symbol;

/**
 * The path of an entry on a server, without the leading `/`; the root is the empty string.
 *
 * Names on servers are bytes in no certain encoding, so a path is a byte string: each character
 * stands for one byte (0–255), as `latin1` does. Comparing two such strings compares their bytes,
 * and nothing is lost on the way. `textOf` makes it readable.
 */
export type RemotePath = string & { readonly [remotePathBrand]: true };

export const rootPath = '' as RemotePath;

/** The longest name that any file system we know of can hold is 255 characters of four bytes. */
const longestName = 1020;
const longestPath = 65_536;

const ascii = /^[\x00-\x7f]*$/;

/** The path that a person wrote (`/var/www/`), as bytes of UTF-8. Throws `configuration` if it has `.` or `..`. */
export function remotePath(text: string): RemotePath {
  const names = text.split('/').filter((name) => name !== '');
  if (names.some((name) => name === '.' || name === '..' || name.includes('\0'))) {
    throw new BackupError('configuration', `The path "${text}" must not contain "." or "..".`);
  }
  return fromBytes(Buffer.from(names.join('/'), 'utf8'));
}

/** A path whose bytes are already clean: no leading, trailing or doubled `/`, no `.` or `..`. */
export function fromBytes(bytes: Buffer): RemotePath {
  return bytes.toString('latin1') as RemotePath;
}

/** Whether all bytes are ASCII: then text and byte string are the same. */
export function isAscii(path: string): boolean {
  return ascii.test(path);
}

export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The path for people: decoded as UTF-8, U+FFFD where that fails. */
export function textOf(path: string): string {
  return ascii.test(path) ? path : bytesOf(path).toString('utf8');
}

/** Whether the bytes are valid UTF-8, so that `textOf` loses nothing. */
export function isText(path: string): boolean {
  return ascii.test(path) || Buffer.from(textOf(path), 'utf8').equals(bytesOf(path));
}

/** The path as people write it, with the leading `/`. */
export function absolute(path: RemotePath): string {
  return `/${textOf(path)}`;
}

/**
 * What is wrong with a name that a server listed, or undefined. A name is one component of a path:
 * anything that could climb out of its folder is refused (wget's, scp's and basic-ftp's CVEs).
 */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is not a name';
  if (name.includes('/')) return 'contains a slash';
  if (name.includes('\0')) return 'contains a NUL byte';
  if (name.length > longestName) return `is longer than ${longestName} bytes`;
  return undefined;
}

/** The path of `name` in `folder`. Throws `protocol` if the name is not one clean component. */
export function childPath(folder: RemotePath, name: string): RemotePath {
  const fault = faultOfName(name);
  const path = folder === '' ? name : `${folder}/${name}`;
  if (fault !== undefined || path.length > longestPath) {
    const problem = fault ?? 'makes the path too long';
    throw new BackupError(
      'protocol',
      `The server listed a name that ${problem}: ${printable(name)}.`,
    );
  }
  return path as RemotePath;
}

/** An empty component, `.` or `..` at any place, or a NUL byte. */
const unclean = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** Whether a path that was read from somewhere stays below the folder it is appended to. */
export function isCleanPath(path: string): boolean {
  return !unclean.test(path);
}

export function nameOf(path: RemotePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function parentOf(path: RemotePath): RemotePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as RemotePath;
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: RemotePath, folder: RemotePath): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

const slash = 47;

/**
 * Folder order: component by component, each as bytes, so that a folder is followed directly by all
 * that is in it. The order of manifests and of every scan.
 */
export function compareInFolderOrder(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return a === slash ? -1 : b === slash ? 1 : a - b;
  }
  return left.length - right.length;
}

/** A text from a server, fit for a terminal or a log: control characters are shown as `\xNN`. */
export function printable(text: string): string {
  const shown = textOf(text);
  return shown.replace(
    /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
