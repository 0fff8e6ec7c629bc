/** A real ssh-agent, started by a test. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export class Agent implements Disposable {
  readonly socket: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, socket: string, process: ChildProcess) {
    this.#folder = folder;
    this.socket = socket;
    this.#process = process;
  }

  /** @param options of ssh-agent; `env` for the helpers that it starts */
  static async start(
    folder: string,
    options: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Agent> {
    const socket = join(folder, 'agent.sock');
    const args = ['-D', '-a', socket, ...options];
    const process = spawn('ssh-agent', args, { stdio: 'ignore', env });
    const agent = new Agent(folder, socket, process);
    for (let attempt = 0; attempt < 500 && !agent.#answers(); attempt += 1) await sleep(20);
    return agent;
  }

  /** Adds a key, and the certificate beside it if there is one. */
  add(key: string, passphrase = '', env: NodeJS.ProcessEnv = {}): void {
    const askpass = join(this.#folder, 'askpass');
    writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o755 });
    execFileSync('ssh-add', ['-q', key], {
      env: {
        SSH_AUTH_SOCK: this.socket,
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: 'force',
        ...env,
      },
      stdio: 'ignore',
    });
  }

  removeAll(): void {
    execFileSync('ssh-add', ['-q', '-D'], {
      env: { SSH_AUTH_SOCK: this.socket },
      stdio: 'ignore',
    });
  }

  #answers(): boolean {
    try {
      execFileSync('ssh-add', ['-l'], { env: { SSH_AUTH_SOCK: this.socket }, stdio: 'ignore' });
      return true;
    } catch (error) {
      // 1: it answers, and has no keys.
      return (error as { status?: number }).status === 1;
    }
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }
}
