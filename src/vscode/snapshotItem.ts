import { l10n, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { snapshotTime } from '../model/snapshotId';
import { bytesText } from '../report/figures';
import type { SnapshotSummary } from '../store/store';
import { dayText } from './days';
import { paleUri } from './paleRows';
import type { Changes, SnapshotFacts } from './snapshotFacts';
import { ageText, dateText, filesText, pathChangeText } from './words';

/** Its tooltip is made when it is asked for: what it begins with, and the rule that it goes by. */
export class SnapshotItem extends TreeItem {
  about: readonly string[] = [];
  rule: SnapshotFacts['keep'];
}

/**
 * The row of a snapshot. In front stands what somebody has to look at, then what a person said of it,
 * then what is new in it: the view may be 250 pixels wide. All else is in the tooltip, and is read out.
 */
export function snapshotItem(server: string, facts: SnapshotFacts, now: number): SnapshotItem {
  const { summary, standing, isOnlyOfItsDay } = facts;
  const { id, status, pinned, safety } = summary;
  const label = dayText(snapshotTime(id), now, isOnlyOfItsDay);
  const item = new SnapshotItem(label, TreeItemCollapsibleState.Collapsed);
  const words = allWords(facts, now);
  item.id = `snapshot:${server}:${id}`;
  item.contextValue = `snapshot.${status}${standing.role}${safety ? '.safety' : ''}${pinned ? '.pinned' : ''}`;
  item.description = firstWords(facts).join(' · ');
  item.iconPath = standing.icon;
  if (isUnchanged(facts)) item.resourceUri = paleUri(server, id);
  item.about = [`${dateText(id)} (${id})`, ...words, ...standing.details];
  item.rule = facts.keep;
  item.accessibilityInformation = { label: [dateText(id), ...words].join(', ') };
  return item;
}

/** What fits into a narrow view. */
function firstWords({ summary, changes, standing, ofPath }: SnapshotFacts): string[] {
  return [
    ...standing.warnings,
    ...(isIncomplete(summary) ? statusText(summary) : []),
    ...(ofPath ? [pathChangeText(ofPath)] : []),
    ...(summary.safety ? [l10n.t('what a restore overwrote')] : []),
    ...(summary.note === undefined ? [] : [quoted(summary.note)]),
    ...newIn(changes, summary),
  ];
}

/** What is new in it; of the first one, how much it is. */
function newIn(changes: Changes | undefined, { totals }: SnapshotSummary): string[] {
  if (changes) return [changesInShort(changes)];
  return totals ? [filesText(totals.files)] : [];
}

function allWords({ summary, changes, standing, ofPath }: SnapshotFacts, now: number): string[] {
  const { totals, pinned, safety, note } = summary;
  const { proven } = standing;
  return [
    ...standing.warnings,
    ...(ofPath ? [pathChangeText(ofPath)] : []),
    ...(note === undefined ? [] : [quoted(note)]),
    ...(changes ? [changeText(changes)] : []),
    ...(totals ? [filesText(totals.files), bytesText(totals.bytes)] : []),
    ...statusText(summary),
    ...(proven === undefined ? [] : [l10n.t('proven {0}', ageText(now - proven))]),
    ...(safety ? [l10n.t('what a restore overwrote')] : pinned ? [l10n.t('pinned')] : []),
  ];
}

function isUnchanged({ changes, summary, standing }: SnapshotFacts): boolean {
  if (!changes || isIncomplete(summary) || standing.warnings.length > 0) return false;
  return changes.added + changes.changed + changes.removed === 0 && summary.note === undefined;
}

function isIncomplete({ status, damaged }: SnapshotSummary): boolean {
  return status === 'incomplete' && damaged === 0;
}

/** `“before the update to 6.8”`: nobody is to take it for words of ours. */
export function quoted(note: string): string {
  return l10n.t('“{0}”', note);
}

/** `+3 ~1 −0` */
function changeText({ added, changed, removed }: Changes): string {
  return added + changed + removed === 0
    ? l10n.t('no change')
    : `+${added} ~${changed} −${removed}`;
}

/** `+3 ~1`: kinds of which there are none take no room, and a row in which nothing is new is pale as well. */
function changesInShort({ added, changed, removed }: Changes): string {
  const counts = [
    [added, '+'],
    [changed, '~'],
    [removed, '−'],
  ] as const;
  const shown = counts.flatMap(([count, sign]) => (count > 0 ? [`${sign}${count}`] : []));
  return shown.join(' ') || '=';
}

export function statusText({ status, totals, damaged }: SnapshotSummary): string[] {
  if (status === 'damaged' || damaged > 0) return [];
  if (status === 'complete') return [l10n.t('complete')];
  return [l10n.t('incomplete: {0} skipped', totals?.skipped ?? 0)];
}
