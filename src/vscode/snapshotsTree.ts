import {
  EventEmitter,
  TreeItem,
  type CancellationToken,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import { systemClock } from '../base/clock';
import type { ManifestEntry } from '../model/manifest';
import { parentOf, rootPath, type RemotePath } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import type { ConfigurationFile } from './configurationFile';
import { folderItem, folderRows, type FolderRow } from './folderRow';
import { keptItem } from './keptItem';
import { serverOf, type KeptNode } from './nodes';
import { faceOf } from './rowFace';
import { failure, messageItem } from './serversTree';
import { SnapshotItem } from './snapshotItem';
import type { SnapshotReading } from './snapshotReading';
import { StoreRow, type MonthRow, type SnapshotRow, type SnapshotsRow } from './snapshotRows';
import type { Snapshots } from './snapshots';
import { whyItStays } from './snapshotStandings';
import { monthItem, storeItem } from './storeItems';

/** Servers → (months →) snapshots → folders → files: what is kept. Nothing here needs a connection. */
export class SnapshotsTree implements TreeDataProvider<SnapshotsRow>, Disposable {
  readonly #changed = new EventEmitter<SnapshotsRow | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #configuration: WorkspaceConfiguration;
  readonly #snapshots: Snapshots;
  readonly #reading: SnapshotReading;
  #stores = new Map<string, StoreRow>();
  /** Where there are several: those with a snapshot. */
  #folders: ReadonlyMap<ConfigurationFile, FolderRow<StoreRow>> = new Map();
  /** What the editor was told of last. */
  #given: readonly SnapshotsRow[] | undefined;
  /** What could not be opened. It is tried again when the view is refreshed. */
  readonly #failed = new Set<SnapshotsRow>();
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(
    configuration: WorkspaceConfiguration,
    snapshots: Snapshots,
    reading: SnapshotReading,
  ) {
    this.#configuration = configuration;
    this.#snapshots = snapshots;
    this.#reading = reading;
  }

  /** Looks at the disk, and draws what is no longer as it is shown. */
  refresh(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilSeen();
  }

  /** Time has passed: draws what says so. Nothing is read. */
  redraw(): void {
    const now = systemClock.now();
    if (!this.#given) return;
    for (const store of this.#stores.values()) {
      for (const row of store.snapshots) if (row.age(now)) this.#changed.fire(row);
      for (const row of otherMonths(store, now)) this.#changed.fire(row);
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: SnapshotsRow): Promise<SnapshotsRow[]> {
    if (!node) return await this.#firstRows();
    try {
      switch (node.kind) {
        case 'folder':
          node.given = node.rows;
          return [...node.rows];
        case 'store':
        case 'month':
          return await this.#inGroup(node);
        case 'snapshot':
          return await this.#inFolder(node, node, node.summary.id, rootPath);
        case 'file':
          return await this.#inFolder(this.#rowOf(node), node, node.snapshot, node.entry.path);
        case 'message':
          return [];
      }
    } catch (error) {
      this.#failed.add(node);
      return [failure(error, serverOf(node) ?? '')];
    }
  }

  getTreeItem(node: SnapshotsRow): TreeItem {
    switch (node.kind) {
      case 'folder':
        return folderItem(this.#configuration, node.file);
      case 'store':
        return storeItem(node.server, this.#labelOf(node), this.#stores.size);
      case 'month':
        return drawnMonth(node);
      case 'snapshot':
        return node.item;
      case 'file':
        return keptItem(node);
      case 'message':
        return messageItem(node);
    }
  }

  /** Only a snapshot, and what it stands in, is ever sought. */
  getParent(node: SnapshotsRow): SnapshotsRow | undefined {
    if (node.kind === 'store') return this.#folderOf(node);
    if (node.kind === 'month') return this.#stores.get(node.server);
    if (node.kind === 'snapshot') return this.#stores.get(node.server)?.groupOf(node.summary.id);
    if (node.kind === 'file') return this.#aboveFile(node);
    return undefined;
  }

  /** The row of a snapshot, if it is shown. What it stands in is read if it was not opened yet. */
  async find(server: string, id: SnapshotId): Promise<SnapshotRow | undefined> {
    if (this.#stores.size === 0) await this.#readStores();
    const store = this.#stores.get(server);
    const group = store?.groupOf(id);
    if (!store || !group) return undefined;
    if (!group.rows) await this.#reading.readGroup(store, group);
    return store.snapshot(id);
  }

  /** The same, after other snapshots have come to be shown. */
  async findAnew(server: string, id: SnapshotId): Promise<SnapshotRow | undefined> {
    this.refresh();
    await this.#looking;
    return await this.find(server, id);
  }

  /** Why a snapshot stays is found out only if somebody wants to know. */
  async resolveTreeItem(
    item: TreeItem,
    node: SnapshotsRow,
    token: CancellationToken,
  ): Promise<TreeItem> {
    if (node.kind !== 'snapshot' || !(item instanceof SnapshotItem)) return item;
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const { server, store } = this.#configuration.inFolder(node.server);
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
    const changed: SnapshotsRow[] = [...this.#failed];
    this.#failed.clear();
    const rows = await this.#readStores();
    const now = systemClock.now();
    for (const store of rows) {
      if (!store.given) continue;
      for (const group of store.openGroups) {
        changed.push(...(await this.#reading.readGroup(store, group)));
      }
      if (!store.children) await this.#reading.readGroup(store, store);
      if (isOther(store.given, store.children)) changed.push(store);
      else changed.push(...otherMonths(store, now));
    }
    const given = this.#given;
    // A view that has not asked yet will.
    if (!given) return;
    if (isOther(given, this.#roots)) this.#changed.fire(undefined);
    else for (const node of [...this.#otherFolders(), ...changed]) this.#changed.fire(node);
  }

  async #firstRows(): Promise<SnapshotsRow[]> {
    if (this.#stores.size === 0) await this.#readStores();
    this.#given = this.#roots;
    return [...this.#roots];
  }

  /** The folders that have a store, or the stores where there is only one folder. */
  get #roots(): readonly SnapshotsRow[] {
    if (!this.#configuration.hasSeveral) return [...this.#stores.values()];
    return [...this.#folders.values()].filter(({ rows }) => rows.length > 0);
  }

  #otherFolders(): SnapshotsRow[] {
    const folders = [...this.#folders.values()];
    return folders.filter(({ given, rows }) => given && isOther(given, rows));
  }

  #folderOf(store: StoreRow): FolderRow<StoreRow> | undefined {
    return [...this.#folders.values()].find(({ rows }) => rows.includes(store));
  }

  /** In the row of a folder, the name need not tell the folder once more. */
  #labelOf({ server }: StoreRow): string {
    return this.#configuration.hasSeveral ? this.#configuration.ownNameOf(server) : server;
  }

  async #readStores(): Promise<StoreRow[]> {
    // In one go, as two may have read at once: each server has one row.
    const found = await this.#reading.arrangements();
    const before = this.#stores;
    const rows = found.map((arrangement) => {
      const { server } = arrangement;
      const row = before.get(server) ?? new StoreRow(server);
      row.arrange(arrangement);
      return [server, row] as const;
    });
    this.#stores = new Map(rows);
    this.#takeFolders();
    return [...this.#stores.values()];
  }

  #takeFolders(): void {
    const { files, hasSeveral } = this.#configuration;
    this.#folders = folderRows(hasSeveral ? files : [], this.#folders);
    for (const folder of this.#folders.values()) {
      const servers = this.#configuration.serversOf(folder.file);
      folder.rows = servers.flatMap(({ name }) => this.#stores.get(name) ?? []);
    }
  }

  async #inGroup(node: StoreRow | MonthRow): Promise<SnapshotsRow[]> {
    const store = node.kind === 'store' ? node : this.#stores.get(node.server);
    if (!store) return [];
    const children = (): readonly SnapshotsRow[] | undefined =>
      node.kind === 'store' ? node.children : node.rows;
    if (!children()) await this.#reading.readGroup(store, node);
    node.given = children() ?? [];
    return [...node.given];
  }

  #rowOf({ server, snapshot }: KeptNode): SnapshotRow | undefined {
    return this.#stores.get(server)?.snapshot(snapshot);
  }

  #aboveFile(node: KeptNode): SnapshotsRow | undefined {
    const row = this.#rowOf(node);
    const above = parentOf(node.entry.path);
    if (!row || above === rootPath) return row;
    const rows = [...row.folders.values()].flat();
    return rows.find(({ entry }) => entry.path === above);
  }

  async #inFolder(
    row: SnapshotRow | undefined,
    node: SnapshotRow | KeptNode,
    snapshot: SnapshotId,
    folder: RemotePath,
  ): Promise<KeptNode[]> {
    const known = row?.folders;
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
}

function isOther(
  given: readonly SnapshotsRow[],
  now: readonly SnapshotsRow[] | undefined,
): boolean {
  return (
    now === undefined || now.length !== given.length || now.some((row, at) => row !== given[at])
  );
}

/** The months of which the row, or what was opened of it, is no longer as it was drawn. */
function otherMonths(store: StoreRow, now: number): MonthRow[] {
  return (store.months ?? []).filter((month) => {
    const isOtherInside = month.given && isOther(month.given, month.rows);
    return isOtherInside === true || faceOf(monthItem(month, now)) !== month.face;
  });
}

function drawnMonth(row: MonthRow): TreeItem {
  const item = monthItem(row, systemClock.now());
  row.face = faceOf(item);
  return item;
}
