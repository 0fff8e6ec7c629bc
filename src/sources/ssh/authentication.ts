import type { AnyAuthMethod } from 'ssh2';

import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import type { Attempt } from './attempt';
import { keyAttempts } from './keyAttempts';
import { KeyboardInteractive } from './keyboardInteractive';
import { addressOf, type SshTarget } from './target';

/** OpenSSH hangs up after six refusals (`MaxAuthTries`), and each key that is offered counts. */
const mostTries = 6;
/** So many are left for the password and for questions. */
const keptBack = 2;

/**
 * The order of a login: keys and certificates that are configured, those of the agent, the usual ones, the
 * password, questions. A server that accepts one and wants another (partial success) gets the next that it
 * names.
 */
export class Authentication {
  readonly #target: SshTarget;
  readonly #environment: Environment;
  readonly #timeout: number;
  readonly #notes = new Set<string>();
  readonly #refused: string[] = [];
  #attempts: Attempt[] | undefined;
  #current: Attempt | undefined;
  #keysTried = 0;
  /** What the server has shown that it allows. */
  #mostKeys = mostTries;
  /** Keys are left that this connection has no room for. */
  #isFull = false;
  readonly #accepted: Attempt[] = [];
  #passwordRefused = false;

  /** Runs a dialog with a person, during which the server's deadline stands still. */
  questioned: (asked: () => Promise<string[]>) => Promise<string[]> = (asked) => asked();

  /** @param timeout milliseconds that an agent may take where nobody is there */
  constructor(target: SshTarget, environment: Environment, timeout: number) {
    this.#target = target;
    this.#environment = environment;
    this.#timeout = timeout;
  }

  /**
   * After a connection that ended without a login: whether a new one can try what is left. What the server
   * took as a part is shown to it again. A server that hung up has refused the last key, and is offered
   * fewer on each connection from then on.
   */
  goOn(): boolean {
    const hungUpOn = this.#current?.method === 'publickey' ? this.#current : undefined;
    if (!hungUpOn && !this.#isFull) return false;
    if (hungUpOn) {
      this.#note(false);
      this.#mostKeys = Math.max(1, this.#keysTried - 1);
    }
    if (!this.#attempts || this.#attempts.length === 0) return false;
    this.#attempts = [...this.#accepted.splice(0), ...this.#attempts];
    this.#isFull = false;
    this.#keysTried = 0;
    return true;
  }

  /**
   * The next thing to try. `left` is what the server accepts, null before it was asked. Throws
   * `authentication` when nothing is left to try.
   */
  async next(left: readonly string[] | null, partial: boolean | null): Promise<AnyAuthMethod> {
    const { username } = this.#target;
    // The first request asks for nothing, so that the server names its methods: no password is
    // fetched, and none sent, where only keys are accepted.
    if (left === null) return { type: 'none', username };
    this.#note(partial === true);
    this.#attempts ??= await this.#allAttempts();
    const onlyKeys = left.every((method) => method === 'publickey');
    const mostKeys = Math.min(this.#mostKeys, onlyKeys ? mostTries : mostTries - keptBack);
    for (const attempt of this.#attempts.filter(({ method }) => left.includes(method))) {
      if (attempt.method === 'publickey' && this.#keysTried >= mostKeys) {
        this.#isFull = true;
        throw this.#failure(left);
      }
      this.#attempts = this.#attempts.filter((other) => other !== attempt);
      const method = await attempt.prepare();
      if (!method) continue;
      if (attempt.method === 'publickey') this.#keysTried += 1;
      this.#environment.log.debug(`Logging in to ${addressOf(this.#target)} by ${attempt.label}.`);
      this.#current = attempt;
      return method;
    }
    throw this.#failure(left);
  }

  #note(accepted: boolean): void {
    const attempt = this.#current;
    this.#current = undefined;
    if (attempt && accepted) this.#accepted.push(attempt);
    if (!attempt || accepted) return;
    this.#refused.push(attempt.label);
    if (attempt.whyRefused !== undefined) this.#notes.add(attempt.whyRefused);
    if (attempt.method === 'password') this.#passwordRefused = true;
  }

  async #allAttempts(): Promise<Attempt[]> {
    const note = (text: string): void => void this.#notes.add(text);
    const keys = await keyAttempts(this.#target, this.#environment, this.#timeout, note);
    return [...keys, this.#byPassword(), this.#byQuestions()];
  }

  #byPassword(): Attempt {
    const { username } = this.#target;
    return {
      method: 'password',
      label: 'password',
      prepare: async () => {
        const password = await this.#password();
        return password === undefined ? undefined : { type: 'password', username, password };
      },
    };
  }

  #byQuestions(): Attempt {
    const { username } = this.#target;
    // A password that was refused is not sent a second time: servers lock accounts for that.
    const password = async (): Promise<string | undefined> =>
      this.#passwordRefused ? undefined : this.#password();
    const dialog = new KeyboardInteractive(this.#target, this.#environment, password);
    return {
      method: 'keyboard-interactive',
      label: 'keyboard-interactive',
      prepare: () =>
        Promise.resolve({
          type: 'keyboard-interactive',
          username,
          prompt: (name, instructions, _language, prompts, finish) => {
            const answered = this.questioned(() => dialog.answer({ name, instructions, prompts }));
            // A failure has ended the login by then.
            answered.then(finish, () => undefined);
          },
        }),
    };
  }

  async #password(): Promise<string | undefined> {
    const { endpoint } = this.#target;
    const password = await this.#environment.credentials.password(endpoint);
    if (password === undefined) this.#notes.add(`no password is stored for ${endpoint}`);
    return password;
  }

  #failure(left: readonly string[]): BackupError {
    const { username } = this.#target;
    const refused = this.#refused.length > 0 ? ` It refused: ${this.#refused.join(', ')}.` : '';
    const notes = [...this.#notes].map((note) => ` Also, ${note}.`).join('');
    const accepted = left.length > 0 ? ` It accepts: ${left.join(', ')}.` : '';
    return new BackupError(
      'authentication',
      `${addressOf(this.#target)} does not let ${username} in.${refused}${accepted}${notes}`,
    );
  }
}
