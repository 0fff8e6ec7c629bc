import { createHash } from 'node:crypto';
import { BackupError } from '../../base/errors';
import type { ManifestEntry } from '../../model/manifest';
import { absolute } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { digestOfBytes } from '../../store/contentDigest';
import type { DiskPath } from '../../store/disk';
import { findIntact, type ContentPlace } from '../../store/sameContent';
import type { Store } from '../../store/store';
import type { Content } from '../../targets/target';

/** A file of the snapshot does not have the content that its manifest says: it is never restored. */
export class DamagedContent extends BackupError {
  constructor(message: string, cause?: unknown) {
    super('changed', message, { cause });
  }
}

/** Up to this size a file is proven before a byte of it travels. */
const wholeBytes = 256 * 1024;

/** The contents of one snapshot, each proven while it is read. */
export class SnapshotContents {
  readonly #store: Store;
  readonly #snapshot: SnapshotId;
  readonly #signal: AbortSignal;
  /** Where else a content was found that is damaged in the snapshot; undefined: nowhere. */
  readonly #elsewhere = new Map<string, Promise<ContentPlace | undefined>>();

  constructor(store: Store, snapshot: SnapshotId, signal: AbortSignal) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.#signal = signal;
  }

  of(entry: ManifestEntry): Content {
    return this.#at(entry, this.#store.place(this.#snapshot, entry));
  }

  /** The same content from another place, read and found right. Undefined if there is none. */
  async elsewhere(
    entry: ManifestEntry,
  ): Promise<{ readonly content: Content; readonly from: SnapshotId } | undefined> {
    const { sha256 = '' } = entry;
    const looking = this.#elsewhere.get(sha256) ?? this.#find(sha256);
    this.#elsewhere.set(sha256, looking);
    const found = await looking;
    return found && { content: this.#at(entry, found.place), from: found.snapshot };
  }

  async #find(sha256: string): Promise<ContentPlace | undefined> {
    return (await findIntact(this.#store, [sha256], this.#signal)).get(sha256);
  }

  #at(entry: ManifestEntry, place: DiskPath): Content {
    const { size = 0, sha256 = '' } = entry;
    return { size, sha256, place, read: () => this.#read(entry, place) };
  }

  async *#read(entry: ManifestEntry, place: DiskPath): AsyncGenerator<Buffer, void, undefined> {
    const { disk } = this.#store;
    const { size = 0 } = entry;
    const found = disk.stat(place);
    if (found?.type !== 'file' || found.size !== size) {
      throw damaged(entry, found ? 'has another size' : 'is missing');
    }
    const whole = size <= wholeBytes ? this.#whole(entry, place) : undefined;
    if (whole) {
      if (digestOfBytes(whole) !== entry.sha256) throw damaged(entry, 'has another content');
      yield whole;
      return;
    }
    const hash = createHash('sha256');
    for await (const chunk of this.#chunks(entry, place)) {
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest('hex') !== entry.sha256) throw damaged(entry, 'has another content');
  }

  #whole(entry: ManifestEntry, place: DiskPath): Buffer | undefined {
    try {
      return this.#store.disk.readWhole(place, wholeBytes);
    } catch (error) {
      throw damaged(entry, 'cannot be read', error);
    }
  }

  async *#chunks(entry: ManifestEntry, place: DiskPath): AsyncGenerator<Buffer, void, undefined> {
    const chunks = this.#store.disk.readFile(place)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await chunks.next().catch((error: unknown) => {
          throw damaged(entry, 'cannot be read', error);
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await chunks.return?.();
    }
  }
}

function damaged(entry: ManifestEntry, how: string, cause?: unknown): DamagedContent {
  const message = `The snapshot's file of ${absolute(entry.path)} is damaged: it ${how}.`;
  return new DamagedContent(message, cause);
}
