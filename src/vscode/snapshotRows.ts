import type { TreeItem } from 'vscode';
import { dayOf, daysWithSeveral, foldedByMonth } from '../model/snapshotDays';
import { snapshotTime, type SnapshotId } from '../model/snapshotId';
import type { SnapshotSummary } from '../store/store';
import type { FolderRow } from './folderRow';
import type { KeptNode, Message } from './nodes';
import { faceOf } from './rowFace';
import type { SnapshotFacts } from './snapshotFacts';
import { snapshotItem } from './snapshotItem';

/** What the Snapshots view is made of. */
export type SnapshotsRow =
  FolderRow<StoreRow> | StoreRow | MonthRow | SnapshotRow | KeptNode | Message;

/** A snapshot and how it is drawn: one object as long as the snapshot exists. */
export class SnapshotRow {
  readonly kind = 'snapshot';
  readonly server: string;
  #facts: SnapshotFacts;
  #item: TreeItem;
  #face: string;
  /** What is in it, as far as it was opened. */
  #folders = new Map<SnapshotRow | KeptNode, KeptNode[]>();

  constructor(server: string, facts: SnapshotFacts, now: number) {
    this.server = server;
    this.#facts = facts;
    this.#item = snapshotItem(server, facts, now);
    this.#face = faceOf(this.#item);
  }

  get summary(): SnapshotSummary {
    return this.#facts.summary;
  }

  get item(): TreeItem {
    return this.#item;
  }

  get folders(): Map<SnapshotRow | KeptNode, KeptNode[]> {
    return this.#folders;
  }

  /** As it is now. Returns whether it is to be drawn anew. */
  take(facts: SnapshotFacts, now: number): boolean {
    // A repair mends the manifest: what it said before is not kept.
    const isMended = JSON.stringify(facts.summary) !== JSON.stringify(this.summary);
    if (isMended) this.#folders = new Map();
    this.#facts = facts;
    return this.age(now) || isMended;
  }

  /** Time has passed. Returns whether it is to be drawn anew. */
  age(now: number): boolean {
    const before = this.#face;
    this.#item = snapshotItem(this.server, this.#facts, now);
    this.#face = faceOf(this.#item);
    return this.#face !== before;
  }
}

/** Snapshots that are opened together. They are read before they are drawn, so that drawing them takes no time. */
export class SnapshotGroup {
  ids: readonly SnapshotId[];
  /** Undefined: nobody has looked yet. */
  rows: readonly (SnapshotRow | Message)[] | undefined;
  /** What the editor was given last of what is directly in it. */
  given: readonly SnapshotsRow[] | undefined;

  constructor(ids: readonly SnapshotId[]) {
    this.ids = ids;
  }
}

/** A month of snapshots. What is not opened is not read. */
export class MonthRow extends SnapshotGroup {
  readonly kind = 'month';
  readonly server: string;
  readonly month: string;
  /** Whether it is among the newest, which are looked at most. */
  isRecent = false;
  /** How many of its snapshots somebody has to look at. */
  troubles = 0;
  /** What it showed when it was drawn last. */
  face = '';

  constructor(server: string, month: string, ids: readonly SnapshotId[]) {
    super(ids);
    this.server = server;
    this.month = month;
  }
}

/** The months with one of so many newest snapshots are open at first. */
const recent = 7;

/** Which snapshots of a server there are; newest first. */
export interface Arrangement {
  readonly server: string;
  readonly all: readonly SnapshotId[];
  /** Those that are to be seen. */
  readonly shown: readonly SnapshotId[];
  /** Those that somebody has to look at. */
  readonly troubled: ReadonlySet<SnapshotId>;
}

/** The snapshots of a server: one by one, or folded by month where they are many. */
export class StoreRow extends SnapshotGroup {
  readonly kind = 'store';
  readonly server: string;
  /** The same objects also where they come to stand in another month, or in none. */
  readonly #known = new Map<SnapshotId, SnapshotRow>();
  #months: ReadonlyMap<string, MonthRow> | undefined;
  #several: ReadonlySet<string> = new Set();

  constructor(server: string) {
    super([]);
    this.server = server;
  }

  get months(): readonly MonthRow[] | undefined {
    return this.#months && [...this.#months.values()];
  }

  /** What is directly in it; undefined: it has to be read first. */
  get children(): readonly SnapshotsRow[] | undefined {
    return this.months ?? this.rows;
  }

  /** What has been opened, and is to be kept as it is on the disk. */
  get openGroups(): readonly SnapshotGroup[] {
    const groups: readonly SnapshotGroup[] = this.months ?? [this];
    return groups.filter((group) => group.rows);
  }

  get snapshots(): readonly SnapshotRow[] {
    return [...this.#known.values()];
  }

  arrange({ all, shown, troubled }: Arrangement): void {
    const there = new Set(all);
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    this.#several = daysWithSeveral(all);
    this.ids = shown;
    const before = this.#months;
    const newest = new Set(shown.slice(0, recent));
    const months = foldedByMonth(shown)?.map(({ key, ids }) => {
      const row = before?.get(key) ?? new MonthRow(this.server, key, ids);
      row.ids = ids;
      row.isRecent = ids.some((id) => newest.has(id));
      row.troubles = ids.filter((id) => troubled.has(id)).length;
      return [key, row] as const;
    });
    this.#months = months && new Map(months);
    if (months) this.rows = undefined;
  }

  isOnlyOfItsDay(id: SnapshotId): boolean {
    return !this.#several.has(dayOf(snapshotTime(id)));
  }

  /** The group that a snapshot is shown in. */
  groupOf(id: SnapshotId): StoreRow | MonthRow | undefined {
    const groups = this.months ?? [this];
    return groups.find(({ ids }) => ids.includes(id));
  }

  snapshot(id: SnapshotId): SnapshotRow | undefined {
    return this.#known.get(id);
  }

  /** The snapshots of a group as they are now. Returns which rows are to be drawn anew. */
  take(group: SnapshotGroup, found: readonly SnapshotFacts[], now: number): SnapshotRow[] {
    const changed: SnapshotRow[] = [];
    group.rows = found.map((facts) => {
      const { id } = facts.summary;
      const known = this.#known.get(id);
      if (known?.take(facts, now)) changed.push(known);
      const row = known ?? new SnapshotRow(this.server, facts, now);
      this.#known.set(id, row);
      return row;
    });
    return changed;
  }
}
