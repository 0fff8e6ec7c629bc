import type { AddedCopy, CopyProgress, CopyRecord } from '../copyRepository';
import { isSnapshotId } from '../../model/snapshotId';

/* What restic says with `--json` (its documentation, "Scripting"): one object a line, or one list. */

export const ownTag = 'sauvegarde';
const idTag = 'id=';
const endpointTag = 'endpoint=';

type Message = Readonly<Record<string, unknown>>;

export function parseMessage(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a status line; undefined: it is none. A restore counts what it has restored. */
export function progressOf(message: Message): CopyProgress | undefined {
  if (message['message_type'] !== 'status') return undefined;
  return {
    bytes: numberOf(message['bytes_done'] ?? message['bytes_restored']),
    totalBytes: numberOf(message['total_bytes']),
    files: numberOf(message['files_done'] ?? message['files_restored']),
    totalFiles: numberOf(message['total_files']),
  };
}

/** Of the last line of `backup`; undefined: it is not that. */
export function addedOf(message: Message): AddedCopy | undefined {
  const id = message['snapshot_id'];
  if (message['message_type'] !== 'summary' || typeof id !== 'string') return undefined;
  return {
    id,
    // Before 0.17, as it was before it was packed.
    addedBytes: numberOf(message['data_added_packed'] ?? message['data_added']),
    readFiles: numberOf(message['files_new']) + numberOf(message['files_changed']),
    unmodifiedFiles: numberOf(message['files_unmodified']),
  };
}

/** What went wrong, as it is told with `--json` since 0.17. */
export function errorTextOf(message: Message): string | undefined {
  const error = message['error'];
  const inside =
    typeof error === 'object' && error !== null ? (error as Message)['message'] : error;
  const text = message['message'] ?? inside;
  return typeof text === 'string' ? text : undefined;
}

/** The tags of a copy. A comma would part one in two. */
export function tagsOf(snapshot: string, endpoint: string): string[] {
  return [ownTag, `${idTag}${snapshot}`, `${endpointTag}${endpoint.replaceAll(',', '%2C')}`];
}

/** The copies in the list that `snapshots --json` prints. What is none of ours is left out. */
export function recordsIn(text: string): CopyRecord[] {
  // In front of it there may be a line of other words.
  const begin = text.search(/^\[/m);
  const list: unknown = begin < 0 ? [] : JSON.parse(text.slice(begin));
  return Array.isArray(list) ? list.flatMap(recordOf) : [];
}

function recordOf(value: unknown): CopyRecord[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, hostname, tags } = value as Message;
  if (typeof id !== 'string' || typeof hostname !== 'string' || !Array.isArray(tags)) return [];
  if (!/^[0-9a-f]{8,64}$/.test(id)) return [];
  const texts = tags.filter((tag) => typeof tag === 'string');
  const snapshot = texts.find((tag) => tag.startsWith(idTag))?.slice(idTag.length);
  const endpoint = texts.find((tag) => tag.startsWith(endpointTag))?.slice(endpointTag.length);
  if (snapshot === undefined || !isSnapshotId(snapshot)) return [];
  return [
    {
      ...{ id, server: hostname, snapshot },
      ...(endpoint !== undefined && { endpoint: endpoint.replaceAll('%2C', ',') }),
    },
  ];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
