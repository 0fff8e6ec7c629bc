import path from 'node:path';
import { ConfigurationTarget, l10n, window, workspace, type Memento } from 'vscode';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import type { ConfigurationFile } from './configurationFile';
import type { Notices } from './notices';
import type { Runs } from './runs';

const asked = 'offeredSettings';

/** Settings that go well with a folder full of backups, as `section.name`. */
const settings = ['files.readonlyInclude', 'files.watcherExclude', 'search.exclude'] as const;

/**
 * Offers, once for each workspace folder, to make the backups read-only in the editor and to leave them out
 * of watching and searching: VS Code saves in place, and a hard link would carry the edit into every
 * snapshot.
 */
export class SettingsOffer {
  readonly #configuration: WorkspaceConfiguration;
  readonly #memory: Memento;
  readonly #notices: Notices;
  readonly #runs: Runs;
  readonly #made = new Set<string>();

  constructor(
    configuration: WorkspaceConfiguration,
    runs: Runs,
    memory: Memento,
    notices: Notices,
  ) {
    this.#runs = runs;
    this.#configuration = configuration;
    this.#memory = memory;
    this.#notices = notices;
  }

  /** When nothing else is to be answered. Folders that wait for it are asked about in one go. */
  async make(): Promise<void> {
    // It would be written into the workspace.
    if (!workspace.isTrusted) return;
    const places = this.#configuration.files.flatMap((file) => this.#unasked(file) ?? []);
    if (places.length === 0) return;
    for (const { key } of places) this.#made.add(key);
    const open = places.filter((place) => !settings.every((setting) => has(setting, place)));
    for (const place of places) if (!open.includes(place)) await this.#remember(place);
    if (open.length === 0) return;
    const yes = l10n.t('Set');
    const no = l10n.t('Do Not Ask Again');
    const picked = await this.#notices.whenQuiet(() => {
      for (const place of open) void this.#remember(place);
      return window.showInformationMessage(this.#question(open), yes, no);
    });
    if (picked !== yes) return;
    for (const place of open) for (const setting of settings) await add(setting, place);
  }

  #question(places: readonly Place[]): string {
    if (!this.#configuration.hasSeveral) {
      return l10n.t(
        'Make the backups read-only in the editor, and leave them out of search and file watching?',
      );
    }
    const names = places.map(({ file }) => this.#configuration.labelOf(file)).join(', ');
    return l10n.t(
      'Make the backups of {0} read-only in the editor, and leave them out of search and file watching?',
      names,
    );
  }

  async #remember({ key }: Place): Promise<void> {
    await this.#memory.update(key, true);
  }

  /** A folder with backups in it that was not asked about yet. What lies elsewhere is not opened by mistake. */
  #unasked(file: ConfigurationFile): Place | undefined {
    const { folder, state } = file;
    const { hasSeveral } = this.#configuration;
    const key = `${asked} ${file.folderUri.toString()}`;
    if (state.kind !== 'ready' || this.#made.has(key)) return undefined;
    if (this.#memory.get(key) === true || !this.#hasBackups(file)) return undefined;
    const { destination, confinedTo } = state.configuration;
    if (confinedTo === undefined) return undefined;
    const pattern = `${path.relative(folder, destination).split(path.sep).join('/')}/**`;
    return { file, key, pattern, hasSeveral };
  }

  /** Of several folders, those that were never backed up have time. */
  #hasBackups(file: ConfigurationFile): boolean {
    if (!this.#configuration.hasSeveral) return true;
    return this.#configuration.serversOf(file).some(({ name }) => this.#runs.stateOf(name)?.last);
  }
}

/** The backups of a folder, and where the settings for them are written: into the folder's own file. */
interface Place {
  readonly file: ConfigurationFile;
  /** Under which it is remembered. */
  readonly key: string;
  readonly pattern: string;
  readonly hasSeveral: boolean;
}

type Setting = (typeof settings)[number];

function valueOf(setting: Setting, { file, hasSeveral }: Place): Record<string, unknown> {
  const found = workspace
    .getConfiguration(undefined, file.folderUri)
    .inspect<Record<string, unknown>>(setting);
  return (hasSeveral ? found?.workspaceFolderValue : found?.workspaceValue) ?? {};
}

function has(setting: Setting, place: Place): boolean {
  return valueOf(setting, place)[place.pattern] === true;
}

async function add(setting: Setting, place: Place): Promise<void> {
  const { file, hasSeveral, pattern } = place;
  const { Workspace, WorkspaceFolder } = ConfigurationTarget;
  const value = { ...valueOf(setting, place), [pattern]: true };
  await workspace
    .getConfiguration(undefined, file.folderUri)
    .update(setting, value, hasSeveral ? WorkspaceFolder : Workspace);
}
