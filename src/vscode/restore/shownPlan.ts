import type { LogOutputChannel } from 'vscode';
import type { Destination } from '../../jobs/restore/restoreOptions';
import { endpointOf } from '../../model/configuration/server';
import type { Logins } from '../logins';
import type { Runs } from '../runs';
import type { ServersTree } from '../serversTree';
import type { SnapshotsTree } from '../snapshotsTree';
import type { RestorePlan } from './plan';
import type { Wanted } from './wanted';

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
