import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { Turns } from '../../base/turns';
import type { ManifestEntry } from '../../model/manifest';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { subtree } from '../../store/manifestSearch';
import type { Store } from '../../store/store';

/** What became of a path in a snapshot, against the one before it. */
export type PathChange = 'added' | 'changed' | 'removed';

/** What a snapshot has at a path: a digest of all content there, nothing, or something that could not be read. */
type PathState = { readonly digest: string } | 'nothing' | 'unknown';

/**
 * In which snapshots of a store a file or folder changed. What was found out of a snapshot is kept, as a
 * manifest never changes: a new snapshot costs one look.
 */
export class PathHistory {
  readonly path: RemotePath;
  readonly #store: Store;
  readonly #states = new Map<SnapshotId, PathState>();

  constructor(store: Store, path: RemotePath) {
    this.#store = store;
    this.path = path;
  }

  /**
   * Newest first. A snapshot that a restore made for safety holds only parts, and tells nothing. Where a
   * path could not be read, or a manifest is damaged, the path counts as it was before.
   *
   * @param looked told of each snapshot that was looked at
   * Throws `cancelled` when the signal aborts.
   */
  async changes(
    signal: AbortSignal,
    looked: (done: number, of: number) => void = () => undefined,
  ): Promise<ReadonlyMap<SnapshotId, PathChange>> {
    const ids = await this.#store.backupIds();
    const found: [SnapshotId, PathChange][] = [];
    let before: PathState = 'nothing';
    for (const [index, id] of ids.toReversed().entries()) {
      throwIfAborted(signal);
      const state = await this.#stateIn(id, signal);
      looked(index + 1, ids.length);
      if (state === 'unknown' || isSame(state, before)) continue;
      found.push([
        id,
        before === 'nothing' ? 'added' : state === 'nothing' ? 'removed' : 'changed',
      ]);
      before = state;
    }
    return new Map(found.reverse());
  }

  async #stateIn(id: SnapshotId, signal: AbortSignal): Promise<PathState> {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const state = await this.#look(id, signal).catch((error: unknown) => {
      throwIfAborted(signal);
      if (error instanceof BackupError) return 'unknown' as const;
      throw error;
    });
    this.#states.set(id, state);
    return state;
  }

  async #look(id: SnapshotId, signal: AbortSignal): Promise<PathState> {
    const { disk, layout } = this.#store;
    const digest = createHash('sha256');
    const turns = new Turns();
    let isThere = false;
    for await (const entry of subtree(disk, layout.manifest(id), this.path)) {
      const content = contentOf(entry);
      // One file that can never be read does not hide what changes beside it.
      if (content === undefined && entry.path === this.path) return 'unknown';
      isThere = true;
      digest.update(`${entry.path}\0${entry.type}\0${content ?? '?'}\0`);
      if (turns.isOver) await turns.next();
      throwIfAborted(signal);
    }
    return isThere ? { digest: digest.digest('hex') } : 'nothing';
  }
}

function isSame(one: PathState, other: PathState): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.digest === other.digest;
}

/** Times and rights do not count. Undefined: it could not be read. */
function contentOf({ type, sha256, target, skipped }: ManifestEntry): string | undefined {
  if (type === 'file') return sha256;
  return skipped ? undefined : (target ?? '');
}
