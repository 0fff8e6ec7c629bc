import type { Entry } from '../../model/entry';
import { decodeEntry, encodeEntry, type ManifestEntry } from '../../model/manifest';
import { bytesOf, fromBytes, type RemotePath } from '../../model/remotePath';

export type Action = 'create' | 'overwrite' | 'same' | 'delete' | 'impossible';

/** What is to be done with one entry. */
export interface PlannedAction {
  readonly action: Action;
  /** The entry of the snapshot; of what is deleted, the entry on the target. */
  readonly entry: ManifestEntry;
  /** Where it stands, or is to stand, on the target. */
  readonly place: RemotePath;
  /** What stands there now. */
  readonly before?: Entry;
  readonly reason?: string;
  /**
   * `attributes`: only rights and times are set, nothing travels. `clear`: it is in the way of another
   * entry and goes before that one comes. `leftover`: a temporary file of an interrupted restore.
   */
  readonly how?: 'attributes' | 'clear' | 'leftover';
}

/** One line of the plan file, without its line feed: internal to a restore, never read by other programs. */
export function encodeAction({ action, entry, place, before, reason, how }: PlannedAction): string {
  return [
    action,
    how ?? '',
    JSON.stringify(reason ?? ''),
    place === entry.path ? '' : base64(place),
    encodeEntry(entry),
    before ? encodeEntry(describedAs(before)) : '',
    base64(before?.readFrom ?? ''),
  ].join('\t');
}

export function decodeAction(line: string): PlannedAction {
  const [action, how, reason = '""', place = '', entry = '', before = '', readFrom = ''] =
    line.split('\t');
  const decoded = decodeEntry(entry);
  const why = JSON.parse(reason) as string;
  return {
    action: action as Action,
    entry: decoded,
    place: place === '' ? decoded.path : fromBase64(place),
    ...(before !== '' && { before: entryOf(decodeEntry(before), fromBase64(readFrom)) }),
    ...(why !== '' && { reason: why }),
    ...(how !== '' && { how: how as NonNullable<PlannedAction['how']> }),
  };
}

/** What a target lists, as an entry of a manifest. */
export function describedAs(entry: Entry): ManifestEntry {
  const { path, type, size, mtime, granularity, mode, target } = entry;
  return {
    path,
    type,
    ...(type === 'file' && size !== undefined && { size }),
    ...(mtime !== undefined && { mtime }),
    granularity,
    ...(mode !== undefined && { mode }),
    ...(target !== undefined && { target }),
  };
}

function entryOf(described: ManifestEntry, readFrom: RemotePath): Entry {
  const { path, type, size, mtime, granularity = 1, mode, target } = described;
  const known = type === 'file' ? size : 0;
  return {
    path,
    type,
    ...(known !== undefined && { size: known }),
    ...(mtime !== undefined && { mtime }),
    granularity,
    ...(mode !== undefined && { mode }),
    ...(target !== undefined && { target }),
    ...(readFrom !== '' && { readFrom }),
  };
}

function base64(path: string): string {
  return bytesOf(path).toString('base64');
}

function fromBase64(text: string): RemotePath {
  return fromBytes(Buffer.from(text, 'base64'));
}
