import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { hasPassword } from '../copies/restic/variables';
import { copyEndpoint, isCopyEndpoint, type Copy } from '../model/configuration/copy';
import { environmentName } from '../model/configuration/environmentName';
import type { Credentials, Question } from '../sources/credentials';
import { readSecretFile, runSecretCommand } from './secretSources';

export interface SecretOptions {
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly jumpPasswordFile?: string;
  readonly jumpPasswordCommand?: string;
  readonly copyPasswordFile?: string;
  readonly copyPasswordCommand?: string;
}

export interface CredentialsContext {
  /** Where variables are looked up, and what the commands see. */
  readonly env: NodeJS.ProcessEnv;
  readonly options: SecretOptions;
  /** Whether a person is at the terminal to be asked. */
  readonly interactive: boolean;
  /** The off-site copies whose passwords may be asked for. */
  readonly copies?: readonly Copy[];
}

/**
 * Secrets on the command line: environment, file, command, and at last a prompt. The server's own
 * password is never offered to a jump host, nor to the mail server that takes the report: these have
 * names of their own.
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
    if (isCopyEndpoint(endpoint)) return this.#once(endpoint, () => this.#copyPassword(endpoint));
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
    const { env, options } = this.#context;
    const jump = endpoint === this.#endpoint ? undefined : jumpHost(endpoint);
    const set =
      jump === undefined
        ? this.#fromEnvironment('PASSWORD')
        : (env[`SAUVEGARDE_JUMP_PASSWORD_${environmentName(jump)}`] ??
          env['SAUVEGARDE_JUMP_PASSWORD']);
    if (set !== undefined) return set;
    const file = jump === undefined ? options.passwordFile : options.jumpPasswordFile;
    const text = jump === undefined ? options.passwordCommand : options.jumpPasswordCommand;
    if (file !== undefined) return readSecretFile(file);
    if (text !== undefined) return runSecretCommand({ text, env, endpoint });
    return undefined;
  }

  /** Of a repository: never that of a server. Those that restic itself is given are its own business. */
  async #copyPassword(endpoint: string): Promise<string | undefined> {
    const { env, options, copies = [] } = this.#context;
    const copy = copies.find((one) => copyEndpoint(one) === endpoint);
    if (!copy) return undefined;
    const { copyPasswordFile: file, copyPasswordCommand: text } = options;
    const set =
      env[`SAUVEGARDE_COPY_PASSWORD_${environmentName(copy.name)}`] ??
      env['SAUVEGARDE_COPY_PASSWORD'];
    if (set !== undefined) return set;
    if (file !== undefined) return readSecretFile(file);
    if (text !== undefined) return runSecretCommand({ text, env, endpoint });
    if (hasPassword(env)) return undefined;
    return await this.#prompt(`Password of the repository ${copy.repository}: `);
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

/** The host of `ssh://user@host:port`, which is how jump hosts are called. */
function jumpHost(endpoint: string): string | undefined {
  return /^ssh:\/\/.*@\[?([^\]]+?)\]?:\d+$/.exec(endpoint)?.[1];
}
