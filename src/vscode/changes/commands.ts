import { commands, l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { readReport } from '../../jobs/history/runHistory';
import { absolute } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { snapshotFor, type SnapshotNode } from '../targets';
import { dateText } from '../words';
import { liveServer, type ChangeNode } from './changes';
import { diffTitle, sidesOf } from './changeSides';
import { detailText } from './changeWords';

/** *Compare with Previous* */
export async function compareSnapshotWithPrevious(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('Compare which snapshot?'));
  const ids = await parts.runs.storeOf(server).backupIds();
  const previous = ids.find((id) => id < summary.id);
  if (previous === undefined) {
    void window.showInformationMessage(l10n.t('There is no older snapshot to compare with.'));
    return;
  }
  await parts.comparing.compare({ server, before: previous, after: summary.id });
}

/** *Compare Snapshot with Another…*: with the one that is picked, or the two that are selected. */
export async function compareSnapshotWithAnother(
  parts: Parts,
  node?: AnyNode,
  selected?: readonly AnyNode[],
): Promise<void> {
  const rows = (node ? (selected ?? [node]) : parts.snapshotsView.selection).filter(
    (row): row is SnapshotNode => row.kind === 'snapshot',
  );
  const { server, ids } = rows.length > 1 ? twoOf(rows) : await pickTwo(parts, node);
  const [before = '', after = ''] = [...ids].sort();
  await parts.comparing.compare({ server, before, after });
}

interface Two {
  readonly server: string;
  readonly ids: readonly SnapshotId[];
}

function twoOf(rows: readonly SnapshotNode[]): Two {
  const [first, second] = rows;
  if (!first || !second || rows.length > 2 || first.server !== second.server) {
    throw new BackupError('configuration', l10n.t('Select two snapshots of the same server.'));
  }
  return { server: first.server, ids: [first.summary.id, second.summary.id] };
}

async function pickTwo(parts: Parts, node: AnyNode | undefined): Promise<Two> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('Compare which snapshot?'));
  const ids = await parts.runs.storeOf(server).ids();
  const items = ids
    .filter((id) => id !== summary.id)
    .map((id) => ({ label: dateText(id), description: id, id }));
  if (items.length === 0) {
    const text = l10n.t('{0} has only this snapshot. Back up once more first.', server);
    throw new BackupError('not-found', text);
  }
  const title = l10n.t('Compare {0} with which snapshot?', dateText(summary.id));
  const picked = await window.showQuickPick(items, { title });
  if (!picked) throw cancelled();
  return { server, ids: [summary.id, picked.id] };
}

/** *Compare with Server*: what differs on the live server, without fetching a file. */
export async function compareSnapshotWithServer(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('Compare which snapshot?'));
  await parts.comparing.compare({ server, before: summary.id, after: liveServer });
}

/** What a run changed: its snapshot, and the one that it was compared with then, if that is still there. */
export async function compareRun(parts: Parts, server: string, id: SnapshotId): Promise<void> {
  // Says so if it is there no more.
  await parts.snapshots.folders(server, id);
  const store = parts.runs.storeOf(server);
  const before = (await readReport(store, id))?.changes?.comparedWith;
  if (before !== undefined && (await store.ids()).includes(before)) {
    await parts.comparing.compare({ server, before, after: id });
    return;
  }
  const summary = await store.summary(id);
  await compareSnapshotWithPrevious(parts, { kind: 'snapshot', server, summary });
}

/** *Show What Changed*: both sides beside each other, or the only one that there is. */
export async function showChange(parts: Parts, node?: AnyNode): Promise<void> {
  const meant = node ?? parts.comparing.selection[0];
  if (meant?.kind !== 'change') {
    const text = l10n.t('Select a row of the Changes view first.');
    throw new BackupError('configuration', text);
  }
  const { before, after } = sidesOf(meant);
  if (before && after) {
    await commands.executeCommand('vscode.diff', before, after, diffTitle(meant));
    return;
  }
  const only = after ?? before;
  if (only) await commands.executeCommand('vscode.open', only, {}, diffTitle(meant));
  else void window.showInformationMessage(textOf(meant));
}

/** What has no content is told. */
function textOf({ path, row }: ChangeNode): string {
  return [absolute(path), row && detailText(row)].filter(Boolean).join(': ');
}

/** *Close the Changes* */
export async function closeChanges(parts: Parts): Promise<void> {
  await parts.comparing.close();
}
