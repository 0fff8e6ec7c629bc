import {
  EventEmitter,
  ThemeColor,
  type Disposable,
  type FileDecoration,
  type FileDecorationProvider,
  type Uri,
} from 'vscode';
import { Inclusion } from '../model/inclusion';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import { shownBy } from './documentUri';
import { inclusionWords } from './serversTree';

/** Letters beside what is in the backup, so that nothing rests on the check box or a colour alone. */
export class InclusionDecorations implements FileDecorationProvider, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #configuration: WorkspaceConfiguration;
  readonly #subscription: Disposable;

  constructor(configuration: WorkspaceConfiguration) {
    this.#configuration = configuration;
    this.#subscription = configuration.onDidChange(() => this.#changed.fire(undefined));
  }

  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const shown = shownBy(uri);
    if (shown?.kind !== 'server') return undefined;
    const server = this.#configuration.servers.find(({ name }) => name === shown.server);
    if (!server) return undefined;
    const inclusion = new Inclusion(server);
    // Of what lies inside or outside, folder and file agree; only on the way in a folder is partly in.
    const state = inclusion.stateOf(shown.path, 'directory');
    if (state === 'excluded') return undefined;
    return {
      badge: state === 'included' ? '●' : '◐',
      tooltip: inclusionWords(state),
      color: new ThemeColor('charts.green'),
    };
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
