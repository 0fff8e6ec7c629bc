import {
  commands,
  EventEmitter,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  window,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import { bytesText, grouped } from '../../report/figures';
import { dateText } from '../words';
import { keepText } from './keepChoices';
import { reasonText, shortReasons } from './reasonText';
import {
  goingOf,
  type DecidedSnapshot,
  type RetentionElement,
  type ServerRetention,
} from './shownRetention';

/**
 * What is shown. `keep`: a rule that is not written yet; `free`: what the rules let go, which was not
 * removed yet.
 */
export interface ShownRetentions {
  readonly purpose: 'keep' | 'free';
  readonly servers: readonly ServerRetention[];
}

/** The view *What Stays*: every snapshot, with the reason why it stays, or with what it frees. */
export class RetentionView implements TreeDataProvider<RetentionElement>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view = window.createTreeView<RetentionElement>('sauvegarde.retention', {
    treeDataProvider: this,
    showCollapseAll: true,
  });
  #shown: ShownRetentions | undefined;

  get shown(): ShownRetentions | undefined {
    return this.#shown;
  }

  get selected(): RetentionElement | undefined {
    return this.#view.selection[0];
  }

  async show(shown: ShownRetentions): Promise<void> {
    await this.#take(shown);
    await commands.executeCommand('sauvegarde.retention.focus');
  }

  async discard(): Promise<void> {
    await this.#take(undefined);
  }

  getChildren(element?: RetentionElement): RetentionElement[] {
    if (element?.kind === 'decided') return [];
    if (element) return goingFirst(element);
    const servers = this.#shown?.servers ?? [];
    const [only] = servers;
    return only && servers.length === 1 ? goingFirst(only) : [...servers];
  }

  getTreeItem(element: RetentionElement): TreeItem {
    return element.kind === 'decided' ? snapshotItem(element) : serverItem(element);
  }

  dispose(): void {
    this.#view.dispose();
    this.#changed.dispose();
  }

  async #take(shown: ShownRetentions | undefined): Promise<void> {
    this.#shown = shown;
    const [only, another] = shown?.servers ?? [];
    this.#view.description = only && !another ? only.server.name : '';
    this.#view.message = shown ? messageOf(shown) : '';
    this.#changed.fire(undefined);
    const purpose = shown?.purpose ?? '';
    await commands.executeCommand('setContext', 'sauvegarde.retentionPlan', purpose);
  }
}

/** What would be lost is not to be scrolled for. */
function goingFirst({ decisions }: ServerRetention): DecidedSnapshot[] {
  const going = decisions.filter(({ decision }) => !decision.keep);
  return [...going, ...decisions.filter(({ decision }) => decision.keep)];
}

function messageOf({ purpose, servers }: ShownRetentions): string {
  const totals = totalText(servers);
  const [only] = servers;
  if (purpose === 'free') return l10n.t('Nothing is removed yet. {0}', totals);
  const rule = only?.keep ? keepText(only.keep) : l10n.t('everything');
  return l10n.t('If this is kept: {0}. {1} Nothing is written yet.', rule, totals);
}

/** `5 stay, 3 go and free 12 MB.` */
export function totalText(servers: readonly ServerRetention[]): string {
  const going = servers.reduce((sum, server) => sum + goingOf(server).length, 0);
  const all = servers.reduce((sum, { decisions }) => sum + decisions.length, 0);
  const bytes = servers.reduce((sum, { plan }) => sum + plan.freeing.total, 0);
  if (going === 0)
    return all === 1 ? l10n.t('The only one stays.') : l10n.t('All {0} stay.', grouped(all));
  return l10n.t(
    '{0} stay, {1} go and free {2}.',
    grouped(all - going),
    grouped(going),
    bytesText(bytes),
  );
}

function serverItem(element: ServerRetention): TreeItem {
  const { server, plan } = element;
  const going = goingOf(element).length;
  const item = new TreeItem(
    server.name,
    going > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
  );
  const [suspicion] = plan.suspicions;
  const description = suspicion
    ? l10n.t('stands still: {0} is suspicious', dateText(suspicion.snapshot))
    : element.keep
      ? totalText([element])
      : l10n.t('no rule: everything stays');
  item.id = `thinned:${server.name}`;
  item.description = description;
  item.iconPath = new ThemeIcon(suspicion ? 'warning' : 'server');
  item.tooltip = element.keep ? l10n.t('Stays: {0}', keepText(element.keep)) : description;
  item.contextValue = 'thinned';
  item.accessibilityInformation = { label: `${server.name}, ${description}` };
  return item;
}

function snapshotItem({ server, decision, frees }: DecidedSnapshot): TreeItem {
  const { id, keep } = decision;
  const reasons = decision.reasons.map(reasonText);
  const item = new TreeItem(dateText(id));
  const description = keep
    ? l10n.t('stays: {0}', reasons.join(', '))
    : l10n.t('goes, frees {0}', bytesText(frees));
  item.id = `decided:${server}:${id}`;
  // The icon says that it goes.
  item.description = keep ? shortReasons(decision.reasons) : l10n.t('frees {0}', bytesText(frees));
  item.iconPath = keep
    ? new ThemeIcon('check', new ThemeColor('testing.iconPassed'))
    : new ThemeIcon('trash', new ThemeColor('list.warningForeground'));
  item.tooltip = new MarkdownString();
  item.tooltip.appendText(
    [
      id,
      ...(keep
        ? reasons
        : [l10n.t('No rule keeps it. What only it has takes {0}.', bytesText(frees))]),
    ].join('\n'),
  );
  item.contextValue = keep ? 'decided.stays' : 'decided.goes';
  item.accessibilityInformation = { label: `${dateText(id)}, ${description}` };
  return item;
}
