import { l10n, window, type SecretStorage } from 'vscode';
import type { Credentials, Question } from '../sources/credentials';

/**
 * Secrets in VS Code's SecretStorage, under the endpoint they belong to. One that is missing is asked
 * for once, and kept only after a login with it has worked (`keepWhatWorked`).
 */
export class SecretCredentials implements Credentials {
  readonly #secrets: SecretStorage;
  readonly #typed = new Map<string, string>();

  constructor(secrets: SecretStorage) {
    this.#secrets = secrets;
  }

  password(endpoint: string): Promise<string | undefined> {
    return this.#find(endpoint, l10n.t('Password for {0}', endpoint));
  }

  passphrase(keyFile: string): Promise<string | undefined> {
    return this.#find(`passphrase:${keyFile}`, l10n.t('Passphrase of {0}', keyFile));
  }

  async answers(_endpoint: string, question: Question): Promise<string[] | undefined> {
    const answers: string[] = [];
    for (const { text, echo } of question.prompts) {
      const answer = await ask(question.title || text, question.instructions || text, !echo);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  /** Stores what was typed: the login has worked with it. */
  async keepWhatWorked(): Promise<void> {
    for (const [key, secret] of this.#typed) await this.#secrets.store(key, secret);
    this.#typed.clear();
  }

  async #find(key: string, title: string): Promise<string | undefined> {
    const known = this.#typed.get(key) ?? (await this.#secrets.get(key));
    if (known !== undefined) return known;
    const typed = await ask(title, l10n.t('It is kept in the secret storage of VS Code.'), true);
    if (typed !== undefined) this.#typed.set(key, typed);
    return typed;
  }
}

async function ask(title: string, prompt: string, password: boolean): Promise<string | undefined> {
  return await window.showInputBox({ title, prompt, password, ignoreFocusOut: true });
}
