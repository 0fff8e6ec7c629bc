import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { command } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import type { FolderNode, Message } from './nodes';
import type { WorkspaceConfiguration } from './workspaceConfiguration';

/** So many faults are shown in the row of a folder; the Problems view has them all. */
const mostFaults = 5;

/** The row of a workspace folder, where there are several: one object as long as the folder is there. */
export class FolderRow<Row> implements FolderNode {
  readonly kind = 'folder';
  readonly file: ConfigurationFile;
  /** Whether there is nothing in it. The editor opens no row that could not be opened before: it needs another. */
  readonly isEmpty: boolean;
  /** What it showed when it was drawn last. */
  face = '';
  /** What stands in it. */
  rows: readonly Row[] = [];
  /** What the editor was given last of it; undefined: it has not asked yet. */
  given: readonly Row[] | undefined;

  constructor(file: ConfigurationFile) {
    this.file = file;
    this.isEmpty = isEmpty(file);
  }
}

/** The rows of all folders: those that are known already, and new ones. */
export function folderRows<Row>(
  files: readonly ConfigurationFile[],
  known: ReadonlyMap<ConfigurationFile, FolderRow<Row>>,
): ReadonlyMap<ConfigurationFile, FolderRow<Row>> {
  return new Map(
    files.map((file) => {
      const row = known.get(file);
      const isSame = row?.isEmpty === isEmpty(file);
      return [file, isSame ? row : new FolderRow<Row>(file)] as const;
    }),
  );
}

/** How a folder is shown. A configuration with faults says so, as nothing of the folder is backed up. */
export function folderItem(
  configuration: WorkspaceConfiguration,
  file: ConfigurationFile,
): TreeItem {
  const { kind } = file.state;
  const label = configuration.labelOf(file);
  const standing = standingOf(file);
  const { Expanded, None } = TreeItemCollapsibleState;
  const item = new TreeItem(label, isEmpty(file) ? None : Expanded);
  item.id = `${isEmpty(file) ? 'empty' : 'folder'}:${file.folderUri.toString()}`;
  item.description = standing;
  item.tooltip = [file.folder, standing].filter(Boolean).join('\n');
  item.iconPath =
    kind === 'faulty'
      ? new ThemeIcon('warning', new ThemeColor('list.warningForeground'))
      : new ThemeIcon('root-folder');
  item.contextValue = `folder.${kind}`;
  item.accessibilityInformation = { label: [label, standing].filter(Boolean).join(', ') };
  return item;
}

function isEmpty({ state, servers }: ConfigurationFile): boolean {
  return state.kind !== 'faulty' && servers.length === 0;
}

function standingOf(file: ConfigurationFile): string {
  if (file.state.kind === 'faulty') return l10n.t('the configuration has faults');
  return isEmpty(file) ? l10n.t('no server yet') : '';
}

/** What stands in a folder whose configuration cannot be read: what is wrong, and what helps. */
export function faultMessages(file: ConfigurationFile): Message[] {
  if (file.state.kind !== 'faulty') return [];
  const help = { title: l10n.t('Open Configuration'), command: command.openConfiguration, file };
  return file.state.faults.slice(0, mostFaults).map(({ message }) => ({
    kind: 'message',
    text: message,
    detail: message,
    icon: 'error',
    help,
  }));
}
