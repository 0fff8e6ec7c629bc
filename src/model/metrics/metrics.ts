/** How the servers of a workspace folder stand, in figures for a program that watches many of them. */
import type { Protocol } from '../configuration/server';
import type { CopyOverview } from '../overview/overview';
import type { RunFigures } from '../overview/runFigures';

/** All moments are milliseconds since 1970, all amounts bytes. */
export interface Metrics {
  /** When they were taken. */
  readonly taken: number;
  /** The version of this program. */
  readonly version: string;
  /** Of the disk that the stores are on; absent: there are none yet. */
  readonly space?: { readonly free: number; readonly total: number };
  readonly servers: readonly ServerMetrics[];
}

export interface ServerMetrics {
  readonly name: string;
  readonly protocol: Protocol;
  /** When its schedule comes next; absent: by hand only. */
  readonly nextDue?: number;
  /** Absent: the store cannot be read. */
  readonly store?: StoreMetrics;
}

export interface StoreMetrics {
  readonly isOverdue: boolean;
  /** The last run that came to an end by itself; absent: there was none. */
  readonly last?: RunFigures;
  /** When the last complete snapshot was finished. */
  readonly lastSuccess?: number;
  /** When the newest snapshot was finished, complete or not. */
  readonly lastGood?: number;
  /** The newest snapshot that is there. */
  readonly newest?: RunFigures;
  readonly snapshots: number;
  /** What they hold at least, with what they share counted once. */
  readonly bytes: number;
  /** Since when all of a snapshot is proven, of the newest one of which that is so. */
  readonly provenSince?: number;
  /** Entries that are known to be damaged. */
  readonly damaged: number;
  /** Snapshots that the guard does not believe, and nobody has accepted. */
  readonly suspicious: number;
  /** Its off-site copies. */
  readonly copies: readonly CopyOverview[];
}
