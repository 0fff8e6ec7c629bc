import {
  EventEmitter,
  l10n,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
  workspace,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { Server } from '../model/configuration/server';
import type { Entry } from '../model/entry';
import { Inclusion, type InclusionState } from '../model/inclusion';
import { absolute, isText, nameOf, printable, textOf } from '../model/remotePath';
import { bytesText } from '../report/figures';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import { uriOf } from './documentUri';
import { headlineOf, helpAgainst, wordsOf } from './errorWords';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import { faultMessages, folderItem, folderRows, type FolderRow } from './folderRow';
import type { Message, ServersNode } from './nodes';
import type { RemoteServers } from './remoteServers';
import { faceOf } from './rowFace';
import type { Runs } from './runs';
import { serverItem } from './serverItem';
import type { ServerOrder } from './serverOrder';
import { EntryRow, ServerRow } from './serverRows';

/** Servers → remote folders and files, with a check box for what is in the backup. */
export class ServersTree implements TreeDataProvider<ServersNode>, Disposable {
  readonly #changed = new EventEmitter<ServersNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #configuration: WorkspaceConfiguration;
  readonly #remote: RemoteServers;
  readonly #runs: Runs;
  readonly #order: ServerOrder;
  #rows = new Map<string, ServerRow>();
  #folders: ReadonlyMap<ConfigurationFile, Folder> = new Map();
  /** What the editor was given last. Whoever asks meanwhile must not hide that there are others. */
  #given: readonly Root[] = [];

  constructor(
    configuration: WorkspaceConfiguration,
    remote: RemoteServers,
    runs: Runs,
    order: ServerOrder,
  ) {
    this.#configuration = configuration;
    this.#remote = remote;
    this.#runs = runs;
    this.#order = order;
  }

  /** Draws the rows of which something is no longer as it is shown, without asking a server again. */
  redraw(): void {
    const roots = this.#roots();
    if (isOther(this.#given, roots)) this.#changed.fire(undefined);
    else for (const row of roots) this.#redrawRoot(row);
  }

  #redrawRoot(row: Root): void {
    const isNew = this.#faceOf(row) !== row.face;
    const hasOthers = row.kind === 'folder' && row.given && isOther(row.given, row.rows);
    if (isNew || hasOthers === true) this.#changed.fire(row);
    else if (row.kind === 'folder') for (const server of row.rows) this.#redrawRoot(server);
  }

  /** Draws a server with all that is open in it, as the boxes may show what a person has ticked in vain. */
  redrawServer(name: string): void {
    const row = this.#rows.get(name);
    if (row) this.#changed.fire(row);
  }

  /** Asks the servers again: for one folder, or for all that is open. */
  refresh(node?: ServersNode): void {
    if (node instanceof EntryRow || node instanceof ServerRow) {
      node.forget();
      this.#changed.fire(node);
      return;
    }
    const roots = this.#roots();
    for (const row of this.#rows.values()) row.forget();
    if (isOther(this.#given, roots)) this.#changed.fire(undefined);
    else for (const row of roots) this.#changed.fire(row);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: ServersNode): Promise<ServersNode[]> {
    if (!node) {
      this.#given = this.#roots();
      return [...this.#given];
    }
    if (node.kind === 'folder') return this.#inFolder(node.file);
    if (!(node instanceof EntryRow || node instanceof ServerRow)) return [];
    // A workspace that is not trusted must not make the editor connect to anywhere.
    if (!workspace.isTrusted) return [restricted()];
    try {
      const { entries, cut } = await node.listed((server, folder) =>
        this.#remote.list(server, folder),
      );
      if (entries.length === 0) return [emptyFolder()];
      const rows = sorted(entries);
      return cut ? [...rows, cutFolder(entries.length)] : rows;
    } catch (error) {
      return [failure(error, node.server.name)];
    }
  }

  getTreeItem(node: ServersNode): TreeItem {
    switch (node.kind) {
      case 'folder':
        return this.#folderItem(node.file);
      case 'server':
        if (node instanceof ServerRow) node.face = this.#faceOf(node);
        return this.#itemOf(node.server);
      case 'entry':
        return entryItem(node);
      case 'message':
        return messageItem(node);
    }
  }

  /** Also what the boxes of the entries below it go by, and what is said in a folder of its configuration. */
  #faceOf(row: Root): string {
    if (row.kind === 'folder') {
      const item = folderItem(this.#configuration, row.file);
      return JSON.stringify([faceOf(item), faultMessages(row.file)]);
    }
    return JSON.stringify([faceOf(this.#itemOf(row.server)), row.server]);
  }

  /** In the row of a folder, the name need not tell the folder once more. */
  #itemOf(server: Server): TreeItem {
    return serverItem(server, this.#runs, this.#configuration.ownNameOf(server.name));
  }

  #folderItem(file: ConfigurationFile): TreeItem {
    const row = this.#folders.get(file);
    if (row) row.face = this.#faceOf(row);
    return folderItem(this.#configuration, file);
  }

  #inFolder(file: ConfigurationFile): ServersNode[] {
    const row = this.#folders.get(file);
    if (row) row.given = row.rows;
    return [...(row?.rows ?? []), ...faultMessages(file)];
  }

  /** The folders, or the servers where there is only one. Without any configuration, the view says what to do. */
  #roots(): readonly Root[] {
    const { files, hasSeveral, state } = this.#configuration;
    const before = this.#rows;
    this.#rows = new Map();
    if (!hasSeveral) return this.#serversIn(this.#configuration.servers, before);
    this.#folders = folderRows(files, this.#folders);
    const rows = [...this.#folders.values()];
    for (const row of rows) {
      row.rows = this.#serversIn(this.#configuration.serversOf(row.file), before);
    }
    return state === 'missing' ? [] : rows;
  }

  #serversIn(servers: readonly Server[], before: ReadonlyMap<string, ServerRow>): ServerRow[] {
    return this.#order.sorted(servers).map((server) => {
      const row = before.get(server.name) ?? new ServerRow(server);
      row.server = server;
      this.#rows.set(server.name, row);
      return row;
    });
  }
}

type Folder = FolderRow<ServerRow>;
type Root = Folder | ServerRow;

function isOther(given: readonly Root[], now: readonly Root[]): boolean {
  return now.length !== given.length || now.some((row, at) => row !== given[at]);
}

function entryItem(node: ServersNode & { kind: 'entry' }): TreeItem {
  const { server, entry } = node;
  const isFolder = entry.type === 'directory';
  const label = printable(nameOf(entry.path));
  const item = new TreeItem(
    label,
    isFolder ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
  );
  const state = new Inclusion(server).stateOf(entry.path, entry.type);
  item.id = `entry:${server.name}:${entry.path}`;
  item.resourceUri = uriOf({ kind: 'server', server: server.name, path: entry.path });
  item.iconPath = iconOf(entry);
  item.description = describe(entry, state);
  item.tooltip = `${absolute(entry.path)}\n${inclusionWords(state)}`;
  const role = `${isFolder ? 'folder' : entry.type}.${state === 'included' ? 'in' : state === 'partly' ? 'part' : 'out'}`;
  // A name that is not UTF-8 cannot be written into the configuration.
  item.contextValue = isText(entry.path) ? `entry.${role}` : `entry.unnamable.${role}`;
  if (isText(entry.path)) item.checkboxState = checkBox(label, state);
  item.accessibilityInformation = { label: `${label}, ${inclusionWords(state)}` };
  if (entry.type === 'file') {
    item.command = { command: command.openServerRow, title: l10n.t('Open') };
  }
  return item;
}

function checkBox(label: string, state: InclusionState): NonNullable<TreeItem['checkboxState']> {
  const action = state === 'included' ? l10n.t('Exclude from Backup') : l10n.t('Include in Backup');
  return {
    state: state === 'included' ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: action,
    accessibilityInformation: { label: `${action}: ${label}` },
  };
}

function iconOf({ type }: Entry): ThemeIcon {
  if (type === 'directory') return ThemeIcon.Folder;
  if (type === 'symlink') return new ThemeIcon('file-symlink-file');
  return type === 'file' ? ThemeIcon.File : new ThemeIcon('circle-slash');
}

function describe(entry: Entry, state: InclusionState): string {
  const parts: string[] = [];
  if (entry.type === 'file' && entry.size !== undefined) parts.push(bytesText(entry.size));
  if (entry.target !== undefined) parts.push(`→ ${printable(entry.target)}`);
  if (state === 'partly') parts.push(l10n.t('partly included'));
  return parts.join(', ');
}

export function inclusionWords(state: InclusionState): string {
  if (state === 'included') return l10n.t('in the backup');
  return state === 'partly' ? l10n.t('partly in the backup') : l10n.t('not in the backup');
}

/** Folders first, then by name as people sort. */
function sorted(rows: readonly EntryRow[]): ServersNode[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const keyed = rows.map((row) => ({ row, name: textOf(nameOf(row.entry.path)) }));
  keyed.sort((a, b) => {
    const folders =
      Number(b.row.entry.type === 'directory') - Number(a.row.entry.type === 'directory');
    return folders || collator.compare(a.name, b.name);
  });
  return keyed.map(({ row }) => row);
}

function restricted(): Message {
  const text = l10n.t('Restricted Mode: not connected');
  return { kind: 'message', text, detail: l10n.t('Trust the workspace first.'), icon: 'shield' };
}

function emptyFolder(): Message {
  return { kind: 'message', text: l10n.t('empty'), detail: '', icon: 'dash' };
}

function cutFolder(shown: number): Message {
  const text = l10n.t('More than {0} entries: the rest is not shown', shown);
  const detail = l10n.t('They are backed up all the same if the folder is included.');
  return { kind: 'message', text, detail, icon: 'ellipsis' };
}

export function failure(error: unknown, server: string): Message {
  const help = helpAgainst(error);
  const text = headlineOf(error);
  return {
    kind: 'message',
    text,
    detail: wordsOf(error),
    icon: 'error',
    ...(help && { help: { ...help, server } }),
  };
}

export function messageItem(message: Message): TreeItem {
  const item = new TreeItem(message.text);
  const { help } = message;
  item.iconPath = new ThemeIcon(message.icon);
  item.description = help ? help.title : message.detail;
  item.tooltip = message.detail;
  item.contextValue = 'message';
  item.accessibilityInformation = { label: `${message.text} ${message.detail}`.trim() };
  if (help) item.command = { command: help.command, title: help.title, arguments: [message] };
  return item;
}
