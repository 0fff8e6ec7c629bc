import { commands, EventEmitter, l10n, type Disposable } from 'vscode';
import { PathHistory, type PathChange } from '../jobs/history/pathChanges';
import { absolute, type RemotePath } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import type { Store } from '../store/store';

interface Narrowed {
  readonly server: string;
  readonly history: PathHistory;
}

/** The path that the Snapshots view is narrowed to: then it shows only the snapshots in which that changed. */
export class PathFilter implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #narrowed: Narrowed | undefined;

  /** What the view says of itself; empty: all is shown. */
  get message(): string {
    if (!this.#narrowed) return '';
    const { server, history } = this.#narrowed;
    return l10n.t('Only snapshots of {0} in which {1} changed', server, absolute(history.path));
  }

  get server(): string | undefined {
    return this.#narrowed?.server;
  }

  concerns(server: string): boolean {
    return this.#narrowed === undefined || this.#narrowed.server === server;
  }

  /** What became of the path, by snapshot; undefined: all is shown. */
  async changes(): Promise<ReadonlyMap<SnapshotId, PathChange> | undefined> {
    return await this.#narrowed?.history.changes(new AbortController().signal);
  }

  /**
   * @param looked told how far it is
   * Throws `cancelled` when the signal aborts; then all stays as it is.
   */
  async narrow(
    to: { readonly server: string; readonly store: Store; readonly path: RemotePath },
    signal: AbortSignal,
    looked: (done: number, of: number) => void,
  ): Promise<number> {
    const history = new PathHistory(to.store, to.path);
    const found = await history.changes(signal, looked);
    await this.#set({ server: to.server, history });
    return found.size;
  }

  async showAll(): Promise<void> {
    await this.#set(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #set(narrowed: Narrowed | undefined): Promise<void> {
    this.#narrowed = narrowed;
    await commands.executeCommand('setContext', 'sauvegarde.narrowed', narrowed !== undefined);
    this.#changed.fire();
  }
}
