import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { BackupError, messageOf } from '../base/errors';
import type { Credentials, Question } from '../sources/credentials';

const run = promisify(execFile);

export interface SecretOptions {
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
}

export interface CredentialsContext {
  readonly env: NodeJS.ProcessEnv;
  readonly options: SecretOptions;
  /** Whether a person is at the terminal to be asked. */
  readonly interactive: boolean;
}

/** `web-prod` → `WEB_PROD`, as environment variables are named. */
export function environmentName(server: string): string {
  return server.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/**
 * Secrets on the command line: environment, file, command, and at last a prompt. The server's own
 * password is never offered to a jump host, nor to the mail server that takes the report.
 */
export class TerminalCredentials implements Credentials {
  readonly #server: string;
  readonly #endpoint: string;
  readonly #context: CredentialsContext;
  /** A person answers once, however many connections ask. */
  readonly #answers = new Map<string, Promise<string | undefined>>();

  constructor(server: string, endpoint: string, context: CredentialsContext) {
    this.#server = server;
    this.#endpoint = endpoint;
    this.#context = context;
  }

  password(endpoint: string): Promise<string | undefined> {
    return this.#once(endpoint, async () => {
      const secret = await this.#unattended(endpoint);
      return secret ?? this.#prompt(`Password for ${endpoint}: `);
    });
  }

  passphrase(keyFile: string): Promise<string | undefined> {
    return this.#once(keyFile, () => {
      const secret = this.#fromEnvironment('PASSPHRASE');
      return secret === undefined
        ? this.#prompt(`Passphrase of ${keyFile}: `)
        : Promise.resolve(secret);
    });
  }

  async answers(_endpoint: string, question: Question): Promise<string[] | undefined> {
    if (!this.#context.interactive) return undefined;
    const answers: string[] = [];
    for (const { text, echo } of question.prompts) {
      answers.push((await this.#prompt(`${question.title} ${text}`.trim() + ' ', echo)) ?? '');
    }
    return answers;
  }

  #once(key: string, ask: () => Promise<string | undefined>): Promise<string | undefined> {
    const known = this.#answers.get(key) ?? ask();
    this.#answers.set(key, known);
    return known;
  }

  async #unattended(endpoint: string): Promise<string | undefined> {
    if (endpoint.startsWith('smtp://')) return this.#fromEnvironment('SMTP_PASSWORD');
    if (endpoint.startsWith('ssh://') && endpoint !== this.#endpoint) return undefined;
    const { passwordFile, passwordCommand } = this.#context.options;
    const set = this.#fromEnvironment('PASSWORD');
    if (set !== undefined) return set;
    if (passwordFile !== undefined) return readPasswordFile(passwordFile);
    if (passwordCommand !== undefined) return await runPasswordCommand(passwordCommand);
    return undefined;
  }

  #fromEnvironment(kind: 'PASSWORD' | 'PASSPHRASE' | 'SMTP_PASSWORD'): string | undefined {
    const { env } = this.#context;
    return env[`SAUVEGARDE_${kind}_${environmentName(this.#server)}`] ?? env[`SAUVEGARDE_${kind}`];
  }

  async #prompt(text: string, echo = false): Promise<string | undefined> {
    if (!this.#context.interactive) return undefined;
    process.stderr.write(text);
    const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
    const output = echo ? process.stderr : muted;
    const reader = createInterface({ input: process.stdin, output, terminal: true });
    try {
      return await reader.question('');
    } finally {
      reader.close();
      process.stderr.write('\n');
    }
  }
}

/** The first line of a file that only its owner may read. */
function readPasswordFile(file: string): string {
  try {
    const open = fs.openSync(file, 'r');
    try {
      if (process.platform !== 'win32' && (fs.fstatSync(open).mode & 0o077) !== 0) {
        throw new BackupError('configuration', `Others may read ${file}. Run: chmod 600 ${file}`);
      }
      return firstLine(fs.readFileSync(open, 'utf8'));
    } finally {
      fs.closeSync(open);
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(
      'configuration',
      `The password file cannot be read: ${messageOf(error)}.`,
    );
  }
}

const commandDeadline = 60_000;

/** The first line that a command prints; it runs in the user's shell, as `sudo -A` and git do it. */
async function runPasswordCommand(command: string): Promise<string> {
  const [shell, flag] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  try {
    const { stdout } = await run(shell, [flag, command], { timeout: commandDeadline });
    return firstLine(stdout);
  } catch {
    // The error of execFile holds what the command printed: it must not be shown.
    throw new BackupError(
      'configuration',
      'The password command failed. Run it by hand to see why.',
    );
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
