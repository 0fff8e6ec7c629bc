import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server program that a test started on loopback, in a process group of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** What the server has printed, its last 20,000 characters. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Starts the program and waits until its port answers. */
  static async start(
    program: string,
    args: readonly string[],
    port: number,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<ServerProcess> {
    const child = spawn(program, args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new ServerProcess(child);
    const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
    await Promise.race([server.#ready(port), failed]).catch(async (error: unknown) => {
      await server[Symbol.asyncDispose]();
      throw error;
    });
    return server;
  }

  async #ready(port: number): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (this.#child.exitCode !== null) break;
      if (await answers(port)) return;
      await sleep(50);
    }
    throw new Error(`${this.#child.spawnfile} did not start:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    signalGroup(this.#child.pid, 'SIGTERM');
    const gone = await Promise.race([exited.then(() => true), sleep(2000).then(() => false)]);
    signalGroup(this.#child.pid, 'SIGKILL');
    if (!gone) await exited;
  }
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended by itself.
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port on loopback that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
