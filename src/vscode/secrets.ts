import { homedir } from 'node:os';
import { l10n, window, type SecretStorage } from 'vscode';
import type { Credentials, Question } from '../sources/credentials';

/**
 * Passwords and passphrases in VS Code's SecretStorage, each under the endpoint or key file that it
 * belongs to and not under a server's name: a workspace that points a name at another host never
 * obtains the former host's password.
 */
export class Secrets {
  readonly #storage: SecretStorage;

  constructor(storage: SecretStorage) {
    this.#storage = storage;
  }

  /** @param key an endpoint (`endpointOf`), or `passphrase:` and the path of a key file */
  async get(key: string): Promise<string | undefined> {
    return this.#storage.get(key);
  }

  async set(key: string, secret: string): Promise<void> {
    await this.#storage.store(key, secret);
  }

  async forget(key: string): Promise<void> {
    await this.#storage.delete(key);
  }
}

/** @param keyFile may start with `~/` */
export function passphraseKey(keyFile: string): string {
  return `passphrase:${keyFile.replace(/^~(?=[\\/])/, homedir())}`;
}

/**
 * The credentials of one attempt to log in. What the storage lacks, or what the server has refused
 * before, is asked for, if a person is there; what was typed is kept only after it has worked.
 */
export class LoginCredentials implements Credentials {
  readonly #secrets: Secrets;
  readonly #interactive: boolean;
  readonly #refused: ReadonlySet<string>;
  readonly #typed = new Map<string, Promise<string | undefined>>();
  readonly #asked = new Set<string>();
  /** Whether the person closed a question. */
  dismissed = false;

  /**
   * @param refused secrets that the server did not take: they are asked for again
   * @param given secrets that the person has just typed elsewhere
   */
  constructor(
    secrets: Secrets,
    interactive: boolean,
    refused: ReadonlySet<string> = new Set(),
    given: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#secrets = secrets;
    this.#interactive = interactive;
    this.#refused = refused;
    for (const [key, secret] of given) {
      if (!refused.has(key)) this.#typed.set(key, Promise.resolve(secret));
    }
  }

  /** The secrets that this attempt has used. */
  get asked(): ReadonlySet<string> {
    return this.#asked;
  }

  password(endpoint: string): Promise<string | undefined> {
    return this.#find(endpoint, l10n.t('Password for {0}', endpoint));
  }

  passphrase(keyFile: string): Promise<string | undefined> {
    return this.#find(passphraseKey(keyFile), l10n.t('Passphrase of {0}', keyFile));
  }

  async answers(_endpoint: string, question: Question): Promise<string[] | undefined> {
    if (!this.#interactive) return undefined;
    const answers: string[] = [];
    for (const { text, echo } of question.prompts) {
      const answer = await this.#ask(question.title || text, question.instructions || text, !echo);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  /** Stores what was typed: the login has worked with it. */
  async keep(): Promise<void> {
    for (const [key, typed] of this.#typed) {
      const secret = await typed;
      if (secret !== undefined) await this.#secrets.set(key, secret);
    }
    this.#typed.clear();
  }

  async #find(key: string, title: string): Promise<string | undefined> {
    this.#asked.add(key);
    const given = this.#typed.get(key);
    if (given) return given;
    const refused = this.#refused.has(key);
    const known = refused ? undefined : await this.#secrets.get(key);
    if (known !== undefined || !this.#interactive) return known;
    const hint = refused
      ? l10n.t('The server refused it. Try again.')
      : l10n.t('It is kept in the secret storage of VS Code.');
    // Several connections may ask at once: the person answers one of them.
    const typed = this.#typed.get(key) ?? this.#ask(title, hint, true);
    this.#typed.set(key, typed);
    return await typed;
  }

  async #ask(title: string, prompt: string, password: boolean): Promise<string | undefined> {
    const answer = await window.showInputBox({ title, prompt, password, ignoreFocusOut: true });
    if (answer === undefined) this.dismissed = true;
    return answer;
  }
}
