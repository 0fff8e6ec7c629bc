import type { TreeItem } from 'vscode';
import type { SnapshotId } from '../model/snapshotId';
import type { SnapshotSummary } from '../store/store';
import type { Message, SnapshotsNode } from './nodes';
import { faceOf } from './rowFace';

/** A snapshot and how it is drawn: one object as long as the snapshot exists. */
export class SnapshotRow {
  readonly kind = 'snapshot';
  readonly server: string;
  #summary: SnapshotSummary;
  #item: TreeItem;
  /** What is in it, as far as it was opened. */
  #folders = new Map<SnapshotsNode, SnapshotsNode[]>();

  constructor(server: string, summary: SnapshotSummary, item: TreeItem) {
    this.server = server;
    this.#summary = summary;
    this.#item = item;
  }

  get summary(): SnapshotSummary {
    return this.#summary;
  }

  get item(): TreeItem {
    return this.#item;
  }

  get folders(): Map<SnapshotsNode, SnapshotsNode[]> {
    return this.#folders;
  }

  /** As it is now. Returns whether it is to be drawn anew. */
  take(summary: SnapshotSummary, item: TreeItem): boolean {
    // A repair mends the manifest: what it said before is not kept.
    const isMended = JSON.stringify(summary) !== JSON.stringify(this.#summary);
    if (isMended) this.#folders = new Map();
    const isOther = isMended || faceOf(item) !== faceOf(this.#item);
    this.#summary = summary;
    this.#item = item;
    return isOther;
  }
}

/** The snapshots of a server. They are read before they are drawn, so that drawing them takes no time. */
export class StoreRow {
  readonly kind = 'store';
  readonly server: string;
  #rows: readonly (SnapshotRow | Message)[] | undefined;

  constructor(server: string) {
    this.server = server;
  }

  /** Undefined: nobody has looked yet. */
  get rows(): readonly (SnapshotRow | Message)[] | undefined {
    return this.#rows;
  }

  /** Why the snapshots cannot be told. */
  fail(message: Message): void {
    this.#rows = [message];
  }

  /** The snapshots as they are now. Returns which rows are to be drawn anew: all of them if there are others. */
  take(found: readonly { summary: SnapshotSummary; item: TreeItem }[]): 'all' | SnapshotRow[] {
    const before = this.#rows ?? [];
    const known = new Map<SnapshotId, SnapshotRow>();
    for (const row of before) if (row.kind === 'snapshot') known.set(row.summary.id, row);
    const changed: SnapshotRow[] = [];
    const rows = found.map(({ summary, item }) => {
      const row = known.get(summary.id);
      if (!row) return new SnapshotRow(this.server, summary, item);
      if (row.take(summary, item)) changed.push(row);
      return row;
    });
    this.#rows = rows;
    const isSame = rows.length === before.length && rows.every((row, at) => row === before[at]);
    return isSame ? changed : 'all';
  }
}
