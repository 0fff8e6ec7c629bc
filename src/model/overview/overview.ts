/** What the overview page shows, made of runs, snapshots, schedules and the clock. */
import type { Loss } from '../retention/suspicion';
import type { SnapshotId } from '../snapshotId';
import type { Day } from './calendar';
import type { FolderFigures } from './folderFigures';
import type { RunFigures } from './runFigures';

export interface Overview {
  /** When it was made, in milliseconds since 1970. */
  readonly made: number;
  /** When each day of the calendars begins, oldest first, and when the last one ends. */
  readonly days: readonly number[];
  /** Those in trouble first, then by name. */
  readonly servers: readonly ServerOverview[];
}

/** How an off-site copy of a server stands. Times are milliseconds since 1970. */
export interface CopyOverview {
  readonly name: string;
  /** When the newest snapshot came into the repository; absent: none did. */
  readonly copied?: number;
  /** When a part was last brought back and was right. */
  readonly proven?: number;
  /** What is wrong with it. */
  readonly trouble?: string;
}

export interface ServerOverview {
  readonly name: string;
  readonly standing: Standing;
  /** When the newest snapshot was finished, complete or not, in milliseconds since 1970. */
  readonly lastGood?: number;
  /** When its schedule next comes; absent: by hand only. */
  readonly nextDue?: number;
  /** The newest snapshot of which all was read and found right, and when. */
  readonly proven?: { readonly snapshot: SnapshotId; readonly since: number };
  /** Absent: none is configured. */
  readonly copies?: readonly CopyOverview[];
  /** The newest snapshot that is still there. */
  readonly newest?: RunFigures;
  readonly days: readonly Day[];
  /** At most one for each day of the calendar, and before it some of each month of a year; oldest first. */
  readonly sizes: readonly RunFigures[];
  /** The last ones that made a snapshot, oldest first. */
  readonly changes: readonly RunFigures[];
  /** Of the newest snapshot. */
  readonly folders?: FolderFigures;
  /** The runs of which the snapshot is still there. */
  readonly kept: ReadonlySet<SnapshotId>;
}

/** How a server stands, the worst that is known of it. */
export type Standing =
  | { readonly state: 'unreadable' | 'failed'; readonly reason: string }
  | { readonly state: 'overdue'; readonly due: number }
  | { readonly state: 'suspicious'; readonly loss: Loss }
  | { readonly state: 'damaged'; readonly entries: number }
  | { readonly state: 'incomplete' | 'never' | 'good' };

export type StandingState = Standing['state'];

/** Worst first. */
const order: readonly StandingState[] = [
  'unreadable',
  'failed',
  'overdue',
  'suspicious',
  'damaged',
  'incomplete',
  'never',
  'good',
];

export function worstFirst(servers: readonly ServerOverview[]): ServerOverview[] {
  const rank = ({ standing }: ServerOverview): number => order.indexOf(standing.state);
  return [...servers].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
