import {
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCheckboxState,
  TreeItemCollapsibleState,
} from 'vscode';
import { absolute, nameOf, printable } from '../../model/remotePath';
import { bytesText, grouped } from '../../report/figures';
import { command } from '../commandIds';
import type { Counts, PlanNode, PlanRow, RestorePlan, Ticked } from './plan';
import { mostAtOnce, rangeText, type PlanElement } from './planRows';

/** The row of a plan: what would become of an entry, and whether it is wanted. */
export function planItem(plan: RestorePlan, element: PlanElement): TreeItem {
  switch (element.kind) {
    case 'planned':
      return entryItem(plan, element);
    case 'plannedRange':
      return rangeItem(element);
    case 'unshown':
      return unshownItem(element.count);
  }
}

function entryItem(plan: RestorePlan, element: PlanElement & { kind: 'planned' }): TreeItem {
  const { node } = element;
  const { row } = node;
  const label = printable(nameOf(node.path));
  const item = new TreeItem(label, stateOf(plan, node));
  const ticked = node.counts.changes > 0 ? plan.tickedAt(node) : undefined;
  const about = aboutText(node);
  item.id = `plan:${node.path}`;
  item.description = about;
  item.iconPath = iconOf(node);
  item.tooltip = [absolute(row?.place ?? node.path), about, row?.reason].filter(Boolean).join('\n');
  item.contextValue = ticked === undefined ? 'plan.fixed' : 'plan';
  item.accessibilityInformation = {
    label: [label, about, tickedText(ticked)].filter(Boolean).join(', '),
  };
  if (ticked !== undefined) item.checkboxState = checkBox(label, ticked);
  if (row?.type === 'file') {
    // It is about the row that is selected by then: arguments are forgotten when rows are drawn anew.
    item.command = { command: command.showPlanned, title: l10n.t('Show What Would Change') };
  }
  return item;
}

function aboutText({ row, children, counts }: PlanNode): string {
  const isFolder = children.length > 0;
  const ofItself = row && (row.type !== 'directory' || !isFolder) ? [rowText(row)] : [];
  return [...ofItself, ...(isFolder ? [countsText(counts)] : [])].join(' · ');
}

/** Open as far as that is little: the editor makes every row that it shows. */
function stateOf({ root }: RestorePlan, { children }: PlanNode): TreeItemCollapsibleState {
  if (children.length === 0) return TreeItemCollapsibleState.None;
  const { changes, same, impossible } = root.counts;
  const isLittle = changes + same + impossible <= mostAtOnce || children.length === 1;
  return isLittle ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed;
}

function rangeItem({ folder, nodes }: PlanElement & { kind: 'plannedRange' }): TreeItem {
  const item = new TreeItem(rangeText(nodes), TreeItemCollapsibleState.Collapsed);
  item.id = `range:${folder.path}:${nodes[0]?.path ?? ''}`;
  item.iconPath = new ThemeIcon('list-tree');
  item.description = l10n.t('{0} entries', nodes.length);
  return item;
}

function unshownItem(count: number): TreeItem {
  const item = new TreeItem(l10n.t('{0} further entries are not shown', grouped(count)));
  item.iconPath = new ThemeIcon('ellipsis');
  item.tooltip = l10n.t('They are restored if the folder that they are in is ticked.');
  return item;
}

function checkBox(label: string, ticked: Ticked): NonNullable<TreeItem['checkboxState']> {
  const isTicked = ticked === 'all';
  const action = isTicked ? l10n.t('Do not restore') : l10n.t('Restore');
  return {
    state: isTicked ? TreeItemCheckboxState.Checked : TreeItemCheckboxState.Unchecked,
    tooltip: action,
    accessibilityInformation: { label: `${action}: ${label}` },
  };
}

function tickedText(ticked: Ticked | undefined): string {
  if (ticked === 'all') return l10n.t('will be restored');
  if (ticked === 'some') return l10n.t('partly restored');
  return ticked === 'none' ? l10n.t('will not be restored') : '';
}

function rowText(row: PlanRow): string {
  const { action, type, size, isNewer, onlyAttributes, reason } = row;
  const parts: string[] = [];
  if (action === 'create') parts.push(l10n.t('create'));
  if (action === 'overwrite') {
    parts.push(onlyAttributes ? l10n.t('only the rights') : l10n.t('overwrite'));
  }
  if (action === 'same') parts.push(l10n.t('the same'));
  if (action === 'impossible') parts.push(l10n.t('cannot: {0}', reason ?? ''));
  if (isNewer) parts.push(l10n.t('newer there'));
  if (type === 'file' && action !== 'impossible') parts.push(bytesText(size));
  return parts.join(', ');
}

/** `3 to create, 9 to overwrite, 1 the same` */
export function countsText(counts: Counts): string {
  const { changes, same, impossible } = counts;
  const parts = changes > 0 ? [changesText(counts)] : [];
  if (same > 0) parts.push(l10n.t('{0} the same', grouped(same)));
  if (impossible > 0) parts.push(l10n.t('{0} cannot', grouped(impossible)));
  return parts.join(', ');
}

/** `3 to create, 9 to overwrite` */
export function changesText({ create, overwrite }: Counts): string {
  const parts: string[] = [];
  if (create > 0) parts.push(l10n.t('{0} to create', grouped(create)));
  if (overwrite > 0) parts.push(l10n.t('{0} to overwrite', grouped(overwrite)));
  return parts.join(', ');
}

function iconOf({ row, children }: PlanNode): ThemeIcon {
  if (row?.action === 'impossible') {
    return new ThemeIcon('circle-slash', new ThemeColor('list.errorForeground'));
  }
  if (children.length > 0 || row?.type === 'directory') return ThemeIcon.Folder;
  if (row?.action === 'create') {
    return new ThemeIcon('diff-added', new ThemeColor('charts.green'));
  }
  if (row?.action === 'overwrite') {
    return new ThemeIcon('diff-modified', new ThemeColor('charts.orange'));
  }
  return new ThemeIcon('check');
}
