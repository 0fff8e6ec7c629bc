import { readReport } from '../jobs/history/runHistory';
import type { PathChange } from '../jobs/history/pathChanges';
import type { Keep } from '../model/retention/retention';
import type { SnapshotId } from '../model/snapshotId';
import type { SnapshotSummary, Store } from '../store/store';
import type { SnapshotStandings, Standing } from './snapshotStandings';

/** What a row says of a snapshot, as it was read from the disk. */
export interface SnapshotFacts {
  readonly summary: SnapshotSummary;
  /** Against the snapshot before it; undefined: not known. */
  readonly changes: Changes | undefined;
  readonly standing: Standing;
  /** Whether its day has no other. */
  readonly isOnlyOfItsDay: boolean;
  /** The rule that its tooltip goes by. */
  readonly keep: Keep | undefined;
  /** What became of the path that the view is narrowed to. */
  readonly ofPath: PathChange | undefined;
}

export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** What stands on the disk of one snapshot. */
export async function readFacts(
  standings: SnapshotStandings,
  server: string,
  store: Store,
  id: SnapshotId,
): Promise<Pick<SnapshotFacts, 'summary' | 'changes' | 'standing'>> {
  const summary = await store.summary(id);
  const { changes } = (await readReport(store, id)) ?? {};
  return { summary, changes, standing: await standings.of(server, store, summary) };
}
