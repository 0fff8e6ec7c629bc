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
import { endpointOf, type Server } from '../model/configuration/server';
import type { Entry } from '../model/entry';
import { Inclusion, type InclusionState } from '../model/inclusion';
import {
  absolute,
  isText,
  nameOf,
  printable,
  rootPath,
  textOf,
  type RemotePath,
} from '../model/remotePath';
import { bytesText } from '../report/figures';
import type { ConfigurationFile } from './configurationFile';
import { uriOf } from './documentUri';
import { headlineOf, helpAgainst, wordsOf } from './errorWords';
import { command } from './commandIds';
import type { Message, ServersNode } from './nodes';
import type { Listing, RemoteServers } from './remoteServers';
import type { Runs } from './runs';
import { serverItem } from './serverItem';

/** Servers → remote folders and files, with a check box for what is in the backup. */
export class ServersTree implements TreeDataProvider<ServersNode>, Disposable {
  readonly #changed = new EventEmitter<ServersNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #configuration: ConfigurationFile;
  readonly #remote: RemoteServers;
  readonly #runs: Runs;
  readonly #listings = new Map<string, Promise<Listing>>();
  /** Kept, so that a change concerns the node that is shown. */
  readonly #servers = new Map<string, ServersNode & { kind: 'server' }>();

  constructor(configuration: ConfigurationFile, remote: RemoteServers, runs: Runs) {
    this.#configuration = configuration;
    this.#remote = remote;
    this.#runs = runs;
  }

  /** Shows anew what is known, without asking a server again. */
  redraw(): void {
    this.#changed.fire(undefined);
  }

  /** Asks the servers again: for one folder, or for all that is open. */
  refresh(node?: ServersNode): void {
    const place = node && placeOf(node);
    for (const known of this.#listings.keys()) {
      if (place === undefined || known.startsWith(place)) this.#listings.delete(known);
    }
    this.#changed.fire(node);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async getChildren(node?: ServersNode): Promise<ServersNode[]> {
    if (!node) return this.#roots();
    if (node.kind === 'message') return [];
    // A workspace that is not trusted must not make the editor connect to anywhere.
    if (!workspace.isTrusted) return [restricted()];
    const folder = node.kind === 'server' ? rootPath : node.entry.path;
    try {
      const { entries, cut } = await this.#list(node, folder);
      const nodes = sorted(entries).map(
        (entry) => ({ kind: 'entry', server: node.server, entry }) as const,
      );
      if (entries.length === 0) return [emptyFolder()];
      return cut ? [...nodes, cutFolder(entries.length)] : nodes;
    } catch (error) {
      return [failure(error, node.server.name)];
    }
  }

  getTreeItem(node: ServersNode): TreeItem {
    switch (node.kind) {
      case 'server':
        return serverItem(node.server, this.#runs);
      case 'entry':
        return entryItem(node.server, node.entry);
      case 'message':
        return messageItem(node);
    }
  }

  /** What was listed once is kept until it is refreshed: a check box must not cost a round trip. */
  #list(node: ServersNode & { server: Server }, folder: RemotePath): Promise<Listing> {
    const place = placeOf(node);
    const known = this.#listings.get(place);
    if (known) return known;
    const listing = this.#remote.list(node.server, folder);
    this.#listings.set(place, listing);
    // A folder that could not be listed is asked for again the next time.
    listing.catch(() => this.#listings.delete(place));
    return listing;
  }

  #roots(): ServersNode[] {
    const { servers } = this.#configuration;
    const names = new Set(servers.map(({ name }) => name));
    for (const name of this.#servers.keys()) if (!names.has(name)) this.#servers.delete(name);
    for (const server of servers) this.#servers.set(server.name, { kind: 'server', server });
    return [...this.#servers.values()];
  }
}

/** All that can change what a folder holds: the endpoint, and the path. */
function placeOf(node: ServersNode): string {
  if (node.kind === 'message') return '';
  const path = node.kind === 'entry' ? node.entry.path : '';
  return `${node.server.name}\0${endpointOf(node.server)}\0${path}`;
}

function entryItem(server: Server, entry: Entry): TreeItem {
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
    item.command = {
      command: command.openFile,
      title: l10n.t('Open'),
      arguments: [{ kind: 'entry', server, entry } satisfies ServersNode],
    };
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
function sorted(entries: readonly Entry[]): Entry[] {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const keyed = entries.map((entry) => ({ entry, name: textOf(nameOf(entry.path)) }));
  keyed.sort((a, b) => {
    const folders = Number(b.entry.type === 'directory') - Number(a.entry.type === 'directory');
    return folders || collator.compare(a.name, b.name);
  });
  return keyed.map(({ entry }) => entry);
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
