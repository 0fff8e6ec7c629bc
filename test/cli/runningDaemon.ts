import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CommandLine } from './commandLine';

/** A line of `sauvegarde daemon`. */
export interface DaemonEvent {
  readonly time: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

const patience = 300_000;

/** `sauvegarde daemon` under way, and what it writes. */
export class RunningDaemon implements AsyncDisposable {
  readonly events: DaemonEvent[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  error = '';
  #listener: () => void = () => undefined;

  constructor(line: CommandLine, env: NodeJS.ProcessEnv = {}, options: readonly string[] = []) {
    const { PATH } = process.env;
    const program = path.resolve('dist', 'cli.js');
    const child = spawn(process.execPath, [program, 'daemon', '-C', line.workspace, ...options], {
      env: { PATH, HOME: line.home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    child.stderr.on('data', (chunk: Buffer) => (this.error += chunk.toString('utf8')));
    createInterface({ input: child.stdout }).on('line', (text) => {
      this.events.push(JSON.parse(text) as DaemonEvent);
      this.#listener();
    });
  }

  /** The first event of this name after so many others of it. */
  async event(name: string, after = 0): Promise<DaemonEvent> {
    const found = (): DaemonEvent | undefined => this.named(name)[after];
    const deadline = AbortSignal.timeout(patience);
    for (;;) {
      const event = found();
      if (event) return event;
      await new Promise<void>((resolve, reject) => {
        this.#listener = resolve;
        deadline.addEventListener('abort', () => {
          const seen = JSON.stringify(this.events, null, 1);
          reject(new Error(`No event ${name}. Seen: ${seen} ${this.error}`));
        });
      });
    }
  }

  /** The most memory that it had so far, in bytes. */
  peakMemory(): number {
    const status = fs.readFileSync(`/proc/${this.#child.pid ?? ''}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  named(name: string): DaemonEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  /** Resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.stop('SIGKILL');
  }
}
