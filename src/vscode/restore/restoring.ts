/**
 * Restoring in VS Code, the entrance. What and where to is asked; the plan is shown as a tree with
 * check boxes; what is ticked is restored, by the same jobs as on the command line.
 */
import { commands, l10n, TreeItemCheckboxState, window, type Disposable } from 'vscode';
import { planRestore } from '../../jobs/restore/restore';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { RunProgress } from '../../model/progress';
import { grouped } from '../../report/figures';
import { requireTrust } from '../logins';
import { dateText } from '../words';
import { carryOut } from './carryOut';
import { tellRestored } from './tellRestored';
import { RestorePlan, type PlanNode } from './plan';
import { countsText } from './planItem';
import type { PlanElement } from './planRows';
import { PlanTree } from './planTree';
import {
  inTheirFolders,
  labelOf,
  type RestoreParts,
  type ShownPlan,
  type Wanted,
} from './shownPlan';
import { withProgress } from './withProgress';

export class Restoring implements Disposable {
  readonly #parts: RestoreParts;
  readonly #tree = new PlanTree();
  readonly #view = window.createTreeView('sauvegarde.restorePlan', {
    treeDataProvider: this.#tree,
    manageCheckboxStateManually: true,
    showCollapseAll: true,
  });
  #shown: ShownPlan | undefined;

  constructor(parts: RestoreParts) {
    this.#parts = parts;
    this.#view.onDidChangeCheckboxState(({ items }) => {
      for (const [element, state] of items) {
        if (element.kind !== 'planned') continue;
        this.#shown?.plan.tick(element.node, state === TreeItemCheckboxState.Checked);
      }
      this.#redraw();
    });
  }

  get shown(): ShownPlan | undefined {
    return this.#shown;
  }

  get selected(): PlanElement | undefined {
    return this.#view.selection[0];
  }

  /** Finds out what a restore would do, and shows it. Nothing is written. */
  async show(wanted: Wanted, to: Destination): Promise<void> {
    requireTrust();
    // An older plan must not be carried out by mistake while this one is made.
    await this.#take(undefined);
    const { logins, configuration } = this.#parts;
    const { snapshot, paths } = wanted;
    const plan = new RestorePlan(paths);
    const progress = new RunProgress();
    const title = l10n.t('Looking at what is there on {0}', labelOf(to));
    const words = (): string => l10n.t('{0} entries', grouped(progress.entries));
    await withProgress(title, words, (signal) =>
      logins.during(true, (environment) =>
        planRestore({
          ...inTheirFolders(configuration, wanted, to),
          ...{ snapshot, paths: plan.choice, environment, signal, progress },
          onPlanned: (action) => plan.add(action),
        }),
      ),
    );
    await this.#take({ plan, wanted, to });
    await commands.executeCommand('sauvegarde.restorePlan.focus');
  }

  /** Ticks what is not, and the other way round. */
  toggle(node: PlanNode): void {
    const { plan } = this.#shown ?? {};
    plan?.tick(node, plan.tickedAt(node) !== 'all');
    this.#redraw();
  }

  /** Restores what is ticked, after a question. */
  async carryOut(): Promise<void> {
    const { shown } = this;
    if (!shown) return;
    const outcome = await carryOut(this.#parts, shown);
    if (outcome.kind === 'kept') return;
    if (outcome.kind === 'changed') {
      await this.show(shown.wanted, shown.to);
      return;
    }
    await this.#take(undefined);
    const undone = await tellRestored(outcome, shown);
    if (undone) await this.show(undone, shown.to);
  }

  async discard(): Promise<void> {
    await this.#take(undefined);
  }

  dispose(): void {
    this.#view.dispose();
    this.#tree.dispose();
  }

  async #take(shown: ShownPlan | undefined): Promise<void> {
    this.#shown = shown;
    this.#tree.show(shown?.plan);
    await commands.executeCommand('setContext', 'sauvegarde.restorePlan', shown !== undefined);
    this.#redraw();
  }

  #redraw(): void {
    this.#tree.redraw();
    if (!this.#shown) return;
    const { plan, wanted, to } = this.#shown;
    this.#view.description = `${wanted.server.name}, ${dateText(wanted.snapshot)}`;
    this.#view.message = messageOf(plan, labelOf(to));
  }
}

function messageOf(plan: RestorePlan, label: string): string {
  const { changes } = plan.root.counts;
  if (changes === 0)
    return l10n.t('Nothing to restore to {0}: {1}.', label, countsText(plan.root.counts));
  const ticked = plan.totals();
  const text = l10n.t('To {0}: {1}. Nothing is written yet.', label, countsText(plan.root.counts));
  if (ticked.changes === changes) return text;
  return `${text} ${l10n.t('{0} of them are ticked.', grouped(ticked.changes))}`;
}
