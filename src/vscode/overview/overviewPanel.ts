/** The overview in VS Code: one page of all servers, made anew when it is asked for and when it comes to the front after a run. */
import { env, l10n, ProgressLocation, ViewColumn, window, workspace } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import { systemClock } from '../../base/clock';
import { overviewOf } from '../../jobs/overview/overviewOf';
import type { Overview } from '../../model/overview/overview';
import { command } from '../commandIds';
import type { WorkspaceConfiguration } from '../workspaceConfiguration';
import type { Runs } from '../runs';
import { commandLinks, targetOf, type OverviewTarget } from './overviewLinks';

export class OverviewPanel implements Disposable {
  readonly #configuration: WorkspaceConfiguration;
  readonly #runs: Runs;
  readonly #subscription: Disposable;
  #panel: WebviewPanel | undefined;
  /** What the page shows; its links name servers by their place in it. */
  #shown: Overview | undefined;
  #making: AbortController | undefined;
  /** Whether a run has ended since. */
  #isOld = false;

  constructor(configuration: WorkspaceConfiguration, runs: Runs) {
    this.#configuration = configuration;
    this.#runs = runs;
    this.#subscription = runs.onDidChange(() => (this.#isOld = true));
  }

  /** Opens it, or brings it to the front, as things are now. Throws `configuration` if there is none. */
  async show(): Promise<void> {
    this.#configuration.require();
    const panel = this.#panel ?? this.#open();
    panel.reveal(undefined, false);
    await this.#make(panel);
  }

  /** Where a link of the page leads; undefined if it is none of its links. */
  targetOf(link: unknown): OverviewTarget | undefined {
    return targetOf(link, this.#shown?.servers ?? []);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#panel?.dispose();
  }

  #open(): WebviewPanel {
    const title = l10n.t('Overview of the backups');
    const panel = window.createWebviewPanel('sauvegarde.overview', title, ViewColumn.Active, {
      enableCommandUris: [command.follow, command.showOverview],
      enableFindWidget: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      this.#making?.abort();
      this.#panel = this.#shown = undefined;
    });
    // Whoever looks at it is not to lose what is unfolded: it is made anew only when it was away.
    panel.onDidChangeViewState(() => {
      if (panel.visible && this.#isOld) void this.#make(panel).catch(() => undefined);
    });
    this.#panel = panel;
    return panel;
  }

  async #make(panel: WebviewPanel): Promise<void> {
    this.#making?.abort();
    const making = new AbortController();
    this.#making = making;
    this.#isOld = false;
    const title = l10n.t('Looking at the backups');
    const options = { location: ProgressLocation.Window, title };
    await window.withProgress(options, async (progress) => {
      const { overview, html } = await this.#page(making.signal, (message) =>
        progress.report({ message }),
      );
      if (making.signal.aborted) return;
      this.#shown = overview;
      panel.webview.html = html;
    });
  }

  /** Writes nothing where the workspace is not trusted. */
  async #page(
    signal: AbortSignal,
    tell: (message: string) => void,
  ): Promise<{ readonly overview: Overview; readonly html: string }> {
    const servers = this.#configuration.require();
    const overview = await overviewOf({
      servers,
      storeOf: ({ name }) => this.#runs.storeOf(name),
      ...{ clock: systemClock, signal, mayWrite: workspace.isTrusted },
      onProgress: (done) => tell(`${done}/${servers.length}`),
    });
    // Loaded here: most windows never show it.
    const { overviewPage } = await import('../../report/overview/overviewPage');
    const links = commandLinks(overview.servers);
    const html = await overviewPage(overview, { l10n, language: env.language, links });
    return { overview, html };
  }
}
