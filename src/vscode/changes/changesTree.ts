import { EventEmitter, type Disposable, type TreeDataProvider, type TreeItem } from 'vscode';
import { changeItem } from './changeItem';
import { rowsIn, type ChangeElement } from './changeRows';
import type { Changes } from './changes';

/** The differences that are shown, if there are any. */
export class ChangesTree implements TreeDataProvider<ChangeElement>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #changes: Changes | undefined;
  #wasAsked = false;

  /**
   * A view that has not asked yet for what it was told of last will do so when it is seen. Told of twice,
   * it would ask twice at once, and the rows that it has drawn first would be about nothing.
   */
  show(changes: Changes | undefined): void {
    this.#changes = changes;
    if (!this.#wasAsked) return;
    this.#wasAsked = false;
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  getChildren(element?: ChangeElement): ChangeElement[] {
    if (!element) this.#wasAsked = true;
    return this.#changes ? rowsIn(this.#changes, element) : [];
  }

  getTreeItem(element: ChangeElement): TreeItem {
    return this.#changes ? changeItem(this.#changes, element) : {};
  }
}
