import type { LogOutputChannel, TreeView } from 'vscode';
import type { Comparing } from './changes/comparing';
import type { Logins } from './logins';
import type { ServersNode, SnapshotsNode } from './nodes';
import type { Notices } from './notices';
import type { PathFilter } from './pathFilter';
import type { OverviewPanel } from './overview/overviewPanel';
import type { Proving } from './proof/proving';
import type { RemoteServers } from './remoteServers';
import type { Restoring } from './restore/restoring';
import type { RetentionView } from './retention/retentionView';
import type { Runs } from './runs';
import type { Secrets } from './secrets';
import type { Schedules } from './schedules';
import type { ServerOrder } from './serverOrder';
import type { ServersTree } from './serversTree';
import type { Snapshots } from './snapshots';
import type { SnapshotsTree } from './snapshotsTree';
import type { WorkspaceConfiguration } from './workspaceConfiguration';

/** What the commands work with. */
export interface Parts {
  readonly log: LogOutputChannel;
  readonly configuration: WorkspaceConfiguration;
  readonly secrets: Secrets;
  readonly logins: Logins;
  readonly remote: RemoteServers;
  readonly snapshots: Snapshots;
  readonly runs: Runs;
  readonly notices: Notices;
  readonly order: ServerOrder;
  readonly schedules: Schedules;
  readonly restoring: Restoring;
  readonly proving: Proving;
  readonly retention: RetentionView;
  readonly comparing: Comparing;
  readonly filter: PathFilter;
  readonly overview: OverviewPanel;
  readonly serversTree: ServersTree;
  readonly snapshotsTree: SnapshotsTree;
  readonly serversView: TreeView<ServersNode>;
  readonly snapshotsView: TreeView<SnapshotsNode>;
}
