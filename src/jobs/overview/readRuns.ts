import { isDeepStrictEqual } from 'node:util';
import { BackupError } from '../../base/errors';
import type { Turns } from '../../base/turns';
import type { ManifestTotals } from '../../model/manifest';
import {
  isChangeCounts,
  isCount,
  shortened,
  type ChangeCounts,
  type RunFigures,
} from '../../model/overview/runFigures';
import { snapshotTime, type SnapshotId } from '../../model/snapshotId';
import type { RunReport } from '../../report/runReport';
import { stampOf, type StampedRun } from '../../store/figuresFile';
import { readTotals } from '../../store/manifestFile';
import type { Store } from '../../store/store';
import { isReport } from '../history/runHistory';

/** Bytes. A longer report is passed over, as to understand it at once would hold up the editor. */
const longestReport = 2 * 1024 * 1024;

/** Of so many of the newest runs it is said what changed. For the others, the manifest says all, if it is there. */
const mostInDetail = 40;

export interface WantedRuns {
  /** Newest first. */
  readonly ids: readonly SnapshotId[];
  /** The snapshots that are there. */
  readonly kept: ReadonlySet<SnapshotId>;
  /** What is known of them from before. */
  readonly known: ReadonlyMap<SnapshotId, StampedRun>;
  /** The one that is read in any case: what stands at the top must be true whatever is known. */
  readonly newest: SnapshotId | undefined;
  readonly turns: Turns;
  /** Whether what is known is believed without a look at its manifest. */
  readonly isQuick: boolean;
}

/**
 * The figures of runs, from their reports and from the manifests: where both are there, the manifest is
 * believed. What is known already is taken if the manifest still looks as it did. Runs of which nothing can
 * be read are left out.
 */
export async function readRuns(
  store: Store,
  { ids, kept, known, newest, turns, isQuick }: WantedRuns,
): Promise<StampedRun[]> {
  const { disk, layout } = store;
  const found: StampedRun[] = [];
  for (const [place, id] of ids.entries()) {
    const before = known.get(id);
    if (before && isQuick && id !== newest) {
      found.push(before);
      continue;
    }
    const stamp = kept.has(id) ? stampOf(disk, layout, id) : '';
    if (before?.stamp === stamp && id !== newest) found.push(before);
    else {
      const run = figuresOf(store, id, stamp !== '', place < mostInDetail);
      if (run) found.push(sameOr(before, { run, stamp }));
    }
    if (turns.isOver) await turns.next();
  }
  return found;
}

/** What is known already, if nothing is new: then it need not be written again. */
function sameOr(before: StampedRun | undefined, now: StampedRun): StampedRun {
  return before && isDeepStrictEqual(before, now) ? before : now;
}

function figuresOf(
  store: Store,
  id: SnapshotId,
  isKept: boolean,
  isInDetail: boolean,
): RunFigures | undefined {
  // A name may have the form of an id and yet be no time.
  if (Number.isNaN(snapshotTime(id))) return undefined;
  const totals = isKept ? totalsOf(store, id) : undefined;
  const report = totals && !isInDetail ? undefined : shortReport(store, id);
  if (totals) return ofSnapshot(id, totals, report);
  return report && ofReport(id, report);
}

/** The report of a run, or undefined if it is missing, damaged or too long. */
export function shortReport({ disk, layout }: Store, id: SnapshotId): RunReport | undefined {
  try {
    const content = disk.readWhole(layout.runReport(id), longestReport);
    const report: unknown = content && JSON.parse(content.toString('utf8'));
    return isReport(report) ? report : undefined;
  } catch {
    return undefined;
  }
}

function totalsOf({ disk, layout }: Store, id: SnapshotId): ManifestTotals | undefined {
  try {
    return readTotals(disk, layout.manifest(id));
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'protocol') return undefined;
    throw error;
  }
}

function ofSnapshot(
  id: SnapshotId,
  totals: ManifestTotals,
  report: RunReport | undefined,
): RunFigures {
  return {
    id,
    status: totals.status,
    started: momentOf(report?.started, id),
    finished: momentOf(totals.finished, id),
    files: countOrNone(totals.files),
    bytes: countOrNone(totals.bytes),
    fetchedFiles: countOrNone(totals.fetchedFiles),
    fetchedBytes: countOrNone(totals.fetchedBytes),
    skipped: countOrNone(totals.skipped),
    ...changesOf(report),
  };
}

function ofReport(id: SnapshotId, report: RunReport): RunFigures {
  const { status, started, finished, error } = report;
  const isNoFailure = error?.kind === 'cancelled' || error?.kind === 'locked';
  const reason = typeof error?.message === 'string' ? shortened(error.message) : undefined;
  return {
    id,
    status: status === 'failed' && isNoFailure ? 'cancelled' : status,
    started: momentOf(started, id),
    finished: momentOf(finished, id),
    files: countOrNone(report.files),
    bytes: countOrNone(report.bytes),
    fetchedFiles: countOrNone(report.fetchedFiles),
    fetchedBytes: countOrNone(report.fetchedBytes),
    skipped: report.skipped.length,
    ...changesOf(report),
    ...(status === 'failed' && reason !== undefined && { error: reason }),
  };
}

function changesOf(report: RunReport | undefined): { changes?: ChangeCounts } {
  const changes: unknown = report?.changes;
  if (!isChangeCounts(changes)) return {};
  const { added, changed, removed } = changes;
  return { changes: { added, changed, removed } };
}

function momentOf(iso: string | undefined, id: SnapshotId): number {
  const moment = Date.parse(iso ?? '');
  return Number.isNaN(moment) || moment < 0 ? snapshotTime(id) : moment;
}

function countOrNone(value: unknown): number {
  return isCount(value) ? value : 0;
}
