import type { LogOutputChannel } from 'vscode';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Logins } from '../logins';
import type { Runs } from '../runs';
import type { ServersTree } from '../serversTree';
import type { SnapshotsTree } from '../snapshotsTree';
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
  readonly logins: Logins;
  readonly runs: Runs;
  readonly serversTree: ServersTree;
  readonly snapshotsTree: SnapshotsTree;
}

/** The place that is written to, for people. */
export function labelOf(to: Destination): string {
  return 'folder' in to ? to.folder : endpointOf(to.server);
}
