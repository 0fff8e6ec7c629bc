import { isSnapshotId, type SnapshotId } from '../../model/snapshotId';
import type { RunReport } from '../../report/runReport';
import type { Store } from '../../store/store';

/** A report is at most so long: a thousand named changes of each kind, and what was skipped. */
const longestReport = 64 * 1024 * 1024;

/** The ids of all runs, failed ones too, newest first. */
export async function runIds(store: Store): Promise<SnapshotId[]> {
  const names = await store.disk.namesIn(store.layout.runs);
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter(isSnapshotId)
    .sort()
    .reverse();
}

/** The report of a run, or undefined if it is missing or cannot be read. */
export async function readReport(store: Store, id: SnapshotId): Promise<RunReport | undefined> {
  const report = await readJson(store, store.layout.runReport(id));
  return isReport(report) ? report : undefined;
}

/** What a report of ours holds, or undefined if it is missing, too long or damaged. */
export async function readJson({ disk }: Store, file: string): Promise<unknown> {
  if ((disk.stat(file)?.size ?? Infinity) > longestReport) return undefined;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of disk.readFile(file)) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What the last runs say of a server. */
export interface RunSummary {
  readonly last: RunReport | undefined;
  /** When the newest snapshot was finished, complete or not, in milliseconds since 1970. */
  readonly lastGood: number | undefined;
}

/** @param most so many runs are looked at for a good one */
export async function summarizeRuns(store: Store, most = 100): Promise<RunSummary> {
  let last: RunReport | undefined;
  for (const id of (await runIds(store)).slice(0, most)) {
    const report = await readReport(store, id);
    if (!report) continue;
    last ??= report;
    if (report.status !== 'failed') return { last, lastGood: Date.parse(report.finished) };
  }
  return { last, lastGood: undefined };
}

const texts = ['server', 'endpoint', 'started', 'finished'] as const;
const counts = [
  'seconds',
  'files',
  'bytes',
  'fetchedFiles',
  'fetchedBytes',
  'linkedFiles',
] as const;
const statuses: readonly unknown[] = ['complete', 'incomplete', 'failed'];

/** A workspace may come from a stranger: what is shown must at least be what it is taken for. */
export function isReport(value: unknown): value is RunReport {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    texts.every((name) => typeof fields[name] === 'string') &&
    counts.every((name) => typeof fields[name] === 'number') &&
    statuses.includes(fields['status']) &&
    typeof fields['snapshot'] === 'string' &&
    ['string', 'undefined'].includes(typeof fields['note']) &&
    isSnapshotId(fields['snapshot']) &&
    Array.isArray(fields['skipped']) &&
    Array.isArray(fields['warnings'])
  );
}
