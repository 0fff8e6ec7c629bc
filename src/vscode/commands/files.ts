import { commands, env, l10n, ThemeIcon, Uri, window, workspace } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { fileHistory, type FileVersion } from '../../jobs/history/fileHistory';
import { absolute, nameOf, printable, textOf } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { bytesText } from '../../report/figures';
import { command } from '../commandIds';
import { uriOf } from '../documentUri';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { pickWithButton } from '../pickWithButton';
import { entryFor, fileFor, type FileNode } from '../targets';
import { dateText } from '../words';

/** *Open*: a file of a server or of a snapshot, to be read only. */
export async function openFile(parts: Parts, node?: AnyNode): Promise<void> {
  const meant = node ?? parts.serversView.selection[0] ?? parts.snapshotsView.selection[0];
  if (meant?.kind === 'entry') {
    const { server, entry } = meant;
    if (entry.type !== 'file') throw noFile();
    const uri = uriOf({ kind: 'server', server: server.name, path: entry.path });
    await commands.executeCommand('vscode.open', uri);
    return;
  }
  const file = await fileFor(parts, meant);
  if (file.entry.sha256 === undefined) throw noFile();
  await commands.executeCommand('vscode.open', uriIn(file, file.snapshot));
}

/** The row that is selected: the arguments of a click are forgotten when the row is drawn anew. */
export async function openServerRow(parts: Parts): Promise<void> {
  await openFile(parts, parts.serversView.selection[0]);
}

/** The same in the Snapshots view. */
export async function openSnapshotRow(parts: Parts): Promise<void> {
  await openFile(parts, parts.snapshotsView.selection[0]);
}

/** *Copy Path*: as it is on the server. */
export async function copyPath(parts: Parts, node?: AnyNode): Promise<void> {
  if (node?.kind === 'change') {
    await env.clipboard.writeText(absolute(node.path));
    return;
  }
  const { entry } = node?.kind === 'file' ? node : entryFor(parts, node);
  await env.clipboard.writeText(absolute(entry.path));
}

/** *Compare with Previous Version*: with the newest older snapshot that has other content. */
export async function compareWithPreviousVersion(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await fileFor(parts, node);
  const versions = await historyOf(parts, file);
  const current = versions.findIndex(({ snapshots }) => snapshots.includes(file.snapshot));
  const [previous] = versions[current + 1]?.snapshots ?? [];
  if (current < 0 || previous === undefined) {
    const path = absolute(file.entry.path);
    void window.showInformationMessage(
      l10n.t('No older snapshot has another version of {0}.', path),
    );
    return;
  }
  await showDifference(file, previous, file.snapshot);
}

/** *Compare with Server*: left the snapshot, right what the server has now. */
export async function compareWithServer(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await fileFor(parts, node);
  const { server, entry, snapshot } = file;
  parts.configuration.server(server);
  const live = uriOf({ kind: 'server', server, path: entry.path });
  const title = `${shortName(file)} (${dateText(snapshot)} ↔ ${l10n.t('server')})`;
  await commands.executeCommand('vscode.diff', uriIn(file, snapshot), live, title);
}

/** *Compare with Workspace File*: those of the same name are offered first. */
export async function compareWithWorkspaceFile(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await fileFor(parts, node);
  const local = await chooseWorkspaceFile(parts, file);
  const shown = workspace.asRelativePath(local);
  const title = `${shortName(file)} (${dateText(file.snapshot)} ↔ ${shown})`;
  await commands.executeCommand('vscode.diff', uriIn(file, file.snapshot), local, title);
}

async function chooseWorkspaceFile(parts: Parts, file: FileNode): Promise<Uri> {
  const escaped = textOf(nameOf(file.entry.path)).replaceAll(/[[\]{}*?!]/g, '?');
  const found = await workspace.findFiles(`**/${escaped}`, backupsOf(parts), 50);
  const browse = l10n.t('Another file…');
  const items = [
    ...found.map((uri) => ({ label: workspace.asRelativePath(uri), uri })),
    { label: browse, uri: undefined },
  ];
  const title = l10n.t('Compare with which file?');
  const picked = found.length === 0 ? items.at(-1) : await window.showQuickPick(items, { title });
  if (!picked) throw cancelled();
  if (picked.uri) return picked.uri;
  const [chosen] = (await window.showOpenDialog({ title })) ?? [];
  if (!chosen) throw cancelled();
  return chosen;
}

/** Where no file of the workspace is looked for: the backups of each folder, as it names their place. */
function backupsOf({ configuration }: Parts): string {
  const places = configuration.files.flatMap(({ state }) =>
    state.kind === 'ready'
      ? [`${workspace.asRelativePath(state.configuration.destination, false)}/**`]
      : [],
  );
  const [only] = places;
  return only !== undefined && places.length === 1 ? only : `{${places.join(',')}}`;
}

/** *History*: the versions of a file over all snapshots; picking one compares it with the one before. */
export async function showHistory(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await fileFor(parts, node);
  const versions = await historyOf(parts, file);
  const items = versions.map((version, index) => ({
    label: dateText(oldestOf(version)),
    description: descriptionOf(version, index === versions.length - 1),
    version,
    index,
  }));
  const path = absolute(file.entry.path);
  const title =
    versions.length === 1
      ? l10n.t('{0}: 1 version', path)
      : l10n.t('{0}: {1} versions', path, versions.length);
  const placeholder = l10n.t('Pick a version to see what changed in it');
  const button = { iconPath: new ThemeIcon('discard'), tooltip: l10n.t('Restore…') };
  const picked = await pickWithButton(items, { title, placeholder, button });
  if (!picked) throw cancelled();
  const { version, index } = picked.item;
  const [before] = versions[index + 1]?.snapshots ?? [];
  const [snapshot] = version.snapshots;
  if (snapshot === undefined) return;
  if (picked.byButton) {
    const node: FileNode = { kind: 'file', server: file.server, snapshot, entry: version.entry };
    await commands.executeCommand(command.restore, node);
  } else if (before === undefined)
    await commands.executeCommand('vscode.open', uriIn(file, snapshot));
  else await showDifference(file, before, snapshot);
}

function descriptionOf({ entry, snapshots }: FileVersion, isFirst: boolean): string {
  const parts = [
    bytesText(entry.size ?? 0),
    snapshots.length === 1 ? l10n.t('in 1 snapshot') : l10n.t('in {0} snapshots', snapshots.length),
    ...(isFirst ? [l10n.t('first seen')] : []),
  ];
  return parts.join(', ');
}

/** The snapshot in which a version was seen first. */
function oldestOf({ snapshots }: FileVersion): SnapshotId {
  return snapshots.at(-1) ?? '';
}

/** *Reveal in Explorer*: the file or snapshot as it stands in the workspace folder. */
export async function revealInExplorer(parts: Parts, node?: AnyNode): Promise<void> {
  if (node?.kind === 'snapshot') {
    const { layout } = parts.runs.storeOf(node.server);
    await reveal(layout.snapshot(node.summary.id));
    return;
  }
  const { server, snapshot, entry } = await fileFor(parts, node);
  await reveal(parts.runs.storeOf(server).place(snapshot, entry).toString());
}

/** In the editor's Explorer, or in that of the system where it lies outside of the workspace. */
export async function reveal(place: string): Promise<void> {
  const uri = Uri.file(place);
  const isInside = workspace.getWorkspaceFolder(uri) !== undefined;
  await commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

async function historyOf(parts: Parts, { server, entry }: FileNode): Promise<FileVersion[]> {
  if (entry.type !== 'file') throw noFile();
  return await fileHistory(parts.runs.storeOf(server), entry.path, (id) =>
    parts.snapshots.folders(server, id),
  );
}

async function showDifference(
  file: FileNode,
  before: SnapshotId,
  after: SnapshotId,
): Promise<void> {
  const title = `${shortName(file)} (${dateText(before)} ↔ ${dateText(after)})`;
  await commands.executeCommand('vscode.diff', uriIn(file, before), uriIn(file, after), title);
}

function uriIn({ server, entry }: FileNode, snapshot: SnapshotId): Uri {
  return uriOf({ kind: 'snapshot', server, snapshot, path: entry.path });
}

function shortName({ entry }: FileNode): string {
  return printable(nameOf(entry.path));
}

function noFile(): BackupError {
  return new BackupError('configuration', l10n.t('Only a file with content can be opened.'));
}
