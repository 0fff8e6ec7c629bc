import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { parse } from 'jsonc-parser';
import type { Browser, BrowserContext } from 'playwright-core';
import { it, onTestFailed } from 'vitest';
import { editorVersions } from './editors';
import { EditorServer, type EditorOptions } from './editorServer';
import { launchBrowser, openProfile } from './browser';
import { artefacts, Workbench } from './workbench';

interface Configured {
  readonly servers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** One editor, one browser and one workspace folder for all steps of a story. */
export class Stage implements AsyncDisposable {
  readonly workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-workspace-'));
  /** The configuration file. */
  readonly file = path.join(this.workspace, '.vscode', 'sauvegarde.json');
  readonly version: string;
  #editor: EditorServer | undefined;
  #browser: Browser | undefined;
  #profile: BrowserContext | undefined;
  #bench: Workbench | undefined;

  constructor(version: string) {
    this.version = version;
  }

  async set(options: Omit<EditorOptions, 'version'> = {}): Promise<void> {
    this.#editor = await EditorServer.start({ ...options, version: this.version });
    this.#browser = await launchBrowser();
    this.#profile = await openProfile(this.#browser);
  }

  get editor(): EditorServer {
    if (!this.#editor) throw new Error('The editor was not started.');
    return this.#editor;
  }

  get profile(): BrowserContext {
    if (!this.#profile) throw new Error('The browser was not started.');
    return this.#profile;
  }

  /** The window that the steps are about. */
  get bench(): Workbench {
    if (!this.#bench) throw new Error('No window was opened.');
    return this.#bench;
  }

  set bench(window: Workbench) {
    this.#bench = window;
  }

  /** Another window, on the workspace folder, on what a workspace file names, or on none if it is the empty string. */
  open(folder = this.workspace, profile = this.profile): Promise<Workbench> {
    return Workbench.open(profile, this.editor, folder, this.version);
  }

  /** A window that runs a suite in its extension host, with the extension from a folder. */
  async openForTests(extension: string, suite: string): Promise<void> {
    const place = (file: string): string => `vscode-remote://127.0.0.1:${this.editor.port}${file}`;
    const payload = [
      ['extensionDevelopmentPath', place(extension)],
      ['extensionTestsPath', place(suite)],
    ];
    const query = `folder=${this.workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const page = await this.profile.newPage();
    this.bench = new Workbench(page, path.join(artefacts, this.version));
    await page.goto(`${this.editor.url}/?${query}`);
  }

  /** A step of the story. If it fails, what the window showed is kept as a picture. */
  step(name: string, action: (bench: Workbench) => Promise<void>): void {
    it(name, async () => {
      onTestFailed(async () => {
        await this.bench.shot(`failed ${name}`);
        console.error(`The window: .cache/editor-artefacts/${this.version}/failed ${name}.png`);
        console.error(this.editor.log().slice(-3000));
      });
      await action(this.bench);
    });
  }

  /** What somebody sees whose editor speaks French. */
  async inFrench(
    action: (bench: Workbench) => Promise<void>,
    folder = this.workspace,
  ): Promise<void> {
    if (!this.#browser) throw new Error('The browser was not started.');
    const before = this.bench;
    const profile = await openProfile(this.#browser, 'fr');
    try {
      this.bench = await this.open(folder, profile);
      await action(this.bench);
    } catch (error) {
      await this.bench.shot('failed in French');
      throw error;
    } finally {
      this.bench = before;
      await profile.close();
    }
  }

  /** A step that shows the French texts, which no editor shows otherwise than another: once is enough. */
  stepInFrench(name: string, action: (bench: Workbench) => Promise<void>, folder?: string): void {
    if (this.version === editorVersions.at(-1))
      this.step(name, () => this.inFrench(action, folder));
  }

  get configuration(): string {
    return fs.readFileSync(this.file, 'utf8');
  }

  /** As a person does with a text editor. */
  set configuration(text: string) {
    fs.mkdirSync(path.dirname(this.file), { recursive: true });
    fs.writeFileSync(this.file, text);
  }

  server(name: string): Readonly<Record<string, unknown>> | undefined {
    return (parse(this.configuration) as Configured).servers[name];
  }

  snapshotsOf(server: string): string[] {
    return this.#namesIn(server, 'snapshots');
  }

  lastReportOf(server: string): { readonly receivedBytes: number } {
    const last = this.#namesIn(server, 'runs')
      .filter((name) => name.endsWith('.json'))
      .at(-1);
    const file = path.join(this.#own(server), 'runs', last ?? '');
    return JSON.parse(fs.readFileSync(file, 'utf8')) as { receivedBytes: number };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    await this.#editor?.[Symbol.asyncDispose]();
    fs.rmSync(this.workspace, { recursive: true, force: true });
  }

  #own(server: string): string {
    return path.join(this.workspace, 'backups', server, '.sauvegarde');
  }

  #namesIn(server: string, folder: string): string[] {
    const place = path.join(this.#own(server), folder);
    return fs.existsSync(place) ? fs.readdirSync(place).sort() : [];
  }
}
