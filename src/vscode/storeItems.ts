import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { monthText } from './days';
import type { MonthRow } from './snapshotRows';

/** With more servers than this, the view begins with their names alone. */
const mostOpenStores = 5;

/** The row of a server in the Snapshots view. @param stores how many there are */
export function storeItem(server: string, label: string, stores: number): TreeItem {
  const { Collapsed, Expanded } = TreeItemCollapsibleState;
  const item = new TreeItem(label, stores > mostOpenStores ? Collapsed : Expanded);
  item.id = `store:${server}`;
  item.iconPath = new ThemeIcon('server');
  item.contextValue = 'store';
  return item;
}

/** The row of a month. It says what is wrong in it, as its snapshots may not be seen. */
export function monthItem(row: MonthRow, now: number): TreeItem {
  const { server, month, ids, isRecent, troubles } = row;
  const { Collapsed, Expanded } = TreeItemCollapsibleState;
  const label = monthText(month, now);
  const item = new TreeItem(label, isRecent ? Expanded : Collapsed);
  const count = ids.length === 1 ? l10n.t('1 snapshot') : l10n.t('{0} snapshots', ids.length);
  const attention = troubles > 0 ? [l10n.t('{0} to look at', troubles)] : [];
  const words = [...attention, count];
  item.id = `month:${server}:${month}`;
  item.iconPath =
    troubles > 0
      ? new ThemeIcon('warning', new ThemeColor('list.warningForeground'))
      : new ThemeIcon('calendar');
  item.contextValue = 'month';
  item.description = [...attention, String(ids.length)].join(' · ');
  item.tooltip = [label, ...words].join('\n');
  item.accessibilityInformation = { label: [label, ...words].join(', ') };
  return item;
}
