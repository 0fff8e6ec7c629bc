import type { Server } from '../../model/configuration/server';
import type { RunProgress } from '../../model/progress';
import type { SnapshotId } from '../../model/snapshotId';
import type { RestoreReport } from '../../report/restoreReport';
import type { Environment } from '../../sources/environment';
import type { Store } from '../../store/store';
import type { openTarget } from '../../targets/openTarget';
import type { Choosing } from './choice';
import type { Overwrite } from './decide';
import type { PlannedAction } from './plannedAction';
import type { PlanCounts } from './planning';

/** Where a restore goes: a folder of this computer, or a configured server and its store. */
export type Destination =
  { readonly folder: string } | { readonly server: Server; readonly store: Store };

export interface PlanOptions {
  /** Whose snapshot it is. */
  readonly server: Server;
  readonly store: Store;
  readonly snapshot: SnapshotId;
  /** As people write them: files, folders, patterns (none: everything). Or what they have ticked. */
  readonly paths: readonly string[] | Choosing;
  readonly to: Destination;
  /** Default: `changed`. */
  readonly overwrite?: Overwrite;
  /** Whether what the snapshot does not have is deleted, in the folders that were chosen. */
  readonly delete?: boolean;
  /** Its credentials are those of the server that is written to. */
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly progress?: RunProgress;
  /** Called with each entry that is planned, in folder order. Must not throw. */
  readonly onPlanned?: (action: PlannedAction) => void;
  /** How a server is opened to be written to; tests bring their own. */
  readonly open?: typeof openTarget;
}

export interface RestoreOptions extends PlanOptions {
  /** Whether all that was written is read back. */
  readonly verify?: boolean;
  /** Asked once the plan is known, before anything is written. */
  readonly confirm: (counts: PlanCounts) => Promise<boolean>;
  /** Called with the report of the restore, also of one that failed, when it has been written. Must not throw. */
  readonly onReport?: (report: RestoreReport) => void;
}
