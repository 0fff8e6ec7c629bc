import { l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import { absolute } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { bytesText } from '../../report/figures';
import { shownBy } from '../documentUri';
import type { AnyNode, SnapshotsNode } from '../nodes';
import type { Parts } from '../parts';
import { entryFor, snapshotFor } from '../targets';
import { dateText } from '../words';
import type { Wanted } from './shownPlan';

/** The rows that are meant, else what the active editor shows, else what the person picks. */
export async function wantedOf(
  parts: Parts,
  node: AnyNode | undefined,
  selected: readonly AnyNode[] | undefined,
): Promise<Wanted> {
  const shown = window.activeTextEditor && shownBy(window.activeTextEditor.document.uri);
  if (!node && shown?.kind === 'snapshot') {
    const { server, snapshot, path } = shown;
    return { server: parts.configuration.server(server), snapshot, paths: [path] };
  }
  const rows = rowsOf(parts, node, selected);
  const files = rows.filter((row) => row.kind === 'file');
  const [first] = files;
  if (!first || files.length < rows.length) {
    if (rows.length > 1) throw notTogether();
    const { server, summary } = await snapshotFor(parts, node, l10n.t('Restore which snapshot?'));
    return { server: parts.configuration.server(server), snapshot: summary.id, paths: [] };
  }
  const { server, snapshot } = first;
  if (files.some((file) => file.server !== server || file.snapshot !== snapshot)) {
    throw notTogether();
  }
  const paths = files.map(({ entry }) => entry.path);
  return { server: parts.configuration.server(server), snapshot, paths };
}

function rowsOf(
  parts: Parts,
  node: AnyNode | undefined,
  selected: readonly AnyNode[] | undefined,
): readonly (SnapshotsNode & { kind: 'file' | 'snapshot' })[] {
  const rows = node ? (selected ?? [node]) : parts.snapshotsView.selection;
  return rows.filter((row) => row.kind === 'file' || row.kind === 'snapshot');
}

function notTogether(): BackupError {
  return new BackupError(
    'configuration',
    l10n.t('Select one snapshot, or files and folders of one snapshot.'),
  );
}

/** A row of the Servers view: the snapshots that hold it are offered. */
export async function wantedFromSnapshot(parts: Parts, node: AnyNode | undefined): Promise<Wanted> {
  if (node?.kind === 'server' || node?.kind === 'store') {
    return await wantedOf(parts, { kind: 'store', server: nameOf(node) }, undefined);
  }
  const { server, entry } = entryFor(parts, node);
  const items = await snapshotsWith(parts, server.name, entry.path);
  if (items.length === 0) {
    const text = l10n.t('No snapshot of {0} holds {1}.', server.name, absolute(entry.path));
    throw new BackupError('not-found', text);
  }
  const title = l10n.t('Restore {0} from which snapshot?', absolute(entry.path));
  const picked = await window.showQuickPick(items, { title });
  if (!picked) throw cancelled();
  return { server, snapshot: picked.id, paths: [entry.path] };
}

/** The snapshots that hold an entry, newest first, as choices. */
async function snapshotsWith(
  parts: Parts,
  server: string,
  path: RemotePath,
): Promise<{ label: string; description: string; id: SnapshotId }[]> {
  const items: { label: string; description: string; id: SnapshotId }[] = [];
  for (const id of await parts.runs.storeOf(server).backupIds()) {
    const found = await (await parts.snapshots.folders(server, id)).find(path);
    if (!found || (found.type === 'file' && found.sha256 === undefined)) continue;
    const description = found.type === 'file' ? bytesText(found.size ?? 0) : '';
    items.push({ label: dateText(id), description, id });
  }
  return items;
}

function nameOf(node: AnyNode & { kind: 'server' | 'store' }): string {
  return node.kind === 'server' ? node.server.name : node.server;
}

/** Where to: the server it came from, another one, or a folder of this computer. */
export async function askDestination(parts: Parts, { server }: Wanted): Promise<Destination> {
  const all = parts.configuration.require();
  const others = all.filter(({ name }) => name !== server.name);
  const items = [server, ...others].filter(canBeWrittenTo).map((goal) => ({
    label: `$(server) ${goal.name}`,
    description:
      goal === server ? l10n.t('where it came from, {0}', endpointOf(goal)) : endpointOf(goal),
    goal,
  }));
  const folder = {
    label: `$(folder) ${l10n.t('A folder of this computer…')}`,
    description: '',
    goal: undefined,
  };
  const title = l10n.t('Restore to where?');
  const placeHolder = l10n.t('Nothing is written before you have seen the plan');
  const picked = await window.showQuickPick([...items, folder], { title, placeHolder });
  if (!picked) throw cancelled();
  if (picked.goal) return { server: picked.goal, store: parts.runs.storeOf(picked.goal.name) };
  const [chosen] =
    (await window.showOpenDialog({
      title,
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: l10n.t('Restore Here'),
    })) ?? [];
  if (!chosen) throw cancelled();
  return { folder: chosen.fsPath };
}

/** An rsync daemon is only read from. */
function canBeWrittenTo({ protocol, via }: Server): boolean {
  return protocol !== 'rsync' || via === 'ssh';
}
