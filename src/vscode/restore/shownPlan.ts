import type { LogOutputChannel } from 'vscode';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';
import type { Logins } from '../logins';
import type { ServersTree } from '../serversTree';
import type { SnapshotsTree } from '../snapshotsTree';
import type { WorkspaceConfiguration } from '../workspaceConfiguration';
import type { RestorePlan } from './plan';

/** What of which snapshot is to be restored. */
export interface Wanted {
  /** Whose snapshot it is. */
  readonly server: Server;
  readonly snapshot: SnapshotId;
  /** Empty: everything. */
  readonly paths: readonly RemotePath[];
}

/** A plan and what it is about. */
export interface ShownPlan {
  readonly plan: RestorePlan;
  readonly wanted: Wanted;
  readonly to: Destination;
}

/** What a restore works with. */
export interface RestoreParts {
  readonly log: LogOutputChannel;
  readonly configuration: WorkspaceConfiguration;
  readonly logins: Logins;
  readonly serversTree: ServersTree;
  readonly snapshotsTree: SnapshotsTree;
}

/** What is to be restored and where to, as the engine is given it. */
export function inTheirFolders(
  configuration: WorkspaceConfiguration,
  { server }: Wanted,
  to: Destination,
): { readonly server: Server; readonly store: Store; readonly to: Destination } {
  const goal = 'server' in to ? configuration.inFolder(to.server.name) : to;
  return { ...configuration.inFolder(server.name), to: goal };
}

/** The place that is written to, for people. */
export function labelOf(to: Destination): string {
  return 'folder' in to ? to.folder : endpointOf(to.server);
}
