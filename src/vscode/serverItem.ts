import {
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
} from 'vscode';
import { systemClock } from '../base/clock';
import { endpointOf, type Server } from '../model/configuration/server';
import { lossText } from '../report/lossText';
import { keepText } from './retention/keepChoices';
import type { Runs, ServerState } from './runs';
import { nextText, scheduleText } from './scheduleText';
import { ageInShort, ageText } from './words';

/**
 * The row of a server: how its last backup stands, in so few words that they fit into a narrow view. The
 * tooltip, and what is read out, say it in full, and when the next one is due.
 * @param label its name, as the place of the row tells the folder
 */
export function serverItem(server: Server, runs: Runs, label: string): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  const state = runs.stateOf(server.name);
  const isRunning = runs.activeOn(server.name) !== undefined;
  const standing = isRunning ? l10n.t('backing up…') : standingOf(server, state);
  const troubles = troublesOf(state);
  const words = [...troubles, standing, scheduleText(server)].filter(Boolean).join(' · ');
  item.id = `server:${server.name}`;
  item.contextValue = isRunning ? 'server.running' : `server${rolesOf(state)}`;
  const inShort = isRunning ? standing : shortStanding(server, state);
  item.description = [...troubles, inShort].join(' · ');
  item.iconPath = iconOf(state, isRunning);
  item.tooltip = new MarkdownString();
  const { keep } = server.unattended ?? {};
  const stays = keep && l10n.t('Stays: {0}', keepText(keep));
  const about = [state?.failure?.message, nextText(server), stays];
  const lines = [endpointOf(server), words, ...about];
  item.tooltip.appendText(lines.filter(Boolean).join('\n'));
  item.accessibilityInformation = { label: `${label}, ${words}` };
  return item;
}

function iconOf(state: ServerState | undefined, isRunning: boolean): ThemeIcon {
  if (isRunning) return new ThemeIcon('sync~spin');
  if (state?.damage) return new ThemeIcon('error', new ThemeColor('list.errorForeground'));
  if (state?.suspicions) return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
  return new ThemeIcon(state?.failure || state?.overdue ? 'warning' : 'server');
}

/** What does not pass by itself, in few words: it stands in front of all else. */
function troublesOf(state: ServerState | undefined): string[] {
  const { suspicions: [suspicion] = [], damage } = state ?? {};
  return [
    ...(suspicion ? [l10n.t('suspicious: {0}', lossText(suspicion, l10n))] : []),
    ...(damage ? [damageText(damage.snapshots)] : []),
  ];
}

/** `1 snapshot damaged` */
export function damageText(snapshots: number): string {
  return snapshots === 1
    ? l10n.t('1 snapshot damaged')
    : l10n.t('{0} snapshots damaged', snapshots);
}

/** What the menu of the row goes by. */
function rolesOf(state: ServerState | undefined): string {
  return `${state?.suspicions ? '.suspicious' : ''}${state?.damage ? '.hurt' : ''}`;
}

function standingOf(server: Server, state: ServerState | undefined): string {
  const isEmpty = server.include.length === 0;
  if (state?.lastGood !== undefined) {
    return sinceLastGood(state, ageText(systemClock.now() - state.lastGood), isEmpty);
  }
  if (state?.failure) return l10n.t('failed');
  return isEmpty ? l10n.t('nothing included yet') : l10n.t('never backed up');
}

/** `3 h`, with what is wrong in front of it. */
function shortStanding(server: Server, state: ServerState | undefined): string {
  if (state?.lastGood === undefined || server.include.length === 0) {
    return standingOf(server, state);
  }
  const age = ageInShort(systemClock.now() - state.lastGood);
  if (state.failure) return `${l10n.t('failed')} · ${age}`;
  if (state.overdue) return `${l10n.t('overdue')} · ${age}`;
  const skipped = state.last?.status === 'incomplete' ? state.last.skipped.length : 0;
  return skipped > 0 ? `${l10n.t('{0} skipped', skipped)} · ${age}` : age;
}

function sinceLastGood(state: ServerState, age: string, isEmpty: boolean): string {
  if (state.failure) return l10n.t('failed, last good {0}', age);
  if (isEmpty) return l10n.t('nothing included yet');
  if (state.overdue) return l10n.t('overdue, last good {0}', age);
  if (state.last?.status !== 'incomplete') return l10n.t('backed up {0}', age);
  return l10n.t('backed up {0}, {1} skipped', age, state.last.skipped.length);
}
