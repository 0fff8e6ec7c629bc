import { commands, l10n, Uri, window } from 'vscode';
import path from 'node:path';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { nameOf, printable, textOf } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { keptRows } from '../changes/keptRows';
import { uriOf } from '../documentUri';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { serverFor } from '../targets';
import { dateText } from '../words';
import type { PlanRow } from './plan';
import { askDestination, wantedFromSnapshot, wantedOf } from './wanted';

/** *Restore…* */
export async function restore(
  parts: Parts,
  node?: AnyNode,
  selected?: readonly AnyNode[],
): Promise<void> {
  const kept = await keptRows(parts, node, selected);
  const wanted = await wantedOf(parts, kept?.[0] ?? node, kept ?? selected);
  await parts.restoring.show(wanted, await askDestination(parts, wanted));
}

/** *Restore from a Snapshot…* */
export async function restoreFromSnapshot(parts: Parts, node?: AnyNode): Promise<void> {
  const wanted = await wantedFromSnapshot(parts, node);
  await parts.restoring.show(wanted, await askDestination(parts, wanted));
}

/** *Restore What Is Ticked…* */
export async function restoreTicked(parts: Parts): Promise<void> {
  await parts.restoring.carryOut();
}

/** *Discard the Restore Plan* */
export async function discardPlan(parts: Parts): Promise<void> {
  await parts.restoring.discard();
}

/** *Tick or Untick*: the row of the plan that is selected. */
export function tickPlanned(parts: Parts, node?: AnyNode): void {
  const meant = node ?? parts.restoring.selected;
  if (meant?.kind === 'planned') parts.restoring.toggle(meant.node);
}

/** *Show What Would Change*: what is there beside what would come. */
export async function showPlanned(parts: Parts, node?: AnyNode): Promise<void> {
  const { shown } = parts.restoring;
  const meant = node ?? parts.restoring.selected;
  if (!shown || meant?.kind !== 'planned') return;
  const { path: entryPath, row } = meant.node;
  if (row?.type !== 'file') return;
  const { server, snapshot } = shown.wanted;
  const kept = uriOf({ kind: 'snapshot', server: server.name, snapshot, path: entryPath });
  if (!row.before.startsWith('file ')) {
    await commands.executeCommand('vscode.open', kept);
    return;
  }
  const name = printable(nameOf(entryPath));
  const title = l10n.t('{0} (now ↔ snapshot of {1})', name, dateText(snapshot));
  await commands.executeCommand('vscode.diff', placeOf(shown.to, row), kept, title);
}

function placeOf(to: Destination, { place }: PlanRow): Uri {
  if ('server' in to) return uriOf({ kind: 'server', server: to.server.name, path: place });
  return Uri.file(path.join(to.folder, textOf(place)));
}

/** *Undo a Restore…*: puts back what a restore has overwritten. */
export async function undoRestore(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Undo a restore to which server?'));
  const store = parts.runs.storeOf(server.name);
  const snapshot =
    node?.kind === 'snapshot' ? node.summary.id : await pickSafety(parts, server.name);
  await parts.restoring.show({ server, snapshot, paths: [] }, { server, store });
}

async function pickSafety(parts: Parts, server: string): Promise<SnapshotId> {
  const store = parts.runs.storeOf(server);
  const ids = (await store.ids()).filter((id) => store.pins.of(id) === 'before-restore');
  if (ids.length === 0) {
    throw new BackupError(
      'not-found',
      l10n.t('No restore has overwritten anything on {0}.', server),
    );
  }
  const items = ids.map((id) => ({ label: dateText(id), id }));
  const title = l10n.t('Put back what which restore has overwritten?');
  const picked = await window.showQuickPick(items, { title });
  if (!picked) throw cancelled();
  return picked.id;
}
