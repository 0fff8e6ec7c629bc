import { inTurns } from '../base/turns';
import { bytesOf, fromBytes, isCleanPath, type RemotePath } from '../model/remotePath';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import { writeWhole } from './description';
import type { Disk } from './disk';
import type { Layout } from './layout';
import { readLines } from './readLines';

/**
 * What can be wrong with a snapshot: a file or folder is gone, a file has another content, a file is
 * there that the manifest does not know, the manifest itself is not what was written.
 */
export type DamageKind = 'missing' | 'changed' | 'extra' | 'manifest';

/** Something of a snapshot that is known to be damaged, and was not mended. */
export interface Mark {
  /** The entry; the root for the manifest, and for all of a snapshot that is damaged all over. */
  readonly path: RemotePath;
  readonly kind: Exclude<DamageKind, 'extra'>;
}

/** So many are written down by themselves; with more, all of the snapshot is marked. */
const mostMarks = 100_000;

/**
 * The damage that verifications have found and nobody has mended yet: a file of NDJSON for each such
 * snapshot, `{"path":…,"raw":…,"kind":…}`, `raw` being the bytes of the path in base64. What is marked is
 * never shared with a new snapshot without being read again.
 */
export class DamageMarks {
  readonly #disk: Disk;
  readonly #layout: Layout;

  constructor(disk: Disk, layout: Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  /** Whether anything of the snapshot is known to be damaged. */
  has(id: SnapshotId): boolean {
    return this.#disk.stat(this.#layout.damageOf(id)) !== undefined;
  }

  /** All snapshots of which anything is known to be damaged, by one look at the disk. */
  async ids(): Promise<ReadonlySet<SnapshotId>> {
    const names = await this.#disk.namesIn(this.#layout.damage);
    return new Set(names.filter(isSnapshotId));
  }

  async of(id: SnapshotId): Promise<Marks> {
    const found = new Map<RemotePath, Mark['kind']>();
    if (!this.has(id)) return new Marks(found);
    for await (const { text } of readLines(this.#disk, this.#layout.damageOf(id))) {
      const mark = parse(text);
      if (mark) found.set(mark.path, mark.kind);
    }
    // A file that cannot be understood still says that something is wrong.
    if (found.size === 0) found.set('' as RemotePath, 'changed');
    return new Marks(found);
  }

  /** In the place of those that were known; none takes them back. */
  async set(id: SnapshotId, marks: readonly Mark[]): Promise<void> {
    if (marks.length === 0) {
      if (this.has(id)) await this.#disk.remove(this.#layout.damageOf(id));
      return;
    }
    this.#disk.makeFolder(this.#layout.damage);
    const all: Mark = { path: '' as RemotePath, kind: 'changed' };
    const written = marks.length > mostMarks ? [all] : marks;
    const lines: string[] = [];
    await inTurns(written, (mark) => lines.push(lineOf(mark)));
    await writeWhole(this.#disk, this.#layout.damageOf(id), lines.join(''));
  }
}

/** What is marked of one snapshot. */
export class Marks {
  readonly #found: ReadonlyMap<RemotePath, Mark['kind']>;

  constructor(found: ReadonlyMap<RemotePath, Mark['kind']>) {
    this.#found = found;
  }

  get count(): number {
    return this.#found.size;
  }

  /** Whether the entry is damaged, or the snapshot all over. */
  has(path: RemotePath): boolean {
    return this.#found.has(path) || this.#found.has('' as RemotePath);
  }

  /** Whether the entry itself is marked. */
  names(path: RemotePath): boolean {
    return this.#found.has(path);
  }

  *[Symbol.iterator](): Generator<Mark, void, undefined> {
    for (const [path, kind] of this.#found) yield { path, kind };
  }
}

function lineOf({ path, kind }: Mark): string {
  const bytes = bytesOf(path);
  return `${JSON.stringify({ path: bytes.toString('utf8'), raw: bytes.toString('base64'), kind })}\n`;
}

const kinds: readonly unknown[] = ['missing', 'changed', 'manifest'];

function parse(line: string): Mark | undefined {
  try {
    const value = JSON.parse(line) as { readonly raw?: unknown; readonly kind?: unknown };
    if (typeof value.raw !== 'string' || !kinds.includes(value.kind)) return undefined;
    const path = fromBytes(Buffer.from(value.raw, 'base64'));
    if (path !== '' && !isCleanPath(path)) return undefined;
    return { path, kind: value.kind as Mark['kind'] };
  } catch {
    return undefined;
  }
}
