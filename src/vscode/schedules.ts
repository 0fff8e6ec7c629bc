import { workspace, type Disposable } from 'vscode';
import type { ConfigurationFile } from './configurationFile';
import { FolderSchedules, type ScheduleParts } from './folderSchedules';

/**
 * Runs the schedules of all folders while this window is open, each folder by itself: of a folder that
 * is taken out of the workspace, the runs by schedule end.
 */
export class Schedules implements Disposable {
  readonly #parts: ScheduleParts;
  readonly #folders = new Map<ConfigurationFile, FolderSchedules>();
  readonly #subscriptions: Disposable[];
  #isStarted = false;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    this.#subscriptions = [
      parts.configuration.onDidChange(() => this.#take()),
      workspace.onDidGrantWorkspaceTrust(() => this.#take()),
    ];
  }

  /** Begins to look; as long as the workspace is not trusted, there is nothing to do. */
  start(): void {
    this.#isStarted = true;
    this.#take();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const folder of this.#folders.values()) folder.dispose();
  }

  #take(): void {
    if (!this.#isStarted) return;
    const files = new Set(this.#parts.configuration.files);
    for (const [file, folder] of this.#folders) {
      if (files.has(file)) {
        folder.wake();
        continue;
      }
      folder.dispose();
      this.#folders.delete(file);
    }
    for (const file of files) {
      if (!this.#folders.has(file)) this.#folders.set(file, new FolderSchedules(file, this.#parts));
    }
  }
}
