import type { SnapshotId } from '../snapshotId';

/** What the overview needs to know of one run. */
export interface RunFigures {
  /** The id of the run, and of its snapshot if it made one. */
  readonly id: SnapshotId;
  /** `cancelled`: somebody wanted it so, or another run was under way: nothing went wrong. */
  readonly status: 'complete' | 'incomplete' | 'failed' | 'cancelled';
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly finished: number;
  /** Of the snapshot; 0 if there is none. */
  readonly files: number;
  readonly bytes: number;
  /** What came from the server anew. */
  readonly fetchedFiles: number;
  readonly fetchedBytes: number;
  /** How many entries could not be read. */
  readonly skipped: number;
  /** Compared with the snapshot before; absent: there was none, or it is not known. */
  readonly changes?: ChangeCounts;
  /** Why it failed. */
  readonly error?: string;
}

export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Whether there is a snapshot of it, or was one. */
export function hasSnapshot({ status }: RunFigures): boolean {
  return status === 'complete' || status === 'incomplete';
}

export function countOf({ added, changed, removed }: ChangeCounts): number {
  return added + changed + removed;
}

const longestError = 300;

/** The part of a message that a row has room for. */
export function shortened(message: string): string {
  return message.length <= longestError ? message : `${message.slice(0, longestError)}…`;
}

const counted = [
  'started',
  'finished',
  'files',
  'bytes',
  'fetchedFiles',
  'fetchedBytes',
  'skipped',
] as const;
const statuses: readonly unknown[] = ['complete', 'incomplete', 'failed', 'cancelled'];

/** Whether a value that was read from somewhere is what it is taken for, in all that is counted with. */
export function isRunFigures(value: unknown): value is RunFigures {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const { id, status, changes, error } = fields;
  return (
    typeof id === 'string' &&
    statuses.includes(status) &&
    counted.every((name) => isCount(fields[name])) &&
    (changes === undefined || isChangeCounts(changes)) &&
    (error === undefined || (typeof error === 'string' && error.length <= longestError + 1))
  );
}

export function isChangeCounts(value: unknown): value is ChangeCounts {
  if (typeof value !== 'object' || value === null) return false;
  const { added, changed, removed } = value as Record<string, unknown>;
  return isCount(added) && isCount(changed) && isCount(removed);
}

/** Also of milliseconds since 1970: nothing here is older. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
