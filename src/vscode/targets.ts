import { l10n, window } from 'vscode';
import { cancelled } from '../base/abort';
import { BackupError } from '../base/errors';
import type { Server } from '../model/configuration/server';
import type { ConfigurationFile } from './configurationFile';
import { shownBy } from './documentUri';
import { folderOf, serverOf, type AnyNode, type ServersNode, type SnapshotsNode } from './nodes';
import type { Parts } from './parts';
import { quoted, statusText } from './snapshotItem';
import { dateText } from './words';

/*
 * What a command is about: the row it was called on, else what is selected or open, else what the
 * person picks. So every command works from the palette too.
 */

export type EntryNode = ServersNode & { kind: 'entry' };
export type FileNode = SnapshotsNode & { kind: 'file' };
export type SnapshotNode = SnapshotsNode & { kind: 'snapshot' };

/** What may be chosen in the place of a server. */
export interface Alternative {
  readonly label: string;
  choose(): Thenable<unknown>;
}

export async function serverFor(
  parts: Parts,
  node: AnyNode | undefined,
  question: string,
  alternative?: Alternative,
): Promise<Server> {
  const name = node && serverOf(node);
  if (name !== undefined) return parts.configuration.server(name);
  const servers = parts.configuration.require(node && folderOf(node));
  const [only] = servers;
  if (only && servers.length === 1) return only;
  if (servers.length === 0) {
    throw new BackupError('configuration', l10n.t('There is no server yet. Add one first.'));
  }
  const items = servers.map((server) => ({
    label: server.name,
    description: `${server.protocol} ${server.host}`,
    server,
  }));
  const others = alternative ? [{ label: alternative.label, server: undefined }] : [];
  const picked = await window.showQuickPick([...items, ...others], { title: question });
  if (picked?.server) return picked.server;
  if (picked) await alternative?.choose();
  throw cancelled();
}

/** A workspace folder: that of the row, the only one there is, or the one that is picked. */
export async function folderFor(
  parts: Parts,
  node: AnyNode | undefined,
  question: string,
): Promise<ConfigurationFile> {
  const { configuration } = parts;
  const meant = node && (folderOf(node) ?? folderOfServer(parts, node));
  if (meant) return meant;
  const { files } = configuration;
  const [only] = files;
  // Without a folder, it says so.
  if (!only) configuration.require();
  if (only && files.length === 1) return only;
  const items = files.map((file) => ({
    label: configuration.labelOf(file),
    description: file.folder,
    file,
  }));
  const picked = await window.showQuickPick(items, { title: question, matchOnDescription: true });
  if (!picked) throw cancelled();
  return picked.file;
}

function folderOfServer({ configuration }: Parts, node: AnyNode): ConfigurationFile | undefined {
  const name = serverOf(node);
  return name === undefined ? undefined : configuration.placeOf(name).file;
}

/** The servers of all selected rows, if the command was called on one of them. */
export async function serversFor(
  parts: Parts,
  node: AnyNode | undefined,
  selected: readonly AnyNode[] | undefined,
  question: string,
  alternative?: Alternative,
): Promise<readonly Server[]> {
  const names = new Set((node ? (selected ?? [node]) : []).flatMap((row) => serverOf(row) ?? []));
  if (names.size < 2) return [await serverFor(parts, node, question, alternative)];
  return [...names].map((name) => parts.configuration.server(name));
}

export async function snapshotFor(
  parts: Parts,
  node: AnyNode | undefined,
  question: string,
): Promise<SnapshotNode> {
  if (node?.kind === 'snapshot') return node;
  const [selected] = node ? [] : parts.snapshotsView.selection;
  if (selected?.kind === 'snapshot') return selected;
  const { name } = await serverFor(parts, node, question);
  const summaries = await parts.runs.storeOf(name).snapshots();
  const items = summaries.map((summary) => ({
    label: dateText(summary.id),
    description: [
      ...statusText(summary),
      ...(summary.note === undefined ? [] : [quoted(summary.note)]),
    ].join(' · '),
    summary,
  }));
  if (items.length === 0) {
    throw new BackupError('not-found', l10n.t('{0} has no snapshot yet.', name));
  }
  const options = { title: question, matchOnDescription: true };
  const picked = await window.showQuickPick(items, options);
  if (!picked) throw cancelled();
  return { kind: 'snapshot', server: name, summary: picked.summary };
}

/** A row of the Servers view. Throws `configuration` if none is meant. */
export function entryFor(parts: Parts, node: AnyNode | undefined): EntryNode {
  const [selected] = node ? [] : parts.serversView.selection;
  const found = node ?? selected;
  if (found?.kind === 'entry') return found;
  throw new BackupError(
    'configuration',
    l10n.t('Select a folder or file in the Servers view first.'),
  );
}

/** A file of a snapshot: a row of the Snapshots view, or what the active editor shows of one. */
export async function fileFor(parts: Parts, node: AnyNode | undefined): Promise<FileNode> {
  if (node?.kind === 'file') return node;
  const uri = window.activeTextEditor?.document.uri;
  const shown = uri && shownBy(uri);
  if (!node && shown?.kind === 'snapshot') {
    const entry = await parts.snapshots.entry(shown.server, shown.snapshot, shown.path);
    return { kind: 'file', server: shown.server, snapshot: shown.snapshot, entry };
  }
  const [selected] = node ? [] : parts.snapshotsView.selection;
  if (selected?.kind === 'file') return selected;
  throw new BackupError('configuration', l10n.t('Select a file in the Snapshots view first.'));
}
