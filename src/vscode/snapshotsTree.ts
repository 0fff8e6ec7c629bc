import {
  EventEmitter,
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { ManifestEntry } from '../model/manifest';
import { absolute, nameOf, printable, rootPath } from '../model/remotePath';
import { bytesText } from '../report/figures';
import type { SnapshotSummary } from '../store/store';
import { readReport } from '../jobs/history/runHistory';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import { uriOf } from './documentUri';
import type { SnapshotsNode } from './nodes';
import { failure, messageItem } from './serversTree';
import type { Snapshots } from './snapshots';
import { dateText, filesText } from './words';

/** Servers → snapshots → folders → files: what is kept. Nothing here needs a connection. */
export class SnapshotsTree implements TreeDataProvider<SnapshotsNode>, Disposable {
  readonly #changed = new EventEmitter<SnapshotsNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #configuration: ConfigurationFile;
  readonly #snapshots: Snapshots;

  constructor(configuration: ConfigurationFile, snapshots: Snapshots) {
    this.#configuration = configuration;
    this.#snapshots = snapshots;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: SnapshotsNode): Promise<SnapshotsNode[]> {
    if (!node) return await this.#stores();
    try {
      switch (node.kind) {
        case 'store':
          return await this.#inStore(node.server);
        case 'snapshot':
          return await this.#inFolder(node.server, node.summary.id, rootPath);
        case 'file':
          return await this.#inFolder(node.server, node.snapshot, node.entry.path);
        case 'message':
          return [];
      }
    } catch (error) {
      return [failure(error, node.kind === 'message' ? '' : node.server)];
    }
  }

  async getTreeItem(node: SnapshotsNode): Promise<TreeItem> {
    switch (node.kind) {
      case 'store':
        return storeItem(node.server);
      case 'snapshot':
        return await this.#snapshotItem(node.server, node.summary);
      case 'file':
        return fileItem(node);
      case 'message':
        return messageItem(node);
    }
  }

  /** Only servers that have a snapshot: else the view says what to do. */
  async #stores(): Promise<SnapshotsNode[]> {
    const stores: SnapshotsNode[] = [];
    for (const { name } of this.#configuration.servers) {
      const ids = await this.#snapshots.storeOf(name).ids();
      if (ids.length > 0) stores.push({ kind: 'store', server: name });
    }
    return stores;
  }

  async #inStore(server: string): Promise<SnapshotsNode[]> {
    const summaries = await this.#snapshots.storeOf(server).snapshots();
    return summaries.map((summary) => ({ kind: 'snapshot', server, summary }));
  }

  async #inFolder(
    server: string,
    snapshot: string,
    folder: typeof rootPath,
  ): Promise<SnapshotsNode[]> {
    const entries = await (await this.#snapshots.folders(server, snapshot)).list(folder);
    const rank = ({ type }: ManifestEntry): number => (type === 'directory' ? 0 : 1);
    return [...entries]
      .sort((a, b) => rank(a) - rank(b))
      .map((entry) => ({ kind: 'file', server, snapshot, entry }));
  }

  async #snapshotItem(server: string, summary: SnapshotSummary): Promise<TreeItem> {
    const { id, status, totals, pinned, safety } = summary;
    const item = new TreeItem(dateText(id), TreeItemCollapsibleState.Collapsed);
    const report = await readReport(this.#snapshots.storeOf(server), id);
    const parts = [
      ...(report?.changes ? [changeText(report.changes)] : []),
      ...(totals ? [filesText(totals.files), bytesText(totals.bytes)] : []),
      statusText(summary),
      ...(safety ? [l10n.t('what a restore overwrote')] : pinned ? [l10n.t('pinned')] : []),
    ];
    item.id = `snapshot:${server}:${id}`;
    item.contextValue = `snapshot.${status}${safety ? '.safety' : ''}${pinned ? '.pinned' : ''}`;
    item.description = parts.join(', ');
    item.iconPath = new ThemeIcon(iconOf(summary));
    item.tooltip = `${id}\n${parts.join('\n')}`;
    item.accessibilityInformation = { label: `${dateText(id)}, ${parts.join(', ')}` };
    return item;
  }
}

function changeText(changes: { added: number; changed: number; removed: number }): string {
  const { added, changed, removed } = changes;
  return added + changed + removed === 0
    ? l10n.t('no change')
    : `+${added} ~${changed} −${removed}`;
}

function statusText({ status, totals, damaged }: SnapshotSummary): string {
  if (status === 'damaged' || damaged > 0) return l10n.t('damaged');
  if (status === 'complete') return l10n.t('complete');
  return l10n.t('incomplete: {0} skipped', totals?.skipped ?? 0);
}

function iconOf({ status, pinned, damaged }: SnapshotSummary): string {
  if (status === 'damaged' || damaged > 0) return 'error';
  if (status === 'incomplete') return 'warning';
  return pinned ? 'pinned' : 'archive';
}

function storeItem(server: string): TreeItem {
  const item = new TreeItem(server, TreeItemCollapsibleState.Expanded);
  item.id = `store:${server}`;
  item.iconPath = new ThemeIcon('server');
  item.contextValue = 'store';
  return item;
}

function fileItem(node: SnapshotsNode & { kind: 'file' }): TreeItem {
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
    item.command = { command: command.openFile, title: l10n.t('Open'), arguments: [node] };
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
