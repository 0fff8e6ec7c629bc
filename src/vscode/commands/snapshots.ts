import { commands, l10n, ProgressLocation, window, type QuickPickItem, type Uri } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { openSource } from '../../jobs/connect/openSource';
import { compareSnapshots } from '../../jobs/compare/compareSnapshots';
import { compareWithServer } from '../../jobs/compare/compareWithServer';
import type { Difference } from '../../model/difference';
import { absolute, rootPath, type RemotePath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import { discardSnapshot, emptyTrash } from '../../store/removal';
import { uriOf } from '../documentUri';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { snapshotFor, type SnapshotNode } from '../targets';
import { dateText } from '../words';

/** So many differences are listed to pick from. */
const mostListed = 5000;

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

/** *Compare with Previous*: the changes as a list; picking one shows it. */
export async function compareSnapshotWithPrevious(parts: Parts, node?: AnyNode): Promise<void> {
  const shown = await snapshotFor(parts, node, l10n.t('Compare which snapshot?'));
  const { server, summary } = shown;
  const store = parts.runs.storeOf(server);
  const previous = (await store.backupIds()).find((id) => id < summary.id);
  if (previous === undefined) {
    void window.showInformationMessage(l10n.t('There is no older snapshot to compare with.'));
    return;
  }
  const { signal } = new AbortController();
  const differences = compareSnapshots(store, previous, summary.id, rootPath, signal);
  const found = await collect(differences);
  await pickDifference(found, shown, ({ path, from = path }) => ({
    before: uriOf({ kind: 'snapshot', server, snapshot: previous, path: from }),
    after: uriOf({ kind: 'snapshot', server, snapshot: summary.id, path }),
    title: titleOf(path, dateText(previous), dateText(summary.id)),
  }));
}

/** *Compare with Server*: what differs on the live server, without fetching a file. */
export async function compareSnapshotWithServer(parts: Parts, node?: AnyNode): Promise<void> {
  const shown = await snapshotFor(parts, node, l10n.t('Compare which snapshot?'));
  const { server: name, summary } = shown;
  const server = parts.configuration.server(name);
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Comparing {0} with the server', dateText(summary.id)),
    cancellable: true,
  };
  const found = await window.withProgress(options, (_progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    return parts.logins.during(true, async (environment) => {
      await using source = await openSource(server, environment, stop.signal);
      const entries = parts.runs.storeOf(name).entries(summary.id);
      const selection = Selection.of(server);
      return await collect(compareWithServer(source, selection, entries, stop.signal));
    });
  });
  await pickDifference(found, shown, ({ path }) => ({
    before: uriOf({ kind: 'snapshot', server: name, snapshot: summary.id, path }),
    after: uriOf({ kind: 'server', server: name, path }),
    title: titleOf(path, dateText(summary.id), l10n.t('server')),
  }));
}

interface Found {
  readonly listed: readonly Difference[];
  readonly count: number;
}

async function collect(differences: AsyncIterable<Difference>): Promise<Found> {
  const listed: Difference[] = [];
  let count = 0;
  for await (const difference of differences) {
    count += 1;
    if (listed.length < mostListed) listed.push(difference);
  }
  return { listed, count };
}

const icons = {
  added: 'diff-added',
  changed: 'diff-modified',
  removed: 'diff-removed',
  moved: 'diff-renamed',
  metadata: 'info',
  unknown: 'question',
} as const;

interface Sides {
  readonly before: Uri;
  readonly after: Uri;
  readonly title: string;
}

/** Shows the differences until the person has seen enough. */
async function pickDifference(
  { listed, count }: Found,
  { summary }: SnapshotNode,
  sidesOf: (difference: Difference) => Sides,
): Promise<void> {
  if (count === 0) {
    void window.showInformationMessage(l10n.t('{0}: no difference.', dateText(summary.id)));
    return;
  }
  const words = {
    added: l10n.t('added'),
    changed: l10n.t('changed'),
    removed: l10n.t('removed'),
    moved: l10n.t('moved'),
    metadata: l10n.t('time or mode'),
    unknown: l10n.t('unknown'),
  };
  const items: (QuickPickItem & { readonly difference: Difference })[] = listed.map(
    (difference) => ({
      label: `$(${icons[difference.kind]}) ${absolute(difference.path)}`,
      description: descriptionOf(difference, words[difference.kind]),
      difference,
    }),
  );
  const title = count === 1 ? l10n.t('1 difference') : l10n.t('{0} differences', count);
  const placeHolder = l10n.t('Pick one to see it');
  const picked = await window.showQuickPick(items, {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  if (!picked) throw cancelled();
  const { before, after, title: heading } = sidesOf(picked.difference);
  switch (picked.difference.kind) {
    case 'added':
      await commands.executeCommand('vscode.open', after);
      break;
    case 'removed':
      await commands.executeCommand('vscode.open', before);
      break;
    case 'changed':
    case 'moved':
    case 'metadata':
      await commands.executeCommand('vscode.diff', before, after, heading);
      break;
    case 'unknown':
      break;
  }
}

function descriptionOf({ from, message }: Difference, word: string): string {
  if (from !== undefined) return `${word}: ${absolute(from)}`;
  return message === undefined ? word : `${word}: ${message}`;
}

function titleOf(path: RemotePath, before: string, after: string): string {
  return `${absolute(path)} (${before} ↔ ${after})`;
}
