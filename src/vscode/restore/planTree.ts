import { EventEmitter, type Disposable, type TreeDataProvider, type TreeItem } from 'vscode';
import type { RestorePlan } from './plan';
import { planItem } from './planItem';
import { elementsIn, type PlanElement } from './planRows';

/** The plan that is shown, if there is one. */
export class PlanTree implements TreeDataProvider<PlanElement>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #plan: RestorePlan | undefined;

  show(plan: RestorePlan | undefined): void {
    this.#plan = plan;
    this.redraw();
  }

  redraw(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  getChildren(element?: PlanElement): PlanElement[] {
    return this.#plan ? elementsIn(this.#plan, element) : [];
  }

  getTreeItem(element: PlanElement): TreeItem {
    return this.#plan ? planItem(this.#plan, element) : {};
  }
}
