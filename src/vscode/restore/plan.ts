import { MarkedChoice } from '../../jobs/restore/markedChoice';
import type { Action, PlannedAction } from '../../jobs/restore/plannedAction';
import { isNewer } from '../../jobs/restore/planning';
import type { EntryType } from '../../model/entry';
import { isWithin, parentOf, rootPath, type RemotePath } from '../../model/remotePath';

/** So many rows are kept to be shown; what is beyond them goes by the tick of its folder. */
const mostShown = 200_000;

/** What is to be done with one entry, without what only the engine needs. */
export interface PlanRow {
  readonly action: Action;
  readonly type: EntryType;
  readonly place: RemotePath;
  readonly size: number;
  readonly reason: string | undefined;
  /** Whether what stands there is newer than what would come. */
  readonly isNewer: boolean;
  readonly onlyAttributes: boolean;
  /** Size and time of what stands there. */
  readonly before: string;
}

/** An entry, or a folder on the way to one. */
export class PlanNode {
  readonly path: RemotePath;
  readonly parent: PlanNode | undefined;
  /** In folder order. */
  readonly children: PlanNode[] = [];
  /** Absent: a folder on the way to something. */
  row: PlanRow | undefined;
  #folded: Counts | undefined;

  constructor(path: RemotePath, parent?: PlanNode) {
    this.path = path;
    this.parent = parent;
  }

  /** Of the entry and all below it. */
  get counts(): Counts {
    if (this.#folded) return this.#folded;
    const counts = new Counts();
    if (this.row) counts.add(this.row);
    return counts;
  }

  /** Files need no counts of their own: there are very many of them. */
  count(row: PlanRow): void {
    if (!this.#folded && row === this.row && row.type !== 'directory') return;
    // What lies within a file, as a damaged manifest may say, makes it a folder that has counted itself.
    this.#folded ??= this.row && this.row !== row ? this.counts : new Counts();
    this.#folded.add(row);
  }
}

/** How many entries of each kind. */
export class Counts {
  create = 0;
  overwrite = 0;
  same = 0;
  impossible = 0;
  newer = 0;
  /** Of those to create and to overwrite: all but folders. */
  files = 0;
  bytes = 0;

  add({ action, type, size, isNewer, onlyAttributes }: PlanRow): void {
    if (action === 'delete') return;
    this[action] += 1;
    if (action !== 'create' && action !== 'overwrite') return;
    if (type !== 'directory') this.files += 1;
    if (isNewer) this.newer += 1;
    if (!onlyAttributes && type === 'file') this.bytes += size;
  }

  /** @param sign whether they are added or taken away */
  addAll(other: Counts, sign: 1 | -1): void {
    for (const figure of figures) this[figure] += sign * other[figure];
  }

  get changes(): number {
    return this.create + this.overwrite;
  }
}

const figures = [
  ...(['create', 'overwrite', 'same', 'impossible'] as const),
  ...(['newer', 'files', 'bytes'] as const),
] as const;

/** How much of what could be restored below an entry is ticked. */
export type Ticked = 'all' | 'some' | 'none';

/** The plan of a restore as a tree, and what a person has ticked in it. */
export class RestorePlan {
  readonly root = new PlanNode(rootPath);
  /** Entries that are not shown, as there are too many. */
  unshown = 0;
  readonly #nodes = new Map<RemotePath, PlanNode>([[rootPath, this.root]]);
  readonly #marks: Map<RemotePath, boolean>;
  readonly #choice: MarkedChoice;
  #rows = 0;

  /** @param chosen what was asked for, all of it ticked; empty: everything */
  constructor(chosen: readonly RemotePath[]) {
    const paths = chosen.length === 0 ? [rootPath] : chosen;
    this.#marks = new Map(paths.map((path) => [path, true]));
    this.#choice = new MarkedChoice(this.#marks);
  }

  add(action: PlannedAction): void {
    const row = rowOf(action);
    this.#rows += 1;
    if (this.#rows > mostShown) {
      this.unshown += 1;
      this.root.count(row);
      return;
    }
    const node = this.#nodeAt(action.entry.path);
    node.row = row;
    for (let at: PlanNode | undefined = node; at; at = at.parent) at.count(row);
  }

  /** What is ticked now, for the engine. */
  get choice(): MarkedChoice {
    return new MarkedChoice(new Map(this.#marks));
  }

  tick({ path }: PlanNode, ticked: boolean): void {
    for (const marked of this.#marks.keys()) if (isWithin(marked, path)) this.#marks.delete(marked);
    this.#marks.set(path, ticked);
  }

  tickedAt(node: PlanNode): Ticked {
    const ticked = this.#tickedBelow(node).changes;
    if (ticked === 0) return 'none';
    return ticked === node.counts.changes ? 'all' : 'some';
  }

  /** What is ticked, of all that is shown. */
  totals(): Counts {
    return this.#tickedBelow(this.root);
  }

  /** Whether something that is about to be done was shown as it is now. */
  expects(action: PlannedAction): boolean {
    const shown = this.#nodes.get(action.entry.path)?.row;
    if (!shown) return this.unshown > 0;
    const { action: now, before } = rowOf(action);
    return now === shown.action && before === shown.before;
  }

  /** Everything or nothing, as the tick above it says; then what the ticks below it change in that. */
  #tickedBelow(node: PlanNode): Counts {
    const counts = new Counts();
    if (this.#choice.chooses(node)) counts.addAll(node.counts, 1);
    for (const [path, ticked] of this.#marks) {
      if (path === node.path || !isWithin(path, node.path)) continue;
      const marked = this.#nodes.get(path);
      const outer = this.#choice.chooses({ path: parentOf(path) });
      if (marked && outer !== ticked) counts.addAll(marked.counts, ticked ? 1 : -1);
    }
    return counts;
  }

  #nodeAt(path: RemotePath): PlanNode {
    const known = this.#nodes.get(path);
    if (known) return known;
    const parent = this.#nodeAt(parentOf(path));
    const node = new PlanNode(path, parent);
    this.#nodes.set(path, node);
    parent.children.push(node);
    return node;
  }
}

/** Written out, as spreading objects costs ten times as much, a hundred thousand times. */
function rowOf({ action, entry, place, before, reason, how }: PlannedAction): PlanRow {
  return {
    action,
    type: entry.type,
    place,
    size: entry.size ?? 0,
    reason,
    isNewer: action === 'overwrite' && isNewer(before, entry),
    onlyAttributes: how === 'attributes',
    before: before ? `${before.type} ${before.size ?? '?'} ${before.mtime ?? '?'}` : '',
  };
}
