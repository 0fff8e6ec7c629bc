import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import { writeWhole } from './description';
import type { Disk } from './disk';
import type { Layout } from './layout';

/** What is known of one off-site copy of a server: `.sauvegarde/copies/<name>.json`. Times are ISO 8601 in UTC. */
export interface CopyState {
  /** The newest snapshot that is in the repository, and when it came there. */
  readonly copied?: { readonly snapshot: SnapshotId; readonly time: string };
  /** Why the last attempt failed; absent: it did not. */
  readonly failed?: { readonly kind: string; readonly message: string; readonly time: string };
  /** The last rehearsal that proved what it brought back. */
  readonly proven?: {
    readonly snapshot: SnapshotId;
    readonly time: string;
    readonly files: number;
    readonly bytes: number;
  };
  /**
   * A rehearsal or a check found something wrong: nothing that the repository has is believed without being
   * read, until all of it was checked again and was right.
   */
  readonly doubtful?: { readonly message: string; readonly time: string };
  /** The last rehearsal of any outcome. */
  readonly rehearsed?: string;
  /** The part of the repository that was last read again, of so many; and how many in a row were right. */
  readonly checked?: CheckedState;
}

export interface CheckedState {
  readonly part: number;
  readonly of: number;
  readonly time: string;
  readonly right: number;
}

/** A longer one is none of ours. */
const longest = 64 * 1024;

/** Nothing is known if it cannot be understood: then more is done than needed. */
export function readCopyState(disk: Disk, layout: Layout, copy: string): CopyState {
  const place = layout.copyState(copy);
  if (disk.stat(place)?.type !== 'file') return {};
  try {
    const value: unknown = JSON.parse(disk.readWhole(place, longest)?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null ? known(value as Raw) : {};
  } catch {
    return {};
  }
}

/** Replaces the named facts; `undefined` takes one back. */
export async function changeCopyState(
  disk: Disk,
  layout: Layout,
  copy: string,
  changes: { readonly [K in keyof CopyState]: CopyState[K] | undefined },
): Promise<void> {
  disk.makeFolder(layout.copies);
  const state = { ...readCopyState(disk, layout, copy), ...changes };
  await writeWhole(disk, layout.copyState(copy), `${JSON.stringify(state)}\n`);
}

type Raw = Readonly<Record<string, Readonly<Record<string, unknown>> | string | undefined>>;

/** Of each fact, only one that is whole. */
function known(raw: Raw): CopyState {
  const forms = {
    copied: { snapshot: isId, time: isTime },
    failed: { kind: isText, message: isText, time: isTime },
    proven: { snapshot: isId, time: isTime, files: isCount, bytes: isCount },
    doubtful: { message: isText, time: isTime },
    checked: { part: isCount, of: isCount, time: isTime, right: isCount },
  };
  const facts = Object.entries(forms).filter(([name, form]) => {
    const value = raw[name];
    if (typeof value !== 'object') return false;
    return Object.entries(form).every(([field, check]) => check(value[field]));
  });
  return {
    ...Object.fromEntries(facts.map(([name]) => [name, raw[name]])),
    ...(isTime(raw['rehearsed']) && { rehearsed: raw['rehearsed'] }),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isId = (value: unknown): boolean => isText(value) && isSnapshotId(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): value is string =>
  isText(value) && !Number.isNaN(Date.parse(value));
