/**
 * Comparing in VS Code, the entrance. What differs is found by the jobs of the command line and shown as
 * a tree of its own, as long as the person wants to see it.
 */
import { commands, l10n, window, type Disposable, type TreeView } from 'vscode';
import { throwIfAborted } from '../../base/abort';
import { compareSnapshots } from '../../jobs/compare/compareSnapshots';
import { compareWithServer } from '../../jobs/compare/compareWithServer';
import { openSource } from '../../jobs/connect/openSource';
import type { Difference } from '../../model/difference';
import { rootPath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import { grouped } from '../../report/figures';
import type { WorkspaceConfiguration } from '../workspaceConfiguration';
import type { Logins } from '../logins';
import { withProgress } from '../restore/withProgress';
import { Changes, liveServer, totalOf, type Comparison } from './changes';
import type { ChangeElement } from './changeRows';
import { ChangesTree } from './changesTree';
import { comparisonText, countsText } from './changeWords';

/** What a comparison works with. */
export interface ComparingParts {
  readonly configuration: WorkspaceConfiguration;
  readonly logins: Logins;
}

export class Comparing implements Disposable {
  readonly #parts: ComparingParts;
  readonly #tree = new ChangesTree();
  readonly #view: TreeView<ChangeElement>;
  #shown: Changes | undefined;
  #stop = new AbortController();

  constructor(parts: ComparingParts) {
    this.#parts = parts;
    this.#view = window.createTreeView('sauvegarde.changes', {
      treeDataProvider: this.#tree,
      canSelectMany: true,
      showCollapseAll: true,
    });
  }

  get shown(): Changes | undefined {
    return this.#shown;
  }

  get selection(): readonly ChangeElement[] {
    return this.#view.selection;
  }

  /** Finds out what differs, and shows it. An older result stays until then. */
  async compare(comparison: Comparison): Promise<void> {
    const changes = new Changes(comparison);
    const title = l10n.t('Comparing {0}', `${comparison.server}: ${comparisonText(comparison)}`);
    const words = (): string => l10n.t('{0} differences', grouped(totalOf(changes.root.counts)));
    // Only what was asked for last is wanted.
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal: replaced } = this.#stop;
    await withProgress(title, words, (signal) =>
      this.#find(changes, AbortSignal.any([signal, replaced])),
    );
    if (totalOf(changes.root.counts) === 0) {
      await this.close();
      const compared = `${comparison.server}, ${comparisonText(comparison)}`;
      void window.showInformationMessage(l10n.t('{0}: no difference.', compared));
      return;
    }
    await this.#show(changes);
    await commands.executeCommand('sauvegarde.changes.focus');
  }

  async close(): Promise<void> {
    await this.#show(undefined);
  }

  dispose(): void {
    this.#stop.abort();
    this.#view.dispose();
    this.#tree.dispose();
  }

  async #find(changes: Changes, signal: AbortSignal): Promise<void> {
    const { configuration, logins } = this.#parts;
    const { server: name, before, after } = changes.comparison;
    const store = configuration.storeOf(name);
    if (after !== liveServer) {
      await collect(changes, compareSnapshots(store, before, after, rootPath, signal), signal);
      return;
    }
    const server = configuration.own(name);
    await logins.during(true, async (environment) => {
      await using source = await openSource(server, environment, signal);
      const entries = store.entries(before);
      const found = compareWithServer(source, Selection.of(server), entries, signal);
      await collect(changes, found, signal);
    });
  }

  async #show(changes: Changes | undefined): Promise<void> {
    this.#shown = changes;
    if (changes) {
      const { comparison, root } = changes;
      this.#view.description = `${comparison.server}, ${countsText(root.counts)}`;
      this.#view.message = comparisonText(comparison);
    }
    this.#tree.show(changes);
    await commands.executeCommand('setContext', 'sauvegarde.changes', changes !== undefined);
  }
}

async function collect(
  changes: Changes,
  differences: AsyncIterable<Difference>,
  signal: AbortSignal,
): Promise<void> {
  for await (const difference of differences) {
    throwIfAborted(signal);
    changes.add(difference);
  }
}
