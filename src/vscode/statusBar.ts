import { l10n, StatusBarAlignment, window, type Disposable, type StatusBarItem } from 'vscode';
import type { RunReport } from '../report/runReport';
import { command } from './commands';

/** The one item in the status bar: a click backs up. */
export class StatusBar implements Disposable {
  readonly #item: StatusBarItem;

  constructor() {
    this.#item = window.createStatusBarItem('backup', StatusBarAlignment.Left);
    this.#item.name = l10n.t('Backup');
    this.#item.command = command.backUpNow;
    this.#show('$(cloud-download)', l10n.t('Backup'), l10n.t('Back up now'));
    this.#item.show();
  }

  running(server: string): void {
    this.#show('$(sync~spin)', server, l10n.t('Backing up {0}', server));
  }

  finished(report: RunReport): void {
    const icon = report.status === 'complete' ? '$(check)' : '$(warning)';
    this.#show(icon, report.server, l10n.t('Snapshot {0}: {1}', report.snapshot, report.status));
  }

  failed(server: string): void {
    this.#show('$(error)', server, l10n.t('The backup of {0} failed.', server));
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(icon: string, text: string, tooltip: string): void {
    this.#item.text = `${icon} ${text}`;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: tooltip };
  }
}
