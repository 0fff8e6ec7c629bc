import path from 'node:path';
import { ConfigurationTarget, l10n, window, workspace, type Memento } from 'vscode';
import type { ConfigurationFile } from './configurationFile';
import type { Notices } from './notices';

const asked = 'offeredSettings';

/** Settings that go well with a folder full of backups, as `section.name`. */
const settings = ['files.readonlyInclude', 'files.watcherExclude', 'search.exclude'] as const;

/**
 * Offers, once for each workspace, to make the backups read-only in the editor and to leave them out
 * of watching and searching: VS Code saves in place, and a hard link would carry the edit into every
 * snapshot.
 */
export class SettingsOffer {
  readonly #configuration: ConfigurationFile;
  readonly #memory: Memento;
  readonly #notices: Notices;
  #isMade = false;

  constructor(configuration: ConfigurationFile, memory: Memento, notices: Notices) {
    this.#configuration = configuration;
    this.#memory = memory;
    this.#notices = notices;
  }

  /** When nothing else is to be answered. */
  async make(): Promise<void> {
    // It would be written into the workspace.
    if (!workspace.isTrusted) return;
    const pattern = this.#pattern();
    if (pattern === undefined || this.#isMade || this.#memory.get(asked) === true) return;
    this.#isMade = true;
    if (settings.every((setting) => has(setting, pattern))) {
      await this.#memory.update(asked, true);
      return;
    }
    const yes = l10n.t('Set');
    const no = l10n.t('Do Not Ask Again');
    const text = l10n.t(
      'Make the backups read-only in the editor, and leave them out of search and file watching?',
    );
    const picked = await this.#notices.whenQuiet(() => {
      void this.#memory.update(asked, true);
      return window.showInformationMessage(text, yes, no);
    });
    if (picked !== yes) return;
    for (const setting of settings) await add(setting, pattern);
  }

  /** The folder of the backups. What lies elsewhere is neither searched nor watched, and not opened by mistake. */
  #pattern(): string | undefined {
    const { folder, state } = this.#configuration;
    if (folder === undefined || state.kind !== 'ready') return undefined;
    const { destination, confinedTo } = state.configuration;
    if (confinedTo === undefined) return undefined;
    return `${path.relative(folder, destination).split(path.sep).join('/')}/**`;
  }
}

type Setting = (typeof settings)[number];

function valueOf(setting: Setting): Record<string, unknown> {
  return (
    workspace.getConfiguration().inspect<Record<string, unknown>>(setting)?.workspaceValue ?? {}
  );
}

function has(setting: Setting, pattern: string): boolean {
  return valueOf(setting)[pattern] === true;
}

async function add(setting: Setting, pattern: string): Promise<void> {
  const value = { ...valueOf(setting), [pattern]: true };
  await workspace.getConfiguration().update(setting, value, ConfigurationTarget.Workspace);
}
