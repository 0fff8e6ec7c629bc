import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { systemClock, type Clock } from '../base/clock';
import { silentLog, type Log } from '../base/log';
import { copyEndpoint, type Copy } from '../model/configuration/copy';
import { endpointOf, type Server } from '../model/configuration/server';
import type { Environment } from '../sources/environment';
import type { Store } from '../store/store';
import { Output, type Terminal } from './output';
import { TerminalCredentials, type SecretOptions } from './terminalCredentials';
import { namedDestination, openStore } from '../jobs/destination';
import { readWorkspace, type Workspace } from '../jobs/workspace';

export interface GlobalOptions extends SecretOptions {
  readonly workspace?: string;
  readonly destination?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** What every command works with. */
export class Session {
  readonly output: Output;
  readonly clock: Clock = systemClock;
  readonly signal: AbortSignal;
  readonly #options: GlobalOptions;
  #workspace: Workspace | undefined;

  constructor(terminal: Terminal, options: GlobalOptions, signal: AbortSignal) {
    this.output = new Output(terminal, {
      json: options.json ?? false,
      quiet: options.quiet ?? false,
      verbose: options.verbose ?? false,
    });
    this.#options = options;
    this.signal = signal;
  }

  /** The workspace folder, as it was named. */
  get folder(): string {
    return this.#options.workspace ?? '.';
  }

  get workspace(): Workspace {
    this.#workspace ??= this.readWorkspaceAnew();
    return this.#workspace;
  }

  /** The workspace folder as it is now. */
  readWorkspaceAnew(): Workspace {
    return readWorkspace(this.folder, this.#destination);
  }

  /** What this terminal says about where the stores are, before what the file says. */
  get #destination(): string | undefined {
    const text = this.#options.destination ?? process.env['SAUVEGARDE_DESTINATION'];
    return namedDestination(text, process.cwd(), homedir());
  }

  store(server: Server): Store {
    return openStore(this.workspace.configuration, server.name);
  }

  environment(server: Server): Environment {
    return this.#environment(server, process.env, this.#isInteractive);
  }

  get #isInteractive(): boolean {
    return process.stdin.isTTY && process.stderr.isTTY && !this.output.options.json;
  }

  /** What opening the repository of a copy needs, whichever server it is for. */
  copyEnvironment(copy: Copy): Pick<Environment, 'clock' | 'log' | 'credentials'> {
    const interactive = this.#isInteractive;
    const context = { env: process.env, options: this.#options, interactive, copies: [copy] };
    const credentials = new TerminalCredentials(copy.name, copyEndpoint(copy), context);
    return { clock: this.clock, log: this.#log(), credentials };
  }

  /**
   * What a run finds that the system starts: no person, no agent, no variables of this terminal.
   * @param env what the system's scheduler gives
   */
  bareEnvironment(server: Server, env: NodeJS.ProcessEnv): Environment {
    return this.#environment(server, env, false);
  }

  /** Whether a command is to say the passwords of servers. */
  get hasPasswordCommand(): boolean {
    return this.#options.passwordCommand !== undefined;
  }

  /** The options that say where secrets come from and backups go, to start this program again with them. */
  get lastingArguments(): string[] {
    const options = this.#options;
    const absolute = (file: string | undefined): string | undefined => file && path.resolve(file);
    const lasting = {
      destination: this.#destination,
      'password-file': absolute(options.passwordFile),
      'password-command': options.passwordCommand,
      'jump-password-file': absolute(options.jumpPasswordFile),
      'jump-password-command': options.jumpPasswordCommand,
      'copy-password-file': absolute(options.copyPasswordFile),
      'copy-password-command': options.copyPasswordCommand,
    };
    return Object.entries(lasting).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
  }

  #environment(server: Server, env: NodeJS.ProcessEnv, interactive: boolean): Environment {
    return {
      clock: this.clock,
      log: this.#log(),
      credentials: new TerminalCredentials(server.name, endpointOf(server), {
        env,
        options: this.#options,
        interactive,
        copies: server.copies ?? [],
      }),
      home: homedir(),
      agent: env['SSH_AUTH_SOCK'],
      user: userInfo().username,
      ...(interactive && {
        notice: (address: string, text: string) =>
          void this.output.terminal.error.write(`${address} says:\n${text}\n`),
        touch: (address: string) =>
          void this.output.terminal.error.write(
            `Touch your security key to log in to ${address}.\n`,
          ),
      }),
    };
  }

  #log(): Log {
    if (!this.output.options.verbose) return silentLog;
    const write = (message: string): void => {
      this.output.terminal.error.write(`${message}\n`);
    };
    return { trace: write, debug: write, info: write, warn: write, error: write };
  }
}
