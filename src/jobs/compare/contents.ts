import { createHash } from 'node:crypto';
import { BackupError, messageOf } from '../../base/errors';
import type { Described, Difference } from '../../model/difference';
import { absolute, printable, type RemotePath } from '../../model/remotePath';
import {
  contentDifference,
  longestText,
  type ContentDifference,
  type Side,
} from './contentDifference';

/** Reads one side of a file, whole: at most `longestText` bytes. */
export type ReadContent = (path: RemotePath, entry: Described) => Promise<Buffer>;

/** What of a difference `--content` shows; undefined for what has no content, or the same. */
export async function contentOf(
  difference: Difference,
  readBefore: ReadContent,
  readAfter: ReadContent,
): Promise<ContentDifference | { readonly reason: string } | undefined> {
  const { kind, path, from = path, before, after } = difference;
  if (kind === 'metadata' || kind === 'moved' || kind === 'unknown') return undefined;
  const sides = [before, after].filter((side) => side !== undefined);
  if (!sides.some(({ type }) => type === 'file')) return undefined;
  if (sides.some(({ size = 0 }) => size > longestText)) return { reason: 'too-long' };
  try {
    return contentDifference(
      await sideOf(from, before, readBefore),
      await sideOf(path, after, readAfter),
    );
  } catch (error) {
    if (error instanceof BackupError && error.scope === 'run') throw error;
    return { reason: messageOf(error) };
  }
}

async function sideOf(
  path: RemotePath,
  entry: Described | undefined,
  read: ReadContent,
): Promise<Side> {
  const name = printable(absolute(path));
  if (entry?.type !== 'file') return { name };
  const time =
    entry.mtime === undefined ? {} : { time: new Date(entry.mtime * 1000).toISOString() };
  return { name, ...time, content: await read(path, entry) };
}

/** Throws `changed` if the bytes are not those that the manifest knows. */
export function checkDigest(content: Buffer, entry: Described): void {
  if (createHash('sha256').update(content).digest('hex') === entry.sha256) return;
  throw new BackupError(
    'changed',
    'The file in the snapshot is damaged. See: sauvegarde verify --repair',
  );
}
