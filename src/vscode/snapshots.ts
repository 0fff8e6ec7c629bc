import { BackupError } from '../base/errors';
import type { ManifestEntry } from '../model/manifest';
import { absolute, type RemotePath } from '../model/remotePath';
import type { SnapshotId } from '../model/snapshotId';
import { SnapshotFolders } from '../store/snapshotFolders';
import type { Store } from '../store/store';

/** So many snapshots are kept open: a look at the history of a file opens each of them. */
const mostOpen = 30;

/** The snapshots of all servers, to look into. Those looked at last are kept open. */
export class Snapshots {
  readonly #storeOf: (server: string) => Store;
  readonly #open = new Map<string, Promise<SnapshotFolders>>();

  constructor(storeOf: (server: string) => Store) {
    this.#storeOf = storeOf;
  }

  storeOf(server: string): Store {
    return this.#storeOf(server);
  }

  /** Throws `not-found` if there is no such snapshot (any more), `protocol` if it is damaged. */
  async folders(server: string, id: SnapshotId): Promise<SnapshotFolders> {
    const { disk, layout } = this.#storeOf(server);
    const manifest = layout.manifest(id);
    if (!disk.stat(manifest)) {
      throw new BackupError('not-found', `${server} has no snapshot ${id} (any more).`);
    }
    const known = this.#open.get(manifest);
    const opened = known ?? SnapshotFolders.open(disk, manifest);
    this.#open.delete(manifest);
    this.#open.set(manifest, opened);
    for (const oldest of [...this.#open.keys()].slice(0, -mostOpen)) this.#open.delete(oldest);
    opened.catch(() => this.#open.delete(manifest));
    return await opened;
  }

  /** Throws `not-found` if the snapshot has no such entry. */
  async entry(server: string, id: SnapshotId, path: RemotePath): Promise<ManifestEntry> {
    const entry = await (await this.folders(server, id)).find(path);
    if (entry) return entry;
    throw new BackupError('not-found', `${id} has no ${absolute(path)}.`);
  }

  /** The content of a file. Throws `not-found` if the snapshot has none of it. */
  async read(server: string, id: SnapshotId, path: RemotePath): Promise<Buffer> {
    const entry = await this.entry(server, id, path);
    if (entry.type !== 'file' || entry.sha256 === undefined) {
      const why = entry.skipped?.message ?? 'it is no file';
      throw new BackupError('not-found', `${id} has no content of ${absolute(path)}: ${why}`);
    }
    const store = this.#storeOf(server);
    const chunks: Buffer[] = [];
    for await (const chunk of store.disk.readFile(store.place(id, entry))) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}
