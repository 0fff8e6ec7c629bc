import {
  commands,
  TreeItemCheckboxState,
  window,
  workspace,
  type Disposable,
  type ExtensionContext,
  type TreeCheckboxChangeEvent,
} from 'vscode';
import { systemClock } from '../base/clock';
import { ApprovedCommands } from '../jobs/backUp/approvedCommands';
import { ChangeDecorations } from './changes/changeDecorations';
import { compareRun } from './changes/commands';
import { Comparing } from './changes/comparing';
import { RunChanges, runChangesEditor } from './changes/runChanges';
import { guarded, registerCommands } from './commands';
import { setIncluded } from './commands/selection';
import { Documents } from './documents';
import { scheme } from './documentUri';
import { InclusionDecorations } from './inclusionDecorations';
import { Logins } from './logins';
import type { ServersNode } from './nodes';
import { Notices } from './notices';
import { OverviewPanel } from './overview/overviewPanel';
import type { Parts } from './parts';
import { PaleRows } from './paleRows';
import { PassingTime } from './passingTime';
import { PathFilter } from './pathFilter';
import { DamageProblems } from './proof/damageProblems';
import { takeVerified } from './proof/takeVerified';
import { Proving } from './proof/proving';
import { RemoteServers } from './remoteServers';
import { Restoring } from './restore/restoring';
import { RetentionView } from './retention/retentionView';
import { SuspicionQuestions } from './retention/suspicions';
import { Runs } from './runs';
import { Secrets } from './secrets';
import { Schedules } from './schedules';
import { SettingsOffer } from './settingsOffer';
import { isInTrouble, ServerOrder } from './serverOrder';
import { ServersTree } from './serversTree';
import { SnapshotReading } from './snapshotReading';
import { Snapshots } from './snapshots';
import { SnapshotStandings } from './snapshotStandings';
import { SnapshotsTree } from './snapshotsTree';
import { StatusBar } from './statusBar';
import { mailAccountOf } from './untold';
import { WorkspaceConfiguration } from './workspaceConfiguration';

const lookEvery = 60_000;

/** All parts of the extension, connected with each other. */
export class Extension implements Disposable {
  readonly #parts: Parts;
  readonly #settingsOffer: SettingsOffer;
  readonly #disposables: Disposable[] = [];

  constructor(context: ExtensionContext) {
    const log = window.createOutputChannel('Sauvegarde', { log: true });
    const configuration = new WorkspaceConfiguration();
    const secrets = new Secrets(context.secrets);
    const logins = new Logins(log, secrets);
    const remote = new RemoteServers(configuration, logins);
    const approved = new ApprovedCommands(context.globalState);
    const runs = new Runs(configuration, logins, approved);
    const schedules = new Schedules({ configuration, runs, logins, log });
    const snapshots = new Snapshots((server) => configuration.storeOf(server));
    const order = new ServerOrder(context.workspaceState, runs);
    const serversTree = new ServersTree(configuration, remote, runs, order);
    const proving = new Proving();
    const standings = new SnapshotStandings(proving, runs);
    const filter = new PathFilter();
    const notices = new Notices(systemClock);
    this.#settingsOffer = new SettingsOffer(configuration, runs, context.workspaceState, notices);
    const reading = new SnapshotReading({ configuration, snapshots, standings, runs, filter });
    const snapshotsTree = new SnapshotsTree(configuration, snapshots, reading);
    const { serversView, snapshotsView } = viewsOf(serversTree, snapshotsTree);
    const retention = new RetentionView();
    const restoring = new Restoring({ log, configuration, logins, serversTree, snapshotsTree });
    const comparing = new Comparing({ configuration, logins });
    const overview = new OverviewPanel(configuration, runs);
    const documents = new Documents(configuration, remote, snapshots);
    this.#parts = {
      ...{ log, configuration, secrets, logins, remote, snapshots, runs, schedules },
      ...{ restoring, comparing, proving, retention, filter, order, notices, overview },
      ...{ serversTree, snapshotsTree, serversView, snapshotsView },
    };
    this.#disposables.push(
      ...[log, configuration, remote, runs, schedules, serversTree, snapshotsTree, documents],
      ...[
        serversView,
        snapshotsView,
        restoring,
        comparing,
        proving,
        retention,
        filter,
        order,
        notices,
        overview,
      ],
      new DamageProblems(configuration, runs, proving),
      new SuspicionQuestions(this.#parts, (action) => guarded(this.#parts, action)),
      new StatusBar(configuration, runs),
      window.registerFileDecorationProvider(this.#own(new InclusionDecorations(configuration))),
      window.registerFileDecorationProvider(new ChangeDecorations()),
      window.registerFileDecorationProvider(new PaleRows()),
      window.registerCustomEditorProvider(runChangesEditor, this.#runChanges()),
      workspace.registerFileSystemProvider(scheme, documents, {
        isCaseSensitive: true,
        isReadonly: true,
      }),
      ...registerCommands(this.#parts),
    );
  }

  /** Reads the configuration, and shows what it and the disk say. Nothing is connected to. */
  async start(): Promise<void> {
    const { configuration, runs, serversView, serversTree, filter, order } = this.#parts;
    this.#disposables.push(
      this.#passingTime(),
      filter.onDidChange(() => this.#showFilter()),
      order.onDidChange(() => serversTree.redraw()),
      configuration.onDidChange(() => void this.#takeConfiguration()),
      runs.onDidChange(() => void this.#showRuns()),
      runs.onDidVerify((run) => takeVerified(this.#parts.proving, run)),
      serversView.onDidChangeCheckboxState((event) => void this.#tick(event)),
      workspace.onDidGrantWorkspaceTrust(() => serversTree.refresh()),
    );
    // Other windows, and the command line, back up too; a watcher may miss a change of the file.
    const look = setInterval(() => void configuration.refresh().then(() => runs.look()), lookEvery);
    look.unref();
    this.#disposables.push({ dispose: () => clearInterval(look) });
    await order.tell();
    await configuration.start();
    this.#parts.schedules.start();
  }

  dispose(): void {
    for (const disposable of this.#disposables.reverse()) disposable.dispose();
  }

  #passingTime(): PassingTime {
    const { serversTree, snapshotsTree, serversView, snapshotsView } = this.#parts;
    return new PassingTime(systemClock, [serversView, snapshotsView], () => {
      serversTree.redraw();
      snapshotsTree.redraw();
    });
  }

  #showFilter(): void {
    const { filter, snapshotsTree, snapshotsView } = this.#parts;
    snapshotsView.message = filter.message;
    snapshotsTree.refresh();
  }

  #runChanges(): RunChanges {
    return new RunChanges((server, id) =>
      guarded(this.#parts, () => compareRun(this.#parts, server, id)),
    );
  }

  #own<T extends Disposable>(disposable: T): T {
    this.#disposables.push(disposable);
    return disposable;
  }

  async #takeConfiguration(): Promise<void> {
    const { configuration, runs, serversTree, filter } = this.#parts;
    const { servers, state } = configuration;
    const nothing = servers.length > 0 && servers.every(({ include }) => include.length === 0);
    await setContext('state', state);
    await setContext('hasServers', servers.length > 0);
    await setContext('nothingIncluded', nothing);
    const sendsMail = servers.some((server) => mailAccountOf(server) !== undefined);
    await setContext('sendsMail', sendsMail);
    const narrowedTo = filter.server;
    if (narrowedTo !== undefined && !servers.some(({ name }) => name === narrowedTo)) {
      await filter.showAll();
    }
    if (!(await runs.look())) serversTree.redraw();
  }

  async #showRuns(): Promise<void> {
    const { runs, serversTree, snapshotsTree, serversView, configuration } = this.#parts;
    const hasSnapshots = await runs.hasSnapshots();
    await setContext('running', runs.active.length > 0);
    // Said before the rows are drawn: the menu of a row must not be greyed out for a moment.
    await setContext('hasSnapshots', hasSnapshots);
    const states = configuration.servers.map(({ name }) => runs.stateOf(name));
    await setContext(
      'suspicious',
      states.some((state) => state?.suspicions),
    );
    serversTree.redraw();
    snapshotsTree.refresh();
    const troubles = this.#troubles();
    const tooltip = troubles.join(', ');
    serversView.badge = troubles.length > 0 ? { value: troubles.length, tooltip } : undefined;
    const isQuiet = runs.active.length === 0;
    if (isQuiet && hasSnapshots) await this.#settingsOffer.make();
  }

  /** Whom somebody has to look at: servers, and folders of which nothing is backed up beside others. */
  #troubles(): string[] {
    const { runs, configuration } = this.#parts;
    const folders = configuration.hasSeveral ? configuration.faulty : [];
    const servers = configuration.servers.filter(({ name }) => isInTrouble(runs.stateOf(name)));
    return [
      ...folders.map((file) => configuration.labelOf(file)),
      ...servers.map(({ name }) => name),
    ];
  }

  async #tick({ items }: TreeCheckboxChangeEvent<ServersNode>): Promise<void> {
    const changes = items.flatMap(([node, state]) =>
      node.kind === 'entry' ? [{ node, included: state === TreeItemCheckboxState.Checked }] : [],
    );
    await guarded(this.#parts, () => setIncluded(this.#parts, changes));
    // Also if it failed: the boxes are to show what is.
    const names = new Set(changes.map(({ node }) => node.server.name));
    for (const name of names) this.#parts.serversTree.redrawServer(name);
  }
}

function viewsOf(serversTree: ServersTree, snapshotsTree: SnapshotsTree) {
  const serversView = window.createTreeView('sauvegarde.servers', {
    treeDataProvider: serversTree,
    canSelectMany: true,
    manageCheckboxStateManually: true,
    showCollapseAll: true,
  });
  const snapshotsView = window.createTreeView('sauvegarde.snapshots', {
    treeDataProvider: snapshotsTree,
    canSelectMany: true,
    showCollapseAll: true,
  });
  return { serversView, snapshotsView };
}

async function setContext(key: string, value: unknown): Promise<void> {
  await commands.executeCommand('setContext', `sauvegarde.${key}`, value);
}
