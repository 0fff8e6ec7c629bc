import {
  l10n,
  MarkdownString,
  StatusBarAlignment,
  ThemeColor,
  window,
  type Disposable,
  type StatusBarItem,
} from 'vscode';
import { systemClock } from '../base/clock';
import { bytesText } from '../report/figures';
import { lossText } from '../report/lossText';
import { command } from './commandIds';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import type { ActiveRun, Runs } from './runs';
import { damageText } from './serverItem';
import { ageText, fractionOf, progressText } from './words';

const whileRunning = 500;
const whileIdle = 60_000;

/**
 * The one item in the status bar. Idle: the age of the last good backup, and a click backs up.
 * Running: how far it is, and a click cancels after a question. Failed: why.
 */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;
  readonly #configuration: WorkspaceConfiguration;
  readonly #runs: Runs;
  readonly #subscriptions: Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(configuration: WorkspaceConfiguration, runs: Runs) {
    this.#configuration = configuration;
    this.#runs = runs;
    this.#item = window.createStatusBarItem('backup', StatusBarAlignment.Left);
    this.#item.name = l10n.t('Backup');
    const update = (): void => this.#update();
    this.#subscriptions = [this.#item, runs.onDidChange(update), configuration.onDidChange(update)];
    this.#update();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    clearTimeout(this.#timer);
    if (this.#configuration.state === 'noFolder') {
      this.#item.hide();
      return;
    }
    const { active } = this.#runs;
    if (active.length > 0) this.#showRunning(active);
    else this.#showIdle();
    this.#item.show();
    const pause = active.length > 0 ? whileRunning : whileIdle;
    this.#timer = setTimeout(() => this.#update(), pause);
    this.#timer.unref();
  }

  #showRunning(active: readonly ActiveRun[]): void {
    const [run] = active;
    if (!run) return;
    const seconds = (systemClock.monotonic() - run.started) / 1000;
    const fraction = fractionOf(run.progress);
    const rate = seconds > 0 ? `${bytesText(run.progress.fetchedBytes / seconds)}/s` : '';
    const percent = fraction === undefined ? '' : `${Math.floor(fraction * 100)} % `;
    const name = active.length > 1 ? l10n.t('{0} backups', active.length) : run.server;
    const lines = active.map(({ server, progress, started }) => {
      const since = (systemClock.monotonic() - started) / 1000;
      return `${server}: ${progressText(progress, since)}`;
    });
    const tooltip = [...lines, l10n.t('Click to cancel.')].join('\n');
    this.#show(`$(sync~spin) ${name} ${percent}${rate}`.trimEnd(), tooltip, command.cancel);
    this.#item.backgroundColor = undefined;
  }

  #showIdle(): void {
    const { servers } = this.#configuration;
    if (this.#showFaults()) return;
    const failed = servers.flatMap(({ name }) => {
      const failure = this.#runs.stateOf(name)?.failure;
      return failure ? [`${name}: ${failure.message}`] : [];
    });
    if (failed.length > 0) {
      const text = l10n.t('Backup failed');
      const tooltip = [...failed, l10n.t('Click to back up.')].join('\n');
      this.#show(`$(warning) ${text}`, tooltip, command.backUpNow, true);
      return;
    }
    const overdue = servers.flatMap(({ name }) => {
      const { overdue: late } = this.#runs.stateOf(name) ?? {};
      return late ? [`${name}: ${ageText(systemClock.now() - late.lastGood)}`] : [];
    });
    if (overdue.length > 0) {
      const text = l10n.t('Backup overdue');
      const tooltip = [...overdue, l10n.t('Click to back up.')].join('\n');
      this.#show(`$(warning) ${text}`, tooltip, command.backUpNow, true);
      return;
    }
    if (!this.#showTrouble()) this.#showAge();
  }

  /** A configuration that cannot be read: of its folder nothing is backed up, whatever the others do. */
  #showFaults(): boolean {
    const { faulty, hasSeveral } = this.#configuration;
    const [file] = faulty;
    if (!file) return false;
    const names = faulty.map((one) => this.#configuration.labelOf(one)).join(', ');
    const tooltip = hasSeveral
      ? l10n.t('{0}: the configuration has faults. Click to open it.', names)
      : l10n.t('The configuration has faults. Click to open it.');
    this.#show(`$(warning) ${l10n.t('Backup')}`, tooltip, command.openConfiguration, true);
    const row = { kind: 'folder', file } as const;
    const title = l10n.t('Open Configuration');
    this.#item.command = { command: command.openConfiguration, title, arguments: [row] };
    return true;
  }

  /** What does not pass by itself: a question that is open, and damage. */
  #showTrouble(): boolean {
    const { servers } = this.#configuration;
    const states = servers.map(({ name }) => ({ name, ...this.#runs.stateOf(name) }));
    const suspicious = states.flatMap(({ name, suspicions: [found] = [] }) =>
      found ? [`${name}: ${lossText(found, l10n)}`] : [],
    );
    if (suspicious.length > 0) {
      const tooltip = [...suspicious, l10n.t('Click to answer.')].join('\n');
      const text = `$(warning) ${l10n.t('Is the backup right?')}`;
      this.#show(text, tooltip, command.acceptSuspicion, true);
      return true;
    }
    const damaged = states.flatMap(({ name, damage }) =>
      damage ? [`${name}: ${damageText(damage.snapshots)}`] : [],
    );
    if (damaged.length === 0) return false;
    const tooltip = [...damaged, l10n.t('Click to repair.')].join('\n');
    this.#show(`$(error) ${l10n.t('Backup damaged')}`, tooltip, command.repair, true);
    return true;
  }

  #showAge(): void {
    const { servers } = this.#configuration;
    const ages = servers.map(({ name }) => ({ name, good: this.#runs.stateOf(name)?.lastGood }));
    const now = systemClock.now();
    const lines = ages.map(({ name, good }) =>
      good === undefined ? l10n.t('{0}: never backed up', name) : `${name}: ${ageText(now - good)}`,
    );
    // The oldest counts: a glance is to say whether anything is behind.
    const known = ages.flatMap(({ good }) => good ?? []);
    const oldest = known.length === 0 ? '' : ` ${ageText(now - Math.min(...known))}`;
    const never = ages.length > 0 && known.length < ages.length;
    const icon = never || ages.length === 0 ? '$(cloud-download)' : '$(check)';
    const tooltip = [...lines, l10n.t('Click to back up.')].join('\n');
    const id = ages.length === 0 ? command.addServer : command.backUpNow;
    const shown = ages.length === 0 ? l10n.t('Click to add a server.') : tooltip;
    this.#show(`${icon} ${l10n.t('Backup')}${oldest}`, shown, id);
  }

  /** What is said, and the way to the page that says more. */
  #withOverview(text: string): MarkdownString | string {
    if (this.#configuration.servers.length === 0) return text;
    const tooltip = new MarkdownString('', true);
    tooltip.isTrusted = { enabledCommands: [command.showOverview] };
    // Names and messages of servers are text, whatever they look like.
    tooltip.appendText(text);
    const link = `[$(graph) ${l10n.t('Show Overview')}](command:${command.showOverview})`;
    return tooltip.appendMarkdown(`\n\n${link}`);
  }

  #show(text: string, tooltip: string, id: string, warning = false): void {
    this.#item.text = text;
    this.#item.tooltip = this.#withOverview(tooltip);
    this.#item.command = id;
    this.#item.backgroundColor = warning
      ? new ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.#item.accessibilityInformation = { label: `${l10n.t('Backup')}: ${tooltip}` };
  }
}
