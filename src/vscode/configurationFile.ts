import { homedir } from 'node:os';
import path from 'node:path';
import {
  Diagnostic,
  EventEmitter,
  FileSystemError,
  l10n,
  Range,
  RelativePattern,
  Uri,
  workspace,
  WorkspaceEdit,
  type DiagnosticCollection,
  type Disposable,
  type TextDocument,
} from 'vscode';
import { BackupError } from '../base/errors';
import { namedDestination, withDestination } from '../jobs/destination';
import { configurationFile } from '../jobs/workspace';
import { emptyConfiguration } from '../model/configuration/editText';
import type { Fault } from '../model/configuration/faults';
import {
  configurationError,
  parseConfiguration,
  type Configuration,
} from '../model/configuration/parse';
import type { Server } from '../model/configuration/server';

const destinationSetting = 'sauvegarde.destination';

/** What is known of the configuration of a folder. */
export type ConfigurationState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'faulty'; readonly faults: readonly Fault[] }
  | { readonly kind: 'ready'; readonly configuration: Configuration };

/**
 * `.vscode/sauvegarde.json` of a workspace folder: read, watched, edited with its comments kept, and its
 * faults shown in the editor and in the Problems view.
 */
export class ConfigurationFile implements Disposable {
  /** Absolute path of the folder that the configuration belongs to. */
  readonly folder: string;
  readonly folderUri: Uri;
  readonly uri: Uri;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #diagnostics: DiagnosticCollection;
  readonly #disposables: Disposable[];
  #state: ConfigurationState = { kind: 'missing' };
  #text = '';
  #editing: Promise<void> = Promise.resolve();

  /** @param diagnostics is there for all folders */
  constructor(folderUri: Uri, diagnostics: DiagnosticCollection) {
    this.folderUri = folderUri;
    this.folder = folderUri.fsPath;
    this.uri = Uri.file(path.join(this.folder, configurationFile));
    this.#diagnostics = diagnostics;
    this.#disposables = [
      this.#changed,
      this.#watch(),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#isOurs(document)) this.#showFaults(document.getText());
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(destinationSetting)) this.#take(this.#text, 'anew');
      }),
      workspace.onDidSaveTextDocument((document) => {
        if (this.#isOurs(document)) this.#take(document.getText());
      }),
    ];
  }

  /**
   * Reads the file again: what is about to be done goes by what stands there now. Watchers report a
   * change late, and on some disks (network drives, containers) not at all.
   */
  async refresh(): Promise<void> {
    try {
      this.#take(await this.#read());
    } catch {
      if (this.#state.kind === 'missing') return;
      this.#diagnostics.delete(this.uri);
      this.#become({ kind: 'missing' }, '');
    }
  }

  get state(): ConfigurationState {
    return this.#state;
  }

  get servers(): readonly Server[] {
    return this.#state.kind === 'ready' ? [...this.#state.configuration.servers.values()] : [];
  }

  /** Throws `configuration`, with what to do next, if there is none or it has faults. */
  require(): Configuration {
    const { state, uri } = this;
    if (state.kind === 'ready') return state.configuration;
    if (state.kind === 'faulty') throw configurationError(uri.fsPath, state.faults);
    throw new BackupError('configuration', l10n.t('There is no server yet. Add one first.'));
  }

  /** The server as it is configured now. Throws `configuration` if there is none of this name. */
  server(name: string): Server {
    const server = this.require().servers.get(name);
    if (server) return server;
    throw new BackupError('configuration', l10n.t('The server {0} is no longer configured.', name));
  }

  /** The text as it was read last. Empty where there is no file. */
  get text(): string {
    return this.#text;
  }

  /**
   * Changes the file, making it where there is none, and saves it. Throws `configuration` and changes
   * nothing if the result would have faults.
   */
  edit(change: (text: string) => string): Promise<void> {
    // One after the other: of two boxes that are ticked in one moment, none must be lost.
    const before = this.#editing.catch(() => undefined);
    this.#editing = before.then(() => this.#editNow(change));
    return this.#editing;
  }

  dispose(): void {
    this.#diagnostics.delete(this.uri);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #editNow(change: (text: string) => string): Promise<void> {
    const { folder, uri } = this;
    const onDisk = await this.#readOrMake();
    const document = this.#openDocument(onDisk);
    const text = change(document?.getText() ?? onDisk);
    const { faults } = parseConfiguration(text, folder);
    if (faults.length > 0) throw configurationError(uri.fsPath, faults);
    if (document) await replaceIn(document, text);
    else await write(uri, text);
    this.#take(text);
  }

  /** By what is there, not by what is known: one that has come unnoticed is not written over. */
  async #readOrMake(): Promise<string> {
    try {
      return await this.#read();
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== 'FileNotFound') throw error;
      await write(this.uri, emptyConfiguration);
      return emptyConfiguration;
    }
  }

  /** The file as an editor has it. */
  get #document(): TextDocument | undefined {
    return workspace.textDocuments.find((open) => this.#isOurs(open));
  }

  #isOurs({ uri }: TextDocument): boolean {
    return uri.toString() === this.uri.toString();
  }

  async #read(): Promise<string> {
    return Buffer.from(await workspace.fs.readFile(this.uri)).toString('utf8');
  }

  /**
   * The document, if that is to be changed: what is not saved there goes along, and the
   * change can be undone. One that has not noticed yet what became of the file could not save it.
   */
  #openDocument(onDisk: string): TextDocument | undefined {
    const document = this.#document;
    const isCurrent = document?.getText() === onDisk.replace(/^\uFEFF/, '');
    return document?.isDirty === true || isCurrent ? document : undefined;
  }

  #watch(): Disposable {
    const pattern = new RelativePattern(this.folder, '.vscode/sauvegarde.json');
    const watcher = workspace.createFileSystemWatcher(pattern);
    const read = (): void => void this.refresh();
    watcher.onDidChange(read);
    watcher.onDidCreate(read);
    watcher.onDidDelete(read);
    return watcher;
  }

  #take(text: string, anew?: 'anew'): void {
    const { folder } = this;
    const { kind } = this.#state;
    if (anew ? kind === 'missing' : isKnown(text, this.#text, kind)) return;
    this.#showFaults(text);
    const parsed = parseConfiguration(text, folder);
    this.#become(
      parsed.configuration
        ? { kind: 'ready', configuration: withDestination(parsed.configuration, chosenIn(folder)) }
        : { kind: 'faulty', faults: parsed.faults },
      text,
    );
  }

  #become(state: ConfigurationState, text: string): void {
    this.#state = state;
    this.#text = text;
    this.#changed.fire();
  }

  #showFaults(text: string): void {
    const { folder, uri } = this;
    const document = this.#document;
    const { faults } = parseConfiguration(text, folder);
    this.#diagnostics.set(
      uri,
      faults.map((fault) => new Diagnostic(rangeOf(fault, document), fault.message)),
    );
  }
}

async function replaceIn(document: TextDocument, text: string): Promise<void> {
  const { uri } = document;
  const edit = new WorkspaceEdit();
  const end = document.positionAt(document.getText().length);
  edit.replace(uri, new Range(document.positionAt(0), end), text);
  if (!(await workspace.applyEdit(edit)) || !(await document.save())) {
    throw unsaved(uri);
  }
}

async function write(uri: Uri, text: string): Promise<void> {
  try {
    await workspace.fs.writeFile(uri, Buffer.from(text));
  } catch (error) {
    throw unsaved(uri, error);
  }
}

function unsaved(uri: Uri, cause?: unknown): BackupError {
  const message = l10n.t('{0} could not be saved.', uri.fsPath);
  return new BackupError('configuration', message, { cause });
}

function isKnown(text: string, known: string, kind: ConfigurationState['kind']): boolean {
  return text === known && kind !== 'missing';
}

/** Where this computer keeps the backups of a workspace folder, by a setting that no workspace can make. */
function chosenIn(folder: string): string | undefined {
  const text = workspace.getConfiguration().get<string>(destinationSetting) ?? '';
  const named = text.replaceAll('${workspaceFolderBasename}', () => path.basename(folder));
  return namedDestination(named, folder, homedir());
}

function rangeOf(fault: Fault, document: TextDocument | undefined): Range {
  if (!document) return new Range(fault.line - 1, 0, fault.line - 1, 1);
  const end = fault.offset + fault.length;
  return new Range(document.positionAt(fault.offset), document.positionAt(end));
}
