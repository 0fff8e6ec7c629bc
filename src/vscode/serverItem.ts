import { l10n, MarkdownString, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { systemClock } from '../base/clock';
import { endpointOf, type Server } from '../model/configuration/server';
import type { Runs, ServerState } from './runs';
import { nextText, scheduleText } from './schedules';
import { ageText } from './words';

/** The row of a server: how its last backup stands, and when the next one is due. */
export function serverItem(server: Server, runs: Runs): TreeItem {
  const item = new TreeItem(server.name, TreeItemCollapsibleState.Collapsed);
  const state = runs.stateOf(server.name);
  const isRunning = runs.activeOn(server.name) !== undefined;
  const standing = isRunning ? l10n.t('backing up…') : standingOf(server, state);
  const description = [standing, scheduleText(server)].filter(Boolean).join(' · ');
  item.id = `server:${server.name}`;
  item.contextValue = isRunning ? 'server.running' : 'server';
  item.description = description;
  item.iconPath = new ThemeIcon(iconOf(state, isRunning));
  item.tooltip = new MarkdownString();
  const lines = [endpointOf(server), description, state?.failure?.message, nextText(server)];
  item.tooltip.appendText(lines.filter(Boolean).join('\n'));
  item.accessibilityInformation = { label: `${server.name}, ${description}` };
  return item;
}

function iconOf(state: ServerState | undefined, isRunning: boolean): string {
  if (isRunning) return 'sync~spin';
  return state?.failure || state?.overdue ? 'warning' : 'server';
}

function standingOf(server: Server, state: ServerState | undefined): string {
  const isEmpty = server.include.length === 0;
  if (state?.lastGood !== undefined) {
    return sinceLastGood(state, ageText(systemClock.now() - state.lastGood), isEmpty);
  }
  if (state?.failure) return l10n.t('failed');
  return isEmpty ? l10n.t('nothing included yet') : l10n.t('never backed up');
}

function sinceLastGood(state: ServerState, age: string, isEmpty: boolean): string {
  if (state.failure) return l10n.t('failed, last good {0}', age);
  if (isEmpty) return l10n.t('nothing included yet');
  if (state.overdue) return l10n.t('overdue, last good {0}', age);
  if (state.last?.status !== 'incomplete') return l10n.t('backed up {0}', age);
  return l10n.t('backed up {0}, {1} skipped', age, state.last.skipped.length);
}
