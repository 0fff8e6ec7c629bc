import { l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { discardSnapshot, emptyTrash } from '../../store/removal';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { snapshotFor } from '../targets';
import { dateText } from '../words';

/** *Delete*: asks first. */
export async function deleteSnapshot(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('Delete which snapshot?'));
  const { id, pinned } = summary;
  const question = l10n.t('Delete the snapshot of {0} from {1}?', server, dateText(id));
  const detail = [
    ...(pinned ? [l10n.t('It is pinned.')] : []),
    l10n.t('This cannot be undone. The other snapshots stay whole.'),
  ].join(' ');
  const answer = l10n.t('Delete');
  const picked = await window.showWarningMessage(question, { modal: true, detail }, answer);
  if (picked !== answer) throw cancelled();
  const store = parts.runs.storeOf(server);
  await discardSnapshot(store, id, systemClock);
  parts.snapshotsTree.refresh();
  await emptyTrash(store);
}

/** *Pin* and *Unpin*: a pinned snapshot is never removed by a retention rule. */
export async function setPinned(parts: Parts, pinned: boolean, node?: AnyNode): Promise<void> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('Which snapshot?'));
  const { pins } = parts.runs.storeOf(server);
  if (pinned) await pins.set(summary.id, 'by-hand');
  else pins.remove(summary.id);
  parts.snapshotsTree.refresh();
}
