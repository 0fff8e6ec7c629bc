import {
  EventEmitter,
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type CancellationToken,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { ManifestEntry } from '../model/manifest';
import { absolute, nameOf, printable, rootPath, type RemotePath } from '../model/remotePath';
import type { Keep } from '../model/retention/retention';
import type { SnapshotId } from '../model/snapshotId';
import { bytesText } from '../report/figures';
import type { SnapshotSummary } from '../store/store';
import { readReport } from '../jobs/history/runHistory';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import { uriOf } from './documentUri';
import type { SnapshotsNode } from './nodes';
import { failure, messageItem } from './serversTree';
import { SnapshotRow, StoreRow } from './snapshotRows';
import type { Snapshots } from './snapshots';
import { whyItStays, type SnapshotStandings } from './snapshotStandings';
import { dateText, filesText } from './words';

/** Servers → snapshots → folders → files: what is kept. Nothing here needs a connection. */
export class SnapshotsTree implements TreeDataProvider<SnapshotsNode>, Disposable {
  readonly #changed = new EventEmitter<SnapshotsNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #configuration: ConfigurationFile;
  readonly #snapshots: Snapshots;
  #stores = new Map<string, StoreRow>();
  /** What the editor was told of last. */
  #given: readonly StoreRow[] | undefined;
  /** What could not be opened. It is tried again when the view is refreshed. */
  readonly #failed = new Set<SnapshotsNode>();
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  readonly #standings: SnapshotStandings;

  constructor(
    configuration: ConfigurationFile,
    snapshots: Snapshots,
    standings: SnapshotStandings,
  ) {
    this.#configuration = configuration;
    this.#snapshots = snapshots;
    this.#standings = standings;
  }

  /** Looks at the disk, and draws what is no longer as it is shown. */
  refresh(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilSeen();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: SnapshotsNode): Promise<SnapshotsNode[]> {
    if (!node) return await this.#roots();
    try {
      switch (node.kind) {
        case 'store':
          return await this.#inStore(node);
        case 'snapshot':
          return await this.#inFolder(node, node, node.summary.id, rootPath);
        case 'file':
          return await this.#inFolder(this.#rowOf(node), node, node.snapshot, node.entry.path);
        case 'message':
          return [];
      }
    } catch (error) {
      this.#failed.add(node);
      return [failure(error, node.kind === 'message' ? '' : node.server)];
    }
  }

  async getTreeItem(node: SnapshotsNode): Promise<TreeItem> {
    switch (node.kind) {
      case 'store':
        return storeItem(node.server);
      case 'snapshot':
        return node instanceof SnapshotRow
          ? node.item
          : await this.#snapshotItem(node.server, node.summary);
      case 'file':
        return fileItem(node);
      case 'message':
        return messageItem(node);
    }
  }

  /** Why a snapshot stays is found out only if somebody wants to know. */
  async resolveTreeItem(
    item: TreeItem,
    node: SnapshotsNode,
    token: CancellationToken,
  ): Promise<TreeItem> {
    if (node.kind !== 'snapshot' || !(item instanceof SnapshotItem)) return item;
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const store = this.#snapshots.storeOf(node.server);
    const server = this.#configuration.server(node.server);
    const why = await whyItStays(server, store, node.summary.id, stop.signal).catch(() => []);
    const resolved = new TreeItem(item.label ?? '');
    resolved.tooltip = [...item.about, ...why].join('\n');
    return resolved;
  }

  async #lookUntilSeen(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false;
      try {
        await this.#look();
      } catch {
        // The configuration was taken away meanwhile: what is left to show is asked for.
        this.#changed.fire(undefined);
      }
    }
    this.#looking = undefined;
  }

  /** All is read before anything is drawn: in between, the editor knows no row. */
  async #look(): Promise<void> {
    const changed: SnapshotsNode[] = [...this.#failed];
    this.#failed.clear();
    const rows = await this.#readStores();
    for (const store of rows) {
      if (!store.rows) continue;
      const found = await this.#read(store);
      changed.push(...(found === 'all' ? [store] : found));
    }
    const given = this.#given;
    // A view that has not asked yet will.
    if (!given) return;
    const isOther = rows.length !== given.length || rows.some((row, at) => row !== given[at]);
    if (isOther) this.#changed.fire(undefined);
    else for (const node of changed) this.#changed.fire(node);
  }

  async #roots(): Promise<SnapshotsNode[]> {
    const rows = this.#stores.size > 0 ? [...this.#stores.values()] : await this.#readStores();
    this.#given = rows;
    return rows;
  }

  /** Only servers that have a snapshot: else the view says what to do. */
  async #readStores(): Promise<StoreRow[]> {
    const names: string[] = [];
    for (const { name } of this.#configuration.servers) {
      const ids = await this.#snapshots.storeOf(name).ids();
      if (ids.length > 0) names.push(name);
    }
    // In one go, as two may have read at once: each server has one row.
    const before = this.#stores;
    this.#stores = new Map(names.map((name) => [name, before.get(name) ?? new StoreRow(name)]));
    return [...this.#stores.values()];
  }

  async #inStore(node: SnapshotsNode & { kind: 'store' }): Promise<SnapshotsNode[]> {
    const store = node instanceof StoreRow ? node : new StoreRow(node.server);
    if (!store.rows) await this.#read(store);
    return [...(store.rows ?? [])];
  }

  async #read(store: StoreRow): Promise<'all' | SnapshotRow[]> {
    const { server } = store;
    try {
      const found = [];
      for (const summary of await this.#snapshots.storeOf(server).snapshots()) {
        found.push({ summary, item: await this.#snapshotItem(server, summary) });
      }
      return store.take(found);
    } catch (error) {
      store.fail(failure(error, server));
      return 'all';
    }
  }

  #rowOf({ server, snapshot }: SnapshotsNode & { kind: 'file' }): SnapshotsNode | undefined {
    const rows = this.#stores.get(server)?.rows ?? [];
    return rows.find((row) => row.kind === 'snapshot' && row.summary.id === snapshot);
  }

  async #inFolder(
    row: SnapshotsNode | undefined,
    node: SnapshotsNode & { kind: 'snapshot' | 'file' },
    snapshot: SnapshotId,
    folder: RemotePath,
  ): Promise<SnapshotsNode[]> {
    const known = row instanceof SnapshotRow ? row.folders : undefined;
    const rows = known?.get(node);
    if (rows) return rows;
    const { server } = node;
    const entries = await (await this.#snapshots.folders(server, snapshot)).list(folder);
    const rank = ({ type }: ManifestEntry): number => (type === 'directory' ? 0 : 1);
    const found = [...entries]
      .sort((a, b) => rank(a) - rank(b))
      .map((entry) => ({ kind: 'file', server, snapshot, entry }) as const);
    known?.set(node, found);
    return found;
  }

  async #snapshotItem(server: string, summary: SnapshotSummary): Promise<TreeItem> {
    const { id, status, totals, pinned, safety } = summary;
    const item = new SnapshotItem(dateText(id), TreeItemCollapsibleState.Collapsed);
    const store = this.#snapshots.storeOf(server);
    const report = await readReport(store, id);
    const standing = await this.#standings.of(server, store, summary);
    const parts = [
      ...standing.warnings,
      ...(report?.changes ? [changeText(report.changes)] : []),
      ...(totals ? [filesText(totals.files), bytesText(totals.bytes)] : []),
      ...statusText(summary),
      ...standing.proven,
      ...(safety ? [l10n.t('what a restore overwrote')] : pinned ? [l10n.t('pinned')] : []),
    ];
    item.id = `snapshot:${server}:${id}`;
    item.contextValue = `snapshot.${status}${standing.role}${safety ? '.safety' : ''}${pinned ? '.pinned' : ''}`;
    item.description = parts.join(', ');
    item.iconPath = standing.icon;
    item.about = [id, ...parts, ...standing.details];
    item.rule = this.#configuration.servers.find(({ name }) => name === server)?.unattended?.keep;
    item.accessibilityInformation = { label: `${dateText(id)}, ${parts.join(', ')}` };
    return item;
  }
}

/** Its tooltip is made when it is asked for: what it begins with, and the rule that it goes by. */
class SnapshotItem extends TreeItem {
  about: readonly string[] = [];
  rule: Keep | undefined;
}

function changeText(changes: { added: number; changed: number; removed: number }): string {
  const { added, changed, removed } = changes;
  return added + changed + removed === 0
    ? l10n.t('no change')
    : `+${added} ~${changed} −${removed}`;
}

function statusText({ status, totals, damaged }: SnapshotSummary): string[] {
  if (status === 'damaged' || damaged > 0) return [];
  if (status === 'complete') return [l10n.t('complete')];
  return [l10n.t('incomplete: {0} skipped', totals?.skipped ?? 0)];
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
