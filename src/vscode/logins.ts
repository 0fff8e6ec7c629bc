import { homedir, userInfo } from 'node:os';
import { env, l10n, Uri, window, workspace } from 'vscode';
import { systemClock } from '../base/clock';
import { cancelled } from '../base/abort';
import { BackupError } from '../base/errors';
import type { Log } from '../base/log';
import type { Environment } from '../sources/environment';
import { LoginCredentials, type Secrets } from './secrets';

/** Does what needs a login, and asks the person again for a secret that the server refused. */
export class Logins {
  readonly #log: Log;
  readonly #secrets: Secrets;

  constructor(log: Log, secrets: Secrets) {
    this.#log = log;
    this.#secrets = secrets;
  }

  /**
   * @param interactive whether a person is there to be asked
   * @param given secrets that the person has just typed, kept if they work
   * Throws what the action throws, or `cancelled` if the person closed a question.
   */
  async during<T>(
    interactive: boolean,
    action: (environment: Environment) => Promise<T>,
    given?: ReadonlyMap<string, string>,
  ): Promise<T> {
    requireTrust();
    let refused: ReadonlySet<string> = new Set();
    for (;;) {
      const credentials = new LoginCredentials(this.#secrets, interactive, refused, given);
      const environment = {
        ...this.#environment(credentials),
        ...(interactive && { notice: showServerWords, touch: askForTouch }),
      };
      try {
        const result = await action(environment);
        await credentials.keep();
        return result;
      } catch (error) {
        if (credentials.dismissed) throw cancelled();
        const again = interactive && isRefusal(error) && credentials.asked.size > 0;
        if (!again) throw error;
        refused = credentials.asked;
      }
    }
  }

  /** For what asks nobody: looking at a host key or a certificate, telling how a run went. */
  withoutPerson(): Environment {
    requireTrust();
    return this.#environment(new LoginCredentials(this.#secrets, false));
  }

  #environment(credentials: LoginCredentials): Environment {
    return {
      clock: systemClock,
      log: this.#log,
      credentials,
      home: homedir(),
      agent: process.env['SSH_AUTH_SOCK'],
      user: userInfo().username,
    };
  }
}

/** A login waits: the server may want the person to sign in elsewhere. */
function showServerWords(address: string, text: string): void {
  const link = /https:\/\/[^\s"'<>\\]+/.exec(text)?.[0];
  const open = l10n.t('Open Link');
  const words = l10n.t('{0} says: {1}', address, text);
  void window
    .showInformationMessage(words, ...(link === undefined ? [] : [open]))
    .then((picked) => {
      // VS Code shows the address, and asks.
      if (picked === open && link !== undefined) void env.openExternal(Uri.parse(link));
    });
}

function askForTouch(address: string): void {
  void window.showInformationMessage(l10n.t('Touch your security key to log in to {0}.', address));
}

function isRefusal(error: unknown): boolean {
  return error instanceof BackupError && error.kind === 'authentication';
}

/** Every connection is made through here, and none is made for a workspace that is not trusted. */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new BackupError(
    'configuration',
    l10n.t('This workspace is not trusted yet: a backup connects to the servers that it names.'),
  );
}
