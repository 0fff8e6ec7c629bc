import type { Suspicion } from '../model/retention/suspicion';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import { writeWhole } from './description';
import type { Disk } from './disk';
import type { Layout } from './layout';

interface GuardRecord {
  /** The newest snapshot that was looked at. */
  readonly judged?: SnapshotId;
  readonly suspicious: readonly Suspicion[];
}

/**
 * What the guard found, in `guard.json`, and what a person accepted of it, in `accepted/<id>`. A
 * suspicion stands until it is accepted or its snapshot is deleted.
 */
export class GuardFile {
  readonly #disk: Disk;
  readonly #layout: Layout;

  constructor(disk: Disk, layout: Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  async judged(): Promise<SnapshotId | undefined> {
    return (await this.#read()).judged;
  }

  /** Those that nobody has accepted, of snapshots that are there; newest first. */
  async open(): Promise<Suspicion[]> {
    const { suspicious } = await this.#read();
    return suspicious
      .filter(({ snapshot }) => this.#isThere(snapshot) && !this.#isAccepted(snapshot))
      .sort((a, b) => (a.snapshot < b.snapshot ? 1 : -1));
  }

  async record(judged: SnapshotId, found: readonly Suspicion[]): Promise<void> {
    const { suspicious } = await this.#read();
    const isNew = ({ snapshot }: Suspicion): boolean =>
      !found.some((other) => other.snapshot === snapshot);
    const kept = suspicious.filter((one) => isNew(one) && this.#isThere(one.snapshot));
    const text = `${JSON.stringify({ judged, suspicious: [...kept, ...found] })}\n`;
    await writeWhole(this.#disk, this.#layout.guard, text);
  }

  accept(id: SnapshotId): void {
    if (this.#isAccepted(id)) return;
    this.#disk.makeFolder(this.#layout.accepted);
    this.#disk.createFile(this.#layout.acceptedOf(id), Buffer.alloc(0), { mode: 0o644, mtime: 0 });
  }

  /** A file that cannot be read tells nothing: the newest snapshot is judged anew. */
  async #read(): Promise<GuardRecord> {
    if (!this.#disk.stat(this.#layout.guard)) return { suspicious: [] };
    const chunks: Buffer[] = [];
    for await (const chunk of this.#disk.readFile(this.#layout.guard)) chunks.push(chunk);
    return decode(Buffer.concat(chunks).toString('utf8'));
  }

  #isThere(id: SnapshotId): boolean {
    return this.#disk.stat(this.#layout.manifest(id)) !== undefined;
  }

  #isAccepted(id: SnapshotId): boolean {
    return this.#disk.stat(this.#layout.acceptedOf(id)) !== undefined;
  }
}

function decode(text: string): GuardRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { suspicious: [] };
  }
  if (!isObject(value)) return { suspicious: [] };
  const { judged, suspicious } = value;
  return {
    suspicious: Array.isArray(suspicious) ? suspicious.filter(isSuspicion) : [],
    ...(typeof judged === 'string' && isSnapshotId(judged) && { judged }),
  };
}

const reasons: ReadonlySet<unknown> = new Set(['files-lost', 'folder-lost', 'noise']);

function isSuspicion(value: unknown): value is Suspicion {
  if (!isObject(value) || !reasons.has(value['reason'])) return false;
  const { snapshot, lost, of, folder } = value;
  const isCounted = Number.isSafeInteger(lost) && Number.isSafeInteger(of);
  const hasFolder = folder === undefined || typeof folder === 'string';
  return typeof snapshot === 'string' && isSnapshotId(snapshot) && isCounted && hasFolder;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
