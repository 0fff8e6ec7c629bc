import {
  differenceKinds,
  noDifferences,
  type Described,
  type Difference,
  type DifferenceCounts,
  type DifferenceKind,
} from '../../model/difference';
import type { EntryType } from '../../model/entry';
import { parentOf, rootPath, type RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';

/** So many differences are kept to be shown; those beyond them are counted only. */
const mostShown = 200_000;

/** Stands for the live server where a snapshot is compared with it. */
export const liveServer = 'server';

/** What is compared with what. */
export interface Comparison {
  readonly server: string;
  readonly before: SnapshotId;
  /** Another snapshot, or `liveServer`. */
  readonly after: SnapshotId;
}

/** What is shown of an entry on one side. */
export interface ChangeSide {
  readonly type: EntryType;
  /** Bytes. Absent: unknown, or no file. */
  readonly size?: number;
  readonly target?: string;
  /** Whether its content can be opened. */
  readonly isKept: boolean;
}

/** A difference, without what only the engine needs. */
export interface ChangeRow {
  readonly kind: DifferenceKind;
  readonly before?: ChangeSide;
  readonly after?: ChangeSide;
  /** Where a moved file was before. */
  readonly from?: RemotePath;
  /** Why it is unknown. */
  readonly message?: string;
}

/** A row of the view: an entry that differs, or a folder on the way to one. */
export class ChangeNode {
  readonly kind = 'change';
  readonly comparison: Comparison;
  readonly path: RemotePath;
  /** In the order in which they were found: folder order. */
  children: ChangeNode[] | undefined;
  /** Absent: a folder on the way to something. */
  row: ChangeRow | undefined;
  #counts: DifferenceCounts | undefined;

  constructor(comparison: Comparison, path: RemotePath) {
    this.comparison = comparison;
    this.path = path;
  }

  get isFolder(): boolean {
    const { before, after } = this.row ?? {};
    return this.children !== undefined || (after ?? before)?.type === 'directory';
  }

  /** Of the entry and all below it. */
  get counts(): DifferenceCounts {
    if (this.#counts) return this.#counts;
    const counts = noDifferences();
    if (this.row) counts[this.row.kind] += 1;
    return counts;
  }

  /** Counted where something is below only: there are very many files. */
  count(kind: DifferenceKind): void {
    this.#counts ??= noDifferences();
    this.#counts[kind] += 1;
  }

  add(child: ChangeNode): void {
    this.children ??= [];
    this.children.push(child);
  }
}

/** How much differs, of all kinds. */
export function totalOf(counts: DifferenceCounts): number {
  return differenceKinds.reduce((sum, kind) => sum + counts[kind], 0);
}

/** The differences of a comparison as a tree. */
export class Changes {
  readonly comparison: Comparison;
  readonly root: ChangeNode;
  /** Differences that are not shown, as there are too many. */
  unshown = 0;
  readonly #mostShown: number;
  /** Only folders: nothing is sought by the path of a file. */
  readonly #folders: Map<RemotePath, ChangeNode>;
  #shown = 0;

  constructor(comparison: Comparison, most = mostShown) {
    this.comparison = comparison;
    this.root = new ChangeNode(comparison, rootPath);
    this.#folders = new Map([[rootPath, this.root]]);
    this.#mostShown = most;
  }

  add(difference: Difference): void {
    const { kind, path } = difference;
    if (this.#shown === this.#mostShown) {
      this.unshown += 1;
      this.root.count(kind);
      return;
    }
    this.#shown += 1;
    const row = rowOf(difference, this.comparison.after === liveServer);
    const isFolder = [row.before, row.after].some((side) => side?.type === 'directory');
    const node = isFolder ? this.#folderAt(path) : this.#newNode(path);
    node.row = row;
    for (let at = path; ; at = parentOf(at)) {
      this.#folders.get(at)?.count(kind);
      if (at === rootPath) return;
    }
  }

  #folderAt(path: RemotePath): ChangeNode {
    const known = this.#folders.get(path);
    if (known) return known;
    const node = this.#newNode(path);
    this.#folders.set(path, node);
    return node;
  }

  #newNode(path: RemotePath): ChangeNode {
    const node = new ChangeNode(this.comparison, path);
    this.#folderAt(parentOf(path)).add(node);
    return node;
  }
}

function rowOf(difference: Difference, isLive: boolean): ChangeRow {
  const { kind, before, after, from, message } = difference;
  return {
    kind,
    ...(before && { before: sideOf(before, false) }),
    ...(after && { after: sideOf(after, isLive) }),
    ...(from !== undefined && { from }),
    ...(message !== undefined && { message }),
  };
}

function sideOf({ type, size, target, sha256 }: Described, isLive: boolean): ChangeSide {
  return {
    type,
    isKept: type === 'file' && (isLive || sha256 !== undefined),
    ...(type === 'file' && size !== undefined && { size }),
    ...(target !== undefined && { target }),
  };
}
