import { EventEmitter, l10n, languages, workspace, type Disposable } from 'vscode';
import { BackupError } from '../base/errors';
import { openStore } from '../jobs/destination';
import type { Server } from '../model/configuration/server';
import { folderLabels } from '../model/folderLabels';
import type { Store } from '../store/store';
import { ConfigurationFile } from './configurationFile';
import { slashInAddress } from './documentUri';
import { sharedStores } from './sharedStores';

/** A server of one folder, and as all of the window know it. */
interface KnownServer {
  readonly file: ConfigurationFile;
  /** As its folder's file has it: what the engine is given. */
  readonly own: Server;
  /** The same, by the name that tells its folder where there are several. */
  readonly shown: Server;
}

/** A server of a folder, by the name that the folder's file has for it. */
interface Place {
  readonly file: ConfigurationFile;
  readonly own: string;
}

/**
 * The configurations of all workspace folders on a disk. In a window, a server has one name that no other
 * has: its own, or `shop/web` where there are several folders. Only what is handed to the engine, and what
 * is written into a file, goes by its own name (`own`, `inFolder`, `placeOf`).
 */
export class WorkspaceConfiguration implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #diagnostics = languages.createDiagnosticCollection('sauvegarde');
  readonly #subscription: Disposable;
  #begun: () => void = () => undefined;
  /** Resolves when the files were read for the first time: before it, no server is known. */
  readonly begun = new Promise<void>((resolve) => (this.#begun = resolve));
  #files: readonly ConfigurationFile[] = [];
  #labels: ReadonlyMap<ConfigurationFile, string> = new Map();
  #known: ReadonlyMap<string, KnownServer> = new Map();
  #shared: ReadonlyMap<string, readonly string[]> = new Map();
  #taking: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor() {
    this.#subscription = workspace.onDidChangeWorkspaceFolders(() => void this.#takeFolders());
  }

  /** Reads the files for the first time, and begins to watch them. */
  async start(): Promise<void> {
    try {
      await this.#takeFolders();
    } finally {
      this.#begun();
    }
  }

  /** Reads the files again, as watchers may be late or missing; also finds folders under another name. */
  async refresh(): Promise<void> {
    await this.#takeFolders();
    await Promise.all(this.#files.map((file) => file.refresh()));
  }

  /** One for each folder on a disk, in the order of the workspace. */
  get files(): readonly ConfigurationFile[] {
    return this.#files;
  }

  /** Whether there are several folders, so that it has to be said which one is meant. */
  get hasSeveral(): boolean {
    return this.#files.length > 1;
  }

  /** What is known of all folders: the best of them. */
  get state(): 'noFolder' | 'missing' | 'faulty' | 'ready' {
    const kinds = this.#files.map(({ state }) => state.kind);
    return (
      (['ready', 'faulty', 'missing'] as const).find((kind) => kinds.includes(kind)) ?? 'noFolder'
    );
  }

  /** Those that cannot be read, so that nothing of their folders is backed up. */
  get faulty(): readonly ConfigurationFile[] {
    return this.#files.filter(({ state }) => state.kind === 'faulty');
  }

  get servers(): readonly Server[] {
    return [...this.#known.values()].map(({ shown }) => shown);
  }

  /** The servers of one folder, by their names in the window. */
  serversOf(file: ConfigurationFile): readonly Server[] {
    const known = [...this.#known.values()].filter((server) => server.file === file);
    return known.map(({ shown }) => shown);
  }

  /** All servers, or those of one folder. Throws `configuration`, with what to do next, if there are none to be read. */
  require(only?: ConfigurationFile): readonly Server[] {
    if (only) {
      only.require();
      return this.serversOf(only);
    }
    if (this.state === 'ready') return this.servers;
    const file = this.faulty[0] ?? this.#files[0];
    if (file) file.require();
    throw new BackupError(
      'configuration',
      l10n.t('Open a folder first: the backups are kept in it.'),
    );
  }

  /** What a folder is called, as no other is. */
  labelOf(file: ConfigurationFile): string {
    return this.#labels.get(file) ?? file.folder;
  }

  /** The name that a server of a folder has in the window. */
  nameIn(file: ConfigurationFile, own: string): string {
    return this.hasSeveral ? `${this.labelOf(file)}/${own}` : own;
  }

  /** The name that the folder of a server has for it. */
  ownNameOf(name: string): string {
    return this.#find(name)?.own ?? name;
  }

  /** Stands for a server also when a folder more or less in the workspace changes its name in the window. */
  keyOf(name: string): string {
    const place = this.#find(name);
    return place ? keyOf(place) : name;
  }

  /** The name that the server of a key has now. */
  nameBy(key: string): string | undefined {
    const known = [...this.#known.values()];
    const found = known.find(({ file, own }) => keyOf({ file, own: own.name }) === key);
    return found?.shown.name;
  }

  /** The server as it is configured now; it may have been renamed or removed since it was shown. */
  server(name: string): Server {
    return this.#require(name).shown;
  }

  /** The same, as the engine is given it. */
  own(name: string): Server {
    return this.#require(name).own;
  }

  /** The same with its store. */
  inFolder(name: string): { readonly server: Server; readonly store: Store } {
    return { server: this.own(name), store: this.storeOf(name) };
  }

  /** Where a server stands, or has stood. Throws `configuration` if its folder is not there (any more). */
  placeOf(name: string): Place {
    const place = this.#find(name);
    if (place) return place;
    this.require();
    throw gone(name);
  }

  storeOf(name: string): Store {
    const { file, own } = this.placeOf(name);
    const others = this.#shared.get(this.nameIn(file, own));
    if (others) throw shared([this.nameIn(file, own), ...others]);
    return openStore(file.require(), own);
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const file of this.#files) file.dispose();
    for (const one of [this.#subscription, this.#changed, this.#diagnostics]) one.dispose();
  }

  #require(name: string): KnownServer {
    const { file, own } = this.placeOf(name);
    file.require();
    const known = this.#known.get(this.nameIn(file, own));
    if (known) return known;
    throw gone(name);
  }

  /** Also by a name from before, when there were more folders or fewer, as long as it can be no other server. */
  #find(name: string): Place | undefined {
    const known = this.#known.get(name);
    if (known) return { file: known.file, own: known.own.name };
    const end = name.lastIndexOf('/');
    const own = name.slice(end + 1);
    const label = name.slice(0, Math.max(0, end));
    const [only, another] = end < 0 ? this.#filesWith(own) : this.#labelled(label);
    return only && !another ? { file: only, own } : undefined;
  }

  #labelled(label: string): ConfigurationFile[] {
    return this.#files.filter((file) => this.labelOf(file) === label);
  }

  #filesWith(own: string): readonly ConfigurationFile[] {
    if (!this.hasSeveral) return this.#files;
    return this.#files.filter(({ servers }) => servers.some((server) => server.name === own));
  }

  /** One after the other: a folder may be removed while another one is being read. */
  #takeFolders(): Promise<void> {
    const before = this.#taking.catch(() => undefined);
    this.#taking = before.then(() => this.#takeFoldersNow());
    return this.#taking;
  }

  async #takeFoldersNow(): Promise<void> {
    const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const before = new Map(this.#files.map((file) => [file.folderUri.toString(), file]));
    const files: ConfigurationFile[] = [];
    for (const { uri } of folders) {
      const known = before.get(uri.toString());
      before.delete(uri.toString());
      files.push(known ?? (await this.#opened(new ConfigurationFile(uri, this.#diagnostics))));
    }
    // Addresses of documents have that sign in the place of a slash.
    const named = folders.map(({ name, uri }) => ({
      name: name.replaceAll(slashInAddress, '/'),
      path: uri.fsPath,
    }));
    const labels = folderLabels(named);
    const isSame =
      files.length === this.#files.length &&
      files.every((file, at) => file === this.#files[at] && labels[at] === this.#labels.get(file));
    if (isSame && files.length > 0) return;
    for (const file of before.values()) file.dispose();
    if (this.#isDisposed) for (const file of files) file.dispose();
    this.#files = files;
    this.#labels = new Map(files.map((file, at) => [file, labels[at] ?? file.folder]));
    this.#take();
  }

  async #opened(file: ConfigurationFile): Promise<ConfigurationFile> {
    await file.refresh();
    file.onDidChange(() => this.#take());
    return file;
  }

  #take(): void {
    const known = this.#files.flatMap((file) =>
      file.servers.map((own) => {
        const name = this.nameIn(file, own.name);
        return { file, own, shown: name === own.name ? own : { ...own, name } };
      }),
    );
    this.#known = new Map(known.map((server) => [server.shown.name, server]));
    this.#shared = sharedStores(
      known.map(({ file, own, shown }) => ({
        name: shown.name,
        destination: file.require().destination,
        own: own.name,
      })),
    );
    this.#changed.fire();
  }
}

function keyOf({ file, own }: Place): string {
  return `${file.folderUri.toString()} ${own}`;
}

function gone(name: string): BackupError {
  return new BackupError('configuration', l10n.t('The server {0} is no longer configured.', name));
}

function shared(names: readonly string[]): BackupError {
  const text = l10n.t(
    'The backups of {0} would be kept in one and the same folder. Rename one of them, or put {1} into the setting sauvegarde.destination.',
    names.join(', '),
    '${workspaceFolderBasename}',
  );
  return new BackupError('configuration', text);
}
