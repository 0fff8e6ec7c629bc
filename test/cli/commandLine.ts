import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';

const program = path.resolve('dist', 'cli.js');

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
  /** The lines of `--json`. */
  readonly events: readonly Event[];
}

/** One line of `--json`. */
export interface Event {
  readonly event: string;
  readonly kind?: string;
  readonly message?: string;
  readonly status?: string;
  readonly snapshot?: string;
  readonly files?: number;
  readonly fetchedFiles?: number;
  readonly warnings?: readonly { readonly path: string; readonly message: string }[];
  readonly skipped?: readonly { readonly path: string; readonly kind: string }[];
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The account to run as. Default: root. */
  readonly uid?: number;
  readonly started?: (child: ChildProcess) => void;
}

/** A workspace folder and the built program. */
export class CommandLine implements Disposable {
  readonly workspace: string;
  readonly home: string;

  constructor(workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-cli-'))) {
    this.workspace = workspace;
    fs.chmodSync(workspace, 0o755);
    this.home = path.join(workspace, 'home');
    fs.mkdirSync(path.join(this.home, '.ssh'), { recursive: true });
  }

  get configurationFile(): string {
    return path.join(this.workspace, '.vscode', 'sauvegarde.json');
  }

  /** @param configuration text, or a value that is written as JSON */
  configure(configuration: unknown): void {
    fs.mkdirSync(path.dirname(this.configurationFile), { recursive: true });
    const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
    fs.writeFileSync(this.configurationFile, text);
  }

  /** The same server under the name `web`. */
  configureServer(server: Readonly<Record<string, unknown>>): void {
    this.configure({ servers: { web: server } });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const { PATH } = process.env;
    const env = { PATH, HOME: this.home, ...options.env };
    const child = spawn(process.execPath, [program, ...args, '-C', this.workspace], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid !== undefined && { uid: options.uid }),
    });
    options.started?.(child);
    const collected = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (collected.out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (collected.error += chunk.toString('utf8')));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({ code, ...collected, events: eventsIn(collected.out) }),
      );
    });
  }

  get backups(): string {
    return path.join(this.workspace, 'backups');
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.workspace, { recursive: true, force: true });
  }
}

function eventsIn(out: string): Event[] {
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Event);
}

/** Path, content and times of everything below a folder, to compare before and after. */
export function fingerprintOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const place = path.join(entry.parentPath, entry.name);
      const { mtimeMs, mode } = fs.statSync(place);
      return `${place} ${mtimeMs} ${mode} ${fs.readFileSync(place, 'latin1')}`;
    })
    .sort();
}
