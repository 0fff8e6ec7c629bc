import type { Prompt } from 'ssh2';

import { BackupError } from '../../base/errors';
import { printable } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { SshTarget } from './target';

/** A dialog needs few questions; a server that asks for ever is stopped. */
const mostQuestions = 16;

/** Words for the password of an account, in the languages that servers are set up in. */
const asksPassword =
  /pass\s?wor[dt]|passwor[dt]|mot de passe|contrase|senha|parola|has[lł]o|lösenord|пароль|密码|密碼|パスワード|암호/iu;
/** What must never be answered with the account's password. */
const asksOther =
  /\b(?:one.?time|[ht]?otp|tokens?|verif\w*|2fa|factor|code|pin|duo|new|again|retype|re-enter|confirm|change|expired|nouveau|neues)\b/iu;

export interface Asking {
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly Prompt[];
}

/**
 * Answers what a server asks by keyboard-interactive. The stored password answers a single hidden
 * prompt that asks for a password, once; everything else is for a person (users of peers report
 * clients that send the password to whatever is asked).
 */
export class KeyboardInteractive {
  readonly #target: SshTarget;
  readonly #environment: Environment;
  readonly #password: () => Promise<string | undefined>;
  #questions = 0;
  #passwordSent = false;

  constructor(
    target: SshTarget,
    environment: Environment,
    password: () => Promise<string | undefined>,
  ) {
    this.#target = target;
    this.#environment = environment;
    this.#password = password;
  }

  /** The answers, one for each prompt. Throws `authentication` if nobody can answer. */
  async answer(asking: Asking): Promise<string[]> {
    this.#questions += 1;
    if (this.#questions > mostQuestions) {
      throw this.#refused('asks questions without end');
    }
    if (isPasswordPrompt(asking.prompts)) {
      if (this.#passwordSent) throw this.#refused('does not accept the password');
      const password = await this.#password();
      if (password !== undefined) {
        this.#passwordSent = true;
        return [password];
      }
    }
    return this.#ask(asking);
  }

  async #ask({ name, instructions, prompts }: Asking): Promise<string[]> {
    const answers = await this.#environment.credentials.answers(this.#target.endpoint, {
      title: printable(name),
      instructions: printable(instructions),
      prompts: prompts.map(({ prompt, echo }) => ({
        text: printable(prompt),
        echo: echo === true,
      })),
    });
    if (answers?.length === prompts.length) return answers;
    const asked = prompts.map(({ prompt }) => `"${printable(prompt).trim()}"`).join(' and ');
    throw this.#refused(
      `asks ${asked}, and nobody is there to answer: such an account cannot be backed up unattended`,
    );
  }

  #refused(what: string): BackupError {
    const { label, username } = this.#target;
    return new BackupError('authentication', `${label} ${what} (account ${username}).`);
  }
}

/** Whether the only thing asked for is the account's own password. */
export function isPasswordPrompt(prompts: readonly Prompt[]): boolean {
  const [only] = prompts;
  if (only === undefined || prompts.length !== 1 || only.echo === true) return false;
  // A user's name may stand in the prompt: "(codey@host) Password:".
  const text = only.prompt.replace(/^\(.*?\)/, '').replace(/\S+@\S+/g, '');
  return asksPassword.test(text) && !asksOther.test(text);
}
