import { BackupError, type ErrorKind } from '../base/errors';
import type { EntryType } from './entry';
import { bytesOf, fromBytes, isAscii, isCleanPath, type RemotePath } from './remotePath';
import { isSnapshotId, type SnapshotId } from './snapshotId';

/**
 * The manifest of a snapshot, NDJSON in UTF-8: a header, one entry a line in folder order, the
 * totals. This file knows the lines; reading and writing the file is the store's.
 */
export interface ManifestHeader {
  readonly format: 1;
  readonly server: string;
  readonly endpoint: string;
  readonly snapshot: SnapshotId;
  /** ISO 8601 in UTC. */
  readonly started: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `sauvegarde 0.1.0` */
  readonly tool: string;
}

/** Why an entry could not be read. */
export interface SkipReason {
  readonly kind: ErrorKind;
  readonly message: string;
}

export interface ManifestEntry {
  readonly path: RemotePath;
  readonly type: EntryType;
  /** Bytes; files only. */
  readonly size?: number;
  /** The size that the server lists, where it is not the one that the file turned out to have. */
  readonly listed?: number;
  /** Seconds since 1970, to the microsecond. */
  readonly mtime?: number;
  /** Precision of `mtime` in seconds. */
  readonly granularity?: number;
  /** Permission bits. */
  readonly mode?: number;
  /** 64 hexadecimal digits; files whose content is in the snapshot. */
  readonly sha256?: string;
  /** A symlink's target, as a byte string. */
  readonly target?: string;
  /** The path on disk below the snapshot's folder, as a byte string, where it is not `path`. */
  readonly local?: string;
  /** The snapshot that the entry was carried over from, because it could not be listed or read. */
  readonly carried?: SnapshotId;
  readonly skipped?: SkipReason;
}

export interface ManifestTotals {
  readonly finished: string;
  readonly status: 'complete' | 'incomplete';
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly bytes: number;
  readonly fetchedFiles: number;
  readonly fetchedBytes: number;
  readonly linkedFiles: number;
  readonly receivedBytes: number;
  readonly skipped: number;
  /** SHA-256 of all bytes before this line, in hexadecimal. */
  readonly digest: string;
}

/** Shows bytes as text; may be lossy. The encoding of the server's names, UTF-8 by default. */
export type NameDecoder = (bytes: Buffer) => string;

const decodeUtf8: NameDecoder = (bytes) => bytes.toString('utf8');

/** A byte string as JSON carries it: readable, and in base64 beside it where that loses something. */
function encodeBytes(path: string, decode: NameDecoder): { text: string; raw?: string } {
  if (isAscii(path)) return { text: path };
  const bytes = bytesOf(path);
  const text = decode(bytes);
  if (Buffer.from(text, 'utf8').equals(bytes)) return { text };
  return { text, raw: bytes.toString('base64') };
}

function decodeBytes(text: string, raw: string | undefined): string {
  if (raw !== undefined) return fromBytes(Buffer.from(raw, 'base64'));
  return isAscii(text) ? text : fromBytes(Buffer.from(text, 'utf8'));
}

/** One line without its line feed. */
export function encodeEntry(entry: ManifestEntry, decode: NameDecoder = decodeUtf8): string {
  const path = encodeBytes(entry.path, decode);
  const target = entry.target === undefined ? undefined : encodeBytes(entry.target, decode);
  const local = entry.local === undefined ? undefined : encodeBytes(entry.local, decodeUtf8);
  return JSON.stringify({
    path: path.text,
    type: entry.type,
    size: entry.size,
    listed: entry.listed,
    mtime: entry.mtime,
    mode: entry.mode,
    sha256: entry.sha256,
    target: target?.text,
    rawTarget: target?.raw,
    local: local?.text,
    rawLocal: local?.raw,
    rawPath: path.raw,
    carried: entry.carried,
    granularity: entry.granularity,
    skipped: entry.skipped,
  });
}

type EntryLine = Omit<ManifestEntry, 'path'> & {
  readonly path: string;
  readonly rawPath?: string;
  readonly rawTarget?: string;
  readonly rawLocal?: string;
};

/**
 * Throws `protocol` if the line is none of ours. A workspace may come from a stranger: a path that
 * could lead out of the snapshot's folder is refused here, before anything can use it.
 */
export function decodeEntry(line: string): ManifestEntry {
  const parsed: unknown = parseLine(line);
  if (!isEntryLine(parsed)) throw damaged(line);
  if (isPlain(parsed)) {
    if (isCleanPath(parsed.path)) return parsed;
    throw damaged(line);
  }
  const { rawPath, rawTarget, rawLocal, ...entry } = parsed;
  const path = decodeBytes(entry.path, rawPath) as RemotePath;
  const local = entry.local === undefined ? undefined : decodeBytes(entry.local, rawLocal);
  const target = entry.target === undefined ? undefined : decodeBytes(entry.target, rawTarget);
  if (!isCleanPath(path) || (local !== undefined && !isCleanPath(local))) throw damaged(line);
  return {
    ...entry,
    path,
    ...(local !== undefined && { local }),
    ...(target !== undefined && { target }),
  };
}

/** Nearly all lines: the path is ASCII, so that it is its own byte string, and nothing else has bytes. */
function isPlain(line: EntryLine): line is EntryLine & ManifestEntry {
  if (line.rawPath !== undefined || line.local !== undefined) return false;
  return line.target === undefined && isAscii(line.path);
}

/** A header or totals line. Throws `protocol` if it is not JSON. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damaged(line);
  }
}

export function isHeader(value: unknown): value is ManifestHeader {
  // The id names a folder: `..` in its place would lead out of the store.
  return isObject(value) && value['format'] === 1 && isId(value['snapshot']);
}

export function isTotals(value: unknown): value is ManifestTotals {
  if (!isObject(value) || typeof value['digest'] !== 'string') return false;
  return value['status'] === 'complete' || value['status'] === 'incomplete';
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isId: Check = (value) => typeof value === 'string' && isSnapshotId(value);

const entryTypes: ReadonlySet<unknown> = new Set(['file', 'directory', 'symlink', 'other']);

const optionalFields: readonly (readonly [string, Check])[] = [
  ['size', isCount],
  ['listed', isCount],
  ['mtime', isNumber],
  ['granularity', isNumber],
  ['mode', isCount],
  ['sha256', isText],
  ['target', isText],
  ['rawTarget', isText],
  ['local', isText],
  ['rawLocal', isText],
  ['rawPath', isText],
  ['carried', isId],
  ['skipped', isSkipReason],
];

function isEntryLine(value: unknown): value is EntryLine {
  if (!isObject(value) || !isText(value['path']) || !entryTypes.has(value['type'])) return false;
  return optionalFields.every(([name, isRight]) => {
    const field = value[name];
    return field === undefined || isRight(field);
  });
}

function isSkipReason(value: unknown): boolean {
  return isObject(value) && isText(value['kind']) && isText(value['message']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function damaged(line: string): BackupError {
  const start = JSON.stringify(line.slice(0, 60));
  return new BackupError('protocol', `The manifest is damaged: a line begins with ${start}.`, {
    scope: 'run',
  });
}
