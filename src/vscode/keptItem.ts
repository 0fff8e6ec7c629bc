import { l10n, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { ManifestEntry } from '../model/manifest';
import { absolute, nameOf, printable } from '../model/remotePath';
import { bytesText } from '../report/figures';
import { command } from './commandIds';
import { uriOf } from './documentUri';
import type { KeptNode } from './nodes';
import { dateText } from './words';

/** The row of a file or folder of a snapshot. */
export function keptItem(node: KeptNode): TreeItem {
  const { server, snapshot, entry } = node;
  const isFolder = entry.type === 'directory';
  const label = printable(nameOf(entry.path));
  const item = new TreeItem(
    label,
    isFolder ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  const about = describe(entry);
  item.id = `file:${server}:${snapshot}:${entry.path}`;
  item.resourceUri = uriOf({ kind: 'snapshot', server, snapshot, path: entry.path });
  item.description = about;
  item.iconPath = entryIcon(entry);
  item.tooltip = [absolute(entry.path), about, entry.sha256].filter(Boolean).join('\n');
  const isKept = entry.type === 'file' && entry.sha256 !== undefined;
  item.contextValue = isFolder ? 'kept.folder' : isKept ? 'kept.file' : 'kept.none';
  item.accessibilityInformation = { label: `${label}, ${about}` };
  if (isKept) {
    item.command = { command: command.openSnapshotRow, title: l10n.t('Open') };
  }
  return item;
}

function entryIcon({ type, skipped }: ManifestEntry): ThemeIcon {
  if (skipped) return new ThemeIcon('warning');
  if (type === 'directory') return ThemeIcon.Folder;
  if (type === 'symlink') return new ThemeIcon('file-symlink-file');
  return type === 'file' ? ThemeIcon.File : new ThemeIcon('circle-slash');
}

function describe(entry: ManifestEntry): string {
  const parts: string[] = [];
  if (entry.type === 'file' && entry.size !== undefined) parts.push(bytesText(entry.size));
  if (entry.target !== undefined) parts.push(`→ ${printable(entry.target)}`);
  if (entry.carried !== undefined) parts.push(l10n.t('kept from {0}', dateText(entry.carried)));
  if (entry.skipped) parts.push(l10n.t('skipped: {0}', entry.skipped.message));
  return parts.join(', ');
}
