import { l10n } from 'vscode';
import { BackupError } from '../../base/errors';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import type { FileNode } from '../targets';
import type { ChangeNode } from './changes';
import { keptPlaces } from './changeSides';

/**
 * The files of snapshots that rows of the Changes view can be restored from; undefined if no such row is
 * meant. Throws `not-found` if nothing of them is in a snapshot.
 */
export async function keptRows(
  parts: Parts,
  node: AnyNode | undefined,
  selected: readonly AnyNode[] | undefined,
): Promise<FileNode[] | undefined> {
  const rows = (selected ?? (node ? [node] : [])).filter((row) => row.kind === 'change');
  if (rows.length === 0) return undefined;
  const kept: FileNode[] = [];
  for (const row of rows) {
    const file = await keptRow(parts, row);
    if (file) kept.push(file);
  }
  if (kept.length > 0) return kept;
  const text = l10n.t('Nothing of this is in a snapshot: it cannot be restored.');
  throw new BackupError('not-found', text);
}

async function keptRow({ snapshots }: Parts, node: ChangeNode): Promise<FileNode | undefined> {
  const { server } = node.comparison;
  for (const { snapshot, path } of keptPlaces(node)) {
    const entry = await (await snapshots.folders(server, snapshot)).find(path);
    if (entry) return { kind: 'file', server, snapshot, entry };
  }
  return undefined;
}
