import {
  EventEmitter,
  FilePermission,
  FileSystemError,
  FileType,
  l10n,
  type Disposable,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import { BackupError, messageOf } from '../base/errors';
import { readRestoreReport } from '../jobs/history/restoreHistory';
import { readReport } from '../jobs/history/runHistory';
import type { EntryType } from '../model/entry';
import { nameOf, textOf, type RemotePath } from '../model/remotePath';
import { snapshotTime, type SnapshotId } from '../model/snapshotId';
import type { Outline } from '../report/outline';
import { outlineDocument, type Link } from '../report/reportDocument';
import { reportOutline } from '../report/reportOutline';
import { restoreOutline } from '../report/restoreNews';
import type { Store } from '../store/store';
import { changesLink } from './changes/runChanges';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import { isReport, shownBy, type Report, type Shown } from './documentUri';
import type { RemoteServers } from './remoteServers';
import type { Snapshots } from './snapshots';

const fileTypes: Readonly<Record<EntryType, FileType>> = {
  file: FileType.File,
  directory: FileType.Directory,
  symlink: FileType.SymbolicLink,
  other: FileType.Unknown,
};

/**
 * The `sauvegarde:` file system: files of snapshots, files of the live servers, and reports. It only
 * reads, so that nobody edits a snapshot by accident.
 */
export class Documents implements FileSystemProvider, Disposable {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #configuration: WorkspaceConfiguration;
  readonly #remote: RemoteServers;
  readonly #snapshots: Snapshots;

  constructor(configuration: WorkspaceConfiguration, remote: RemoteServers, snapshots: Snapshots) {
    this.#configuration = configuration;
    this.#remote = remote;
    this.#snapshots = snapshots;
  }

  watch(): Disposable {
    // Snapshots never change, and a server tells nothing by itself.
    return { dispose: () => undefined };
  }

  stat(uri: Uri): Promise<FileStat> {
    return this.#on(uri, async (shown) => {
      if (isReport(shown)) {
        const size = (await this.#report(shown)).length;
        const mtime = snapshotTime(shown.snapshot);
        return { type: FileType.File, ctime: mtime, mtime, size, permissions };
      }
      const entry =
        shown.kind === 'snapshot'
          ? await this.#snapshots.entry(shown.server, shown.snapshot, shown.path)
          : await this.#describe(shown);
      const mtime = (entry.mtime ?? 0) * 1000;
      const type = fileTypes[entry.type];
      return { type, ctime: mtime, mtime, size: entry.size ?? 0, permissions };
    });
  }

  readDirectory(uri: Uri): Promise<[string, FileType][]> {
    return this.#on(uri, async (shown) => {
      if (isReport(shown)) throw FileSystemError.FileNotADirectory(uri);
      const entries =
        shown.kind === 'snapshot'
          ? await (await this.#snapshots.folders(shown.server, shown.snapshot)).list(shown.path)
          : (await this.#remote.list(this.#configuration.server(shown.server), shown.path)).entries;
      return entries.map(({ path, type }) => [textOf(nameOf(path)), fileTypes[type]]);
    });
  }

  readFile(uri: Uri): Promise<Uint8Array> {
    return this.#on(uri, (shown) => {
      switch (shown.kind) {
        case 'report':
        case 'restore':
          return this.#report(shown);
        case 'snapshot':
          return this.#snapshots.read(shown.server, shown.snapshot, shown.path);
        case 'server':
          return this.#remote.read(this.#configuration.server(shown.server), shown.path);
      }
    });
  }

  writeFile(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  createDirectory(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  delete(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): never {
    throw FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #describe({ server, path }: { server: string; path: RemotePath }) {
    if (path === '') return { path, type: 'directory' as const, size: 0, mtime: 0 };
    return await this.#remote.describe(this.#configuration.server(server), path);
  }

  async #report({ kind, server, snapshot }: Report): Promise<Buffer> {
    const store = this.#snapshots.storeOf(server);
    const found = await (kind === 'report' ? outlineOfRun : outlineOfRestore)(store, snapshot);
    if (!found) throw new BackupError('not-found', l10n.t('This run has no report.'));
    const { outline, link } = found;
    const text = outlineDocument(this.#withFolder(outline, server), link);
    return Buffer.from(text, 'utf8');
  }

  /** Where there are several, the folder that it is about; commands that it names are for that one. */
  #withFolder(outline: Outline, server: string): Outline {
    if (!this.#configuration.hasSeveral) return outline;
    const { folder } = this.#configuration.placeOf(server).file;
    const row = { name: l10n.t('Folder'), value: folder, form: 'code' } as const;
    return { ...outline, figures: [row, ...outline.figures] };
  }

  async #on<T>(uri: Uri, action: (shown: Shown) => Promise<T>): Promise<T> {
    const shown = shownBy(uri);
    if (!shown) throw FileSystemError.FileNotFound(uri);
    try {
      // A window that restores its editors asks at once.
      await this.#configuration.begun;
      return await action(shown);
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      if (error instanceof BackupError && error.kind === 'not-found') {
        throw FileSystemError.FileNotFound(messageOf(error));
      }
      throw FileSystemError.Unavailable(messageOf(error));
    }
  }
}

interface Told {
  readonly outline: Outline;
  readonly link?: Link;
}

async function outlineOfRun(store: Store, id: SnapshotId): Promise<Told | undefined> {
  const found = await readReport(store, id);
  if (!found) return undefined;
  // As it is now: a person may have changed it since.
  const { note: _former, ...others } = found;
  const note = store.notes.of(id);
  const report = { ...others, ...(note !== undefined && { note }) };
  const text = l10n.t('Look at the Changes');
  const link = { text, target: changesLink(report.snapshot) };
  return { outline: reportOutline(report, l10n), ...(report.changes && { link }) };
}

async function outlineOfRestore(store: Store, id: SnapshotId): Promise<Told | undefined> {
  const report = await readRestoreReport(store, id);
  return report && { outline: restoreOutline(report, l10n) };
}

const permissions = FilePermission.Readonly;
