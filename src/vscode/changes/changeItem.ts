import { l10n, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { absolute, nameOf, printable } from '../../model/remotePath';
import { grouped } from '../../report/figures';
import { command } from '../commandIds';
import { liveServer, totalOf, type ChangeNode, type Changes } from './changes';
import { rangeText, type ChangeElement, type ChangeRange } from './changeRows';
import { changeUri } from './changeUri';
import { countsText, countsWords, detailText, kindWords } from './changeWords';

/** With so few differences nothing need be folded. */
const fewEnough = 50;

/** The row of something that differs. */
export function changeItem(changes: Changes, element: ChangeElement): TreeItem {
  switch (element.kind) {
    case 'change':
      return nodeItem(changes, element);
    case 'changeRange':
      return rangeItem(element);
    case 'unshownChanges':
      return unshownItem(element.count);
  }
}

function nodeItem(changes: Changes, node: ChangeNode): TreeItem {
  const { row, isFolder } = node;
  const label = printable(nameOf(node.path));
  const item = new TreeItem(label, stateOf(changes, node));
  const below = node.children ? countsText(node.counts) : '';
  const detail = row ? detailText(row) : '';
  item.resourceUri = changeUri(node);
  item.description = below || detail;
  item.iconPath = iconOf(node);
  const words = [
    ...(row ? [kindWords(row.kind), detail] : []),
    ...(node.children ? [countsWords(node.counts)] : []),
  ].filter(Boolean);
  item.tooltip = [absolute(node.path), ...words].join('\n');
  item.accessibilityInformation = { label: [label, ...words].join(', ') };
  item.contextValue = `change.${isFolder ? 'folder' : 'entry'}${isRestorable(node) ? '.kept' : ''}`;
  if (row && !isFolder) {
    // It is about the row that is selected by then: arguments are forgotten when rows are drawn anew.
    item.command = { command: command.showChange, title: l10n.t('Show What Changed') };
  }
  return item;
}

/** What is in neither snapshot cannot be restored. */
function isRestorable({ row, comparison }: ChangeNode): boolean {
  if (!row) return true;
  return row.before !== undefined || comparison.after !== liveServer;
}

function stateOf({ root }: Changes, { children }: ChangeNode): TreeItemCollapsibleState {
  if (!children) return TreeItemCollapsibleState.None;
  const isLittle = totalOf(root.counts) <= fewEnough || root.children?.length === 1;
  return isLittle && children.length <= fewEnough
    ? TreeItemCollapsibleState.Expanded
    : TreeItemCollapsibleState.Collapsed;
}

function iconOf({ row, isFolder, children }: ChangeNode): ThemeIcon {
  if (row?.kind === 'unknown' && !children) return new ThemeIcon('question');
  // Many icon themes have none for folders, as these can be opened.
  if (isFolder) return children ? ThemeIcon.Folder : new ThemeIcon('symbol-folder');
  const type = (row?.after ?? row?.before)?.type;
  if (type === 'symlink') return new ThemeIcon('file-symlink-file');
  return type === 'file' ? ThemeIcon.File : new ThemeIcon('circle-slash');
}

function rangeItem(range: ChangeRange): TreeItem {
  const item = new TreeItem(rangeText(range), TreeItemCollapsibleState.Collapsed);
  item.iconPath = new ThemeIcon('list-tree');
  item.description = l10n.t('{0} entries', range.nodes.length);
  return item;
}

function unshownItem(count: number): TreeItem {
  const item = new TreeItem(l10n.t('{0} further differences are not shown', grouped(count)));
  item.iconPath = new ThemeIcon('ellipsis');
  item.tooltip = l10n.t('The command line names them all: sauvegarde diff');
  return item;
}
