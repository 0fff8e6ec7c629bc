import { MarkedChoice } from '../../jobs/restore/markedChoice';
import type { Action, PlannedAction } from '../../jobs/restore/plannedAction';
import { PlanCounts } from '../../jobs/restore/planning';
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

export interface PlanNode {
  readonly path: RemotePath;
  /** In folder order. */
  readonly children: PlanNode[];
  /** Absent: a folder on the way to something. */
  row?: PlanRow;
  /** Of the entry and all below it. */
  readonly counts: Counts;
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

  get changes(): number {
    return this.create + this.overwrite;
  }
}

/** How much of what could be restored below an entry is ticked. */
export type Ticked = 'all' | 'some' | 'none';

/** The plan of a restore as a tree, and what a person has ticked in it. */
export class RestorePlan {
  readonly root: PlanNode = newNode(rootPath);
  /** Entries that are not shown, as there are too many. */
  unshown = 0;
  readonly #nodes = new Map<RemotePath, PlanNode>([[rootPath, this.root]]);
  readonly #marks: Map<RemotePath, boolean>;
  #rows = 0;

  /** @param chosen what was asked for, all of it ticked; empty: everything */
  constructor(chosen: readonly RemotePath[]) {
    const paths = chosen.length === 0 ? [rootPath] : chosen;
    this.#marks = new Map(paths.map((path) => [path, true]));
  }

  add(action: PlannedAction): void {
    const row = rowOf(action);
    this.#rows += 1;
    if (this.#rows > mostShown) {
      this.unshown += 1;
      this.root.counts.add(row);
      return;
    }
    const node = this.#nodeAt(action.entry.path);
    node.row = row;
    for (let at = node; ; at = this.#nodeAt(parentOf(at.path))) {
      at.counts.add(row);
      if (at === this.root) return;
    }
  }

  /** What is ticked, for the engine. */
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

  #tickedBelow(node: PlanNode): Counts {
    const inherited = this.choice.chooses(node);
    const marks = [...this.#marks.keys()];
    if (!marks.some((path) => path !== node.path && isWithin(path, node.path))) {
      return inherited ? node.counts : new Counts();
    }
    const counts = new Counts();
    const add = (at: PlanNode, outer: boolean): void => {
      const ticked = this.#marks.get(at.path) ?? outer;
      if (ticked && at.row) counts.add(at.row);
      for (const child of at.children) add(child, ticked);
    };
    add(node, inherited);
    return counts;
  }

  #nodeAt(path: RemotePath): PlanNode {
    const known = this.#nodes.get(path);
    if (known) return known;
    const node = newNode(path);
    this.#nodes.set(path, node);
    this.#nodeAt(parentOf(path)).children.push(node);
    return node;
  }
}

function newNode(path: RemotePath): PlanNode {
  return { path, children: [], counts: new Counts() };
}

function rowOf(action: PlannedAction): PlanRow {
  const { entry, place, before, reason, how } = action;
  const figures = new PlanCounts();
  figures.add(action);
  return {
    ...{ action: action.action, type: entry.type, place, size: entry.size ?? 0, reason },
    isNewer: figures.newer > 0,
    onlyAttributes: how === 'attributes',
    before: before ? `${before.type} ${before.size ?? '?'} ${before.mtime ?? '?'}` : '',
  };
}
