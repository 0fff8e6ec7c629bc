import { absolute, type RemotePath } from '../../model/remotePath';
import type { ManifestEntry } from '../../model/manifest';
import type { SnapshotId } from '../../model/snapshotId';
import type { DamageKind, Mark } from '../../store/damageMarks';

/** Something that is not as the snapshot was made. */
export interface Damage {
  /** As people write it, with the leading `/`; of a manifest the file's place in the store. */
  readonly path: string;
  readonly kind: DamageKind;
  /** Whether it is as it was again. Of an extra file: whether it was taken away. */
  readonly repaired: boolean;
  /** What more is known. */
  readonly message?: string;
}

/** What a verification found of one snapshot. */
export interface Verified {
  readonly server: string;
  readonly snapshot: SnapshotId;
  /** `damaged`: something is wrong and still there. */
  readonly status: 'whole' | 'damaged';
  readonly checkedFiles: number;
  /** Bytes that were read: those of a file that several snapshots share count for the first of them. */
  readonly checkedBytes: number;
  /** At most 100,000. */
  readonly damaged: readonly Damage[];
  readonly damagedCount: number;
  readonly seconds: number;
}

/** So many are named. */
const mostNamed = 100_000;

/** Damage while it is looked for and mended. */
export class FoundDamage {
  readonly path: string;
  readonly kind: DamageKind;
  /** What the manifest says of a file or folder that is missing or changed. */
  readonly entry: ManifestEntry | undefined;
  /** The path on disk below the snapshot's folder, of an extra file. */
  readonly local: string | undefined;
  repaired = false;
  message: string | undefined;

  private constructor(
    path: string,
    kind: DamageKind,
    about: { readonly entry?: ManifestEntry; readonly local?: string; readonly message?: string },
  ) {
    this.path = path;
    this.kind = kind;
    this.entry = about.entry;
    this.local = about.local;
    this.message = about.message;
  }

  /** What is told of it. */
  get told(): Damage {
    const { path, kind, repaired, message } = this;
    return { path, kind, repaired, ...(message !== undefined && { message }) };
  }

  static ofEntry(kind: 'missing' | 'changed', entry: ManifestEntry, message?: string): FoundDamage {
    return new FoundDamage(absolute(entry.path), kind, { entry, ...(message && { message }) });
  }

  static extra(local: string): FoundDamage {
    return new FoundDamage(absolute(local as RemotePath), 'extra', { local });
  }

  static ofManifest(id: SnapshotId): FoundDamage {
    return new FoundDamage(`.sauvegarde/snapshots/${id}.ndjson`, 'manifest', {});
  }
}

/** The damage of one snapshot. */
export class DamageList {
  readonly named: FoundDamage[] = [];
  #count = 0;

  add(damage: FoundDamage): void {
    this.#count += 1;
    if (this.named.length < mostNamed) this.named.push(damage);
  }

  get count(): number {
    return this.#count;
  }

  get isLeft(): boolean {
    return this.#count > this.named.length || this.named.some(({ repaired }) => !repaired);
  }

  /** What is to be remembered of it. */
  get marks(): Mark[] {
    const all: Mark = { path: '' as RemotePath, kind: 'changed' };
    const unnamed = this.#count > this.named.length ? [all] : [];
    return [...unnamed, ...this.named.flatMap(markOf)];
  }
}

function markOf({ kind, entry, repaired }: FoundDamage): Mark[] {
  // A file too many takes nothing from what the snapshot holds.
  if (repaired || kind === 'extra') return [];
  return [{ path: entry?.path ?? ('' as RemotePath), kind }];
}
