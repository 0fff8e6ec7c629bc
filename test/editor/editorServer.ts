import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { freePort } from '../servers/serverProcess';
import { extensionPackage, installEditor, type Editor } from './editors';

export interface EditorOptions {
  readonly version: string;
  /** The display language. Default: English. */
  readonly language?: 'fr';
  /** Whether the editor asks for trust in the workspace. Default: it trusts. */
  readonly asksForTrust?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether a window may be told to run a suite in its extension host. */
  readonly runsSuites?: boolean;
  /** Variables that the extension host finds. */
  readonly environment?: Readonly<Record<string, string>>;
}

const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'window.confirmBeforeClose': 'never',
  'workbench.reduceMotion': 'on',
  // Servers of other tests are none of ours to tell of.
  'remote.autoForwardPorts': false,
};

/** An editor on loopback with a home and settings of its own, and our extension in it. */
export class EditorServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(folder: string, port: number, process: ChildProcess) {
    this.folder = folder;
    this.port = port;
    this.#process = process;
  }

  static async start(options: EditorOptions): Promise<EditorServer> {
    const editor = installEditor(options.version);
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-editor-'));
    for (const name of ['home', 'data/User']) {
      fs.mkdirSync(path.join(folder, name), { recursive: true });
    }
    const settings = { ...quietSettings, ...options.settings };
    fs.writeFileSync(path.join(folder, 'data/User/settings.json'), JSON.stringify(settings));
    const port = await freePort();
    const child = launch(editor, folder, port, options);
    const server = new EditorServer(folder, port, child);
    await server.#ready();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The extension hosts that run below this server. */
  extensionHosts(): number[] {
    return processes()
      .filter(({ command }) => command.includes('--type=extensionHost'))
      .filter(({ group }) => group === this.#process.pid)
      .map(({ pid }) => pid);
  }

  /** What our extension wrote into its log. */
  log(): string {
    const logs = path.join(this.folder, 'data', 'logs');
    const files = fs.existsSync(logs) ? fs.readdirSync(logs, { recursive: true }) : [];
    return files
      .map(String)
      .filter((file) => /sauvegarde.*\.log$/i.test(file))
      .map((file) => fs.readFileSync(path.join(logs, file), 'utf8'))
      .join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#process;
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    if (pid !== undefined && this.#process.exitCode === null) {
      process.kill(-pid, 'SIGTERM');
      const hard = setTimeout(() => process.kill(-pid, 'SIGKILL'), 3000);
      await ended;
      clearTimeout(hard);
    }
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ready(): Promise<void> {
    const last = performance.now() + 60_000;
    while (performance.now() < last) {
      const answer = await fetch(`${this.url}/version`).catch(() => undefined);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('The editor did not start within a minute.');
  }
}

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(VSCODE_|ELECTRON_|XDG_|PORT$|PASSWORD$|NODE_OPTIONS$|VITEST|SSH_AUTH_SOCK$)/.test(name),
  );
  const home = path.join(folder, 'home');
  const xdg = ['CONFIG', 'DATA', 'CACHE', 'STATE'].map(
    (name) => [`XDG_${name}_HOME`, path.join(home, name.toLowerCase())] as const,
  );
  return { ...Object.fromEntries(inherited), HOME: home, ...Object.fromEntries(xdg) };
}

function folders({ extensions }: Editor, folder: string): string[] {
  const data = path.join(folder, 'data');
  return [
    ...['--user-data-dir', data, '--extensions-dir', extensions, '--server-data-dir', data],
    '--accept-server-license-terms',
  ];
}

/** Installs our extension for all windows of an editor, as a person would. */
export function installExtension(editor: Editor): void {
  fs.rmSync(editor.extensions, { recursive: true, force: true });
  fs.mkdirSync(editor.extensions);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-editor-'));
  const install = ['--install-extension', extensionPackage, '--force'];
  execFileSync(editor.node, [editor.entry, ...folders(editor, folder), ...install], {
    env: environmentOf(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  fs.rmSync(folder, { recursive: true });
}

function launch(
  editor: Editor,
  folder: string,
  port: number,
  options: EditorOptions,
): ChildProcess {
  const args = [
    ...folders(editor, folder),
    ...['--host', '127.0.0.1', '--port', String(port)],
    ...['--without-connection-token', '--disable-telemetry'],
    ...(options.asksForTrust === true ? [] : ['--disable-workspace-trust']),
    ...(options.runsSuites === true ? ['--enable-smoke-test-driver'] : []),
    ...(options.language ? ['--locale', options.language] : []),
  ];
  const output = fs.openSync(path.join(folder, 'server.log'), 'a');
  const stdio = ['ignore', output, output] as const;
  const env = { ...environmentOf(folder), ...options.environment };
  // In a process group of its own, which is ended as one.
  const child = spawn(editor.node, [editor.entry, ...args], {
    env,
    stdio: [...stdio],
    detached: true,
  });
  fs.closeSync(output);
  return child;
}

function processes(): { pid: number; group: number; command: string }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, group, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), group: Number(group), command }];
  });
}
