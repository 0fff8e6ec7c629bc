import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { abortReason, throwIfAborted, whenAborted } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';

/** Characters of each stream that are kept: the last ones. */
const mostKept = 256 * 1024;
/** Milliseconds to end by itself: it takes its lock out of the repository meanwhile. */
const patience = 20_000;

export interface ProcessOptions {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All that it sees of the environment. */
  readonly variables: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly limits: {
    /** Milliseconds without any sign of life. */
    readonly silence: number;
    /** Milliseconds in all. */
    readonly whole: number;
  };
  /** Called with each line of its output. Returns whether it is a sign of life. */
  readonly onLine?: (line: string) => boolean;
}

export interface ProcessResult {
  /** Undefined if it was ended from outside. */
  readonly code: number | undefined;
  readonly out: string;
  readonly error: string;
}

/**
 * Runs a program to its end. When the signal aborts, or it has hung for too long, it is asked to end as by
 * Ctrl-C, and ended after a while; throws `cancelled` or `timeout` then, once it has. It is a process group
 * of its own, so that Ctrl-C in the terminal reaches it by us alone: a second one would keep it from
 * taking its lock out of the repository.
 */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  const { file, args, cwd, variables, signal, limits, onLine } = options;
  throwIfAborted(signal);
  const child = spawn(file, args, {
    ...{ cwd, env: variables, windowsHide: true, detached: process.platform !== 'win32' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  using watch = new Watch(child, limits);
  const takeBack = whenAborted(signal, () => watch.end(abortReason(signal)));
  const out = new Kept();
  const error = new Kept();
  const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
  lines.on('line', (line) => {
    if (onLine?.(line) ?? true) watch.alive();
    out.add(line);
  });
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', (line) => {
    watch.alive();
    error.add(line);
  });
  try {
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', (cause) => reject(notStarted(file, cause)));
      child.once('close', (exitCode) => resolve(exitCode ?? undefined));
    });
    if (watch.reason) throw watch.reason;
    return { code, out: out.text, error: error.text };
  } finally {
    takeBack();
  }
}

function notStarted(file: string, cause: unknown): BackupError {
  return new BackupError('configuration', `${file} cannot be run: ${messageOf(cause)}.`, { cause });
}

/** Ends a process that hangs, or is not wanted any more. */
class Watch implements Disposable {
  /** Why it was ended. */
  reason: BackupError | undefined;
  readonly #child: ChildProcess;
  #silent: NodeJS.Timeout;
  readonly #whole: NodeJS.Timeout;
  #last: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, { silence, whole }: ProcessOptions['limits']) {
    this.#child = child;
    this.#silent = setTimeout(() => this.end(hung(silence)), silence);
    this.#whole = setTimeout(() => this.end(hung(whole)), whole);
  }

  alive(): void {
    this.#silent.refresh();
  }

  end(reason: BackupError): void {
    if (this.reason) return;
    this.reason = reason;
    this.#child.kill('SIGINT');
    this.#last = setTimeout(() => endGroup(this.#child), patience);
  }

  [Symbol.dispose](): void {
    for (const timer of [this.#silent, this.#whole, this.#last]) clearTimeout(timer);
  }
}

function hung(milliseconds: number): BackupError {
  const minutes = Math.round(milliseconds / 60_000);
  return new BackupError(
    'timeout',
    `restic came no further for ${minutes} minutes and was ended. The next run tries again.`,
    { scope: 'run' },
  );
}

/** With the ssh or rclone that it has started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** The last lines of a stream. */
class Kept {
  #lines: string[] = [];
  #length = 0;

  add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length + 1;
    if (this.#length <= 2 * mostKept) return;
    const text = this.text;
    this.#lines = [text.slice(-mostKept)];
    this.#length = mostKept;
  }

  get text(): string {
    return this.#lines.join('\n');
  }
}
