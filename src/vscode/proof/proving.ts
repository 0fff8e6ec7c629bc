/**
 * Proving in VS Code, the entrance: what verifications of this window have found, and since when which
 * snapshot is proven. What is damaged stands on the disk as well, so that other windows know of it.
 */
import { join } from 'node:path';
import { EventEmitter, type Disposable } from 'vscode';
import type { Damage, Verified } from '../../jobs/verify/verified';
import type { SnapshotId } from '../../model/snapshotId';
import type { Proof } from '../../report/proofOutline';
import { provenSince } from '../../store/proofs';
import type { SnapshotSummary, Store } from '../../store/store';
import { ProofPage } from './proofPage';

interface Proven {
  /** Of the file, when it was read: its size and time. */
  readonly state: string;
  readonly since: Promise<ReadonlyMap<SnapshotId, string>>;
}

export class Proving implements Disposable {
  readonly page = new ProofPage();
  readonly #changed = new EventEmitter<void>();
  /** Fires when a verification of this window has found something out. */
  readonly onDidChange = this.#changed.event;
  readonly #found = new Map<string, Map<SnapshotId, Verified>>();
  readonly #proofs = new Map<string, Proof>();
  readonly #proven = new Map<string, Proven>();

  /** What was found, also if it was only a part of what was wanted. */
  take(proof: Proof, verified: readonly Verified[]): void {
    this.#proofs.set(proof.server, proof);
    const known = this.#found.get(proof.server) ?? new Map<SnapshotId, Verified>();
    this.#found.set(proof.server, known);
    for (const one of verified) known.set(one.snapshot, one);
    this.#changed.fire();
  }

  /** The last verification of a server in this window. */
  lastOf(server: string): Proof | undefined {
    return this.#proofs.get(server);
  }

  /**
   * What does not belong to a snapshot, found in this window and still there. It takes nothing from what
   * the snapshot holds, so that it is not on record.
   */
  extrasOf(server: string, { disk, layout }: Store, id: SnapshotId): readonly Damage[] {
    const { damaged = [] } = this.#found.get(server)?.get(id) ?? {};
    return damaged.filter(({ kind, path, repaired }) => {
      if (kind !== 'extra' || repaired) return false;
      // A name that is not UTF-8 cannot be asked for by what is told of it.
      return path.includes('\uFFFD') || disk.stat(join(layout.snapshot(id), path)) !== undefined;
    });
  }

  /** Whether anything of a snapshot is known to be damaged, or does not belong to it. */
  isHurt(server: string, store: Store, { id, status, damaged }: SnapshotSummary): boolean {
    const isOnRecord = status === 'damaged' || damaged > 0;
    return isOnRecord || this.extrasOf(server, store, id).length > 0;
  }

  /** Since when all of each snapshot is proven, ISO 8601 in UTC. Read anew only when it has changed. */
  async provenSince({ disk, layout }: Store): Promise<ReadonlyMap<SnapshotId, string>> {
    const found = disk.stat(layout.proven);
    const state = found ? `${found.size} ${found.inode.mtime}` : '';
    const known = this.#proven.get(layout.proven);
    if (known?.state === state) return await known.since;
    const since = provenSince(disk, layout.proven);
    this.#proven.set(layout.proven, { state, since });
    since.catch(() => this.#proven.delete(layout.proven));
    return await since;
  }

  dispose(): void {
    this.page.dispose();
    this.#changed.dispose();
  }
}
