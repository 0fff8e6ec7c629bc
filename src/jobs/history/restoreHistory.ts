import { isSnapshotId, type SnapshotId } from '../../model/snapshotId';
import type { RestoreReport } from '../../report/restoreReport';
import type { Store } from '../../store/store';
import { readJson } from './runHistory';

const texts = ['server', 'target', 'started', 'finished'] as const;
const counts = [
  ...['created', 'overwritten', 'same', 'deleted'],
  ...['bytes', 'failedCount', 'seconds'],
] as const;
const statuses: readonly unknown[] = ['complete', 'incomplete', 'failed'];

/** The report of a restore, or undefined if it is missing or cannot be read. */
export async function readRestoreReport(
  store: Store,
  id: SnapshotId,
): Promise<RestoreReport | undefined> {
  const report = await readJson(store, store.layout.restoreReport(id));
  return isRestoreReport(report) ? report : undefined;
}

/** A workspace may come from a stranger: what is shown must at least be what it is taken for. */
function isRestoreReport(value: unknown): value is RestoreReport {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const { safetySnapshot, snapshot } = fields;
  const isId = (id: unknown): boolean => typeof id === 'string' && isSnapshotId(id);
  return (
    texts.every((name) => typeof fields[name] === 'string') &&
    counts.every((name) => typeof fields[name] === 'number') &&
    statuses.includes(fields['status']) &&
    isId(snapshot) &&
    (safetySnapshot === null || isId(safetySnapshot)) &&
    Array.isArray(fields['failed']) &&
    Array.isArray(fields['warnings'])
  );
}
