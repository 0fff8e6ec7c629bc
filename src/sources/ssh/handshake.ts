import type { Duplex } from 'node:stream';

import type { AuthHandlerMiddleware, ServerHostKeyAlgorithm } from 'ssh2';

import { abortReason, throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import type { Authentication } from './authentication';
import { LoginDeadline } from './loginDeadline';
import { loginError, type Stage } from './loginError';
import { sendOffers } from './publicKeyRequest';
import { PacketSocket } from './packetSocket';
import { ServerWords } from './serverWords';
import { SshClient } from './sshClient';
import { addressOf, type SshTarget } from './target';

export interface Handshake {
  readonly target: SshTarget;
  /** The connection to talk over; it is destroyed if the login fails. */
  readonly socket: Duplex;
  readonly hostKeyAlgorithms: ServerHostKeyAlgorithm[];
  /** Why the host's key is not good enough, or undefined. Asked before anything secret is sent. */
  readonly refuse: (key: Buffer) => BackupError | undefined;
  /** Milliseconds without progress. */
  readonly timeout: number;
  /** What is tried; it outlives a connection. */
  readonly authentication: Authentication;
}

/** Often enough for routers to remember the connection, seldom enough not to disturb. */
const keepAlive = { keepaliveInterval: 20_000, keepaliveCountMax: 3 };

/** Checks the host and logs in. Throws `host-key`, `authentication`, `connection`, `protocol` or `timeout`. */
export async function shakeHands(
  handshake: Handshake,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshClient> {
  throwIfAborted(signal);
  const login = new Login(handshake, environment);
  const onAbort = (): void => login.fail(abortReason(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await login.run();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

class Login {
  readonly #handshake: Handshake;
  readonly #client = new SshClient();
  readonly #deadline: LoginDeadline;
  readonly #words: ServerWords;
  readonly #failed: Promise<never>;
  #reject: (error: BackupError) => void = () => undefined;
  #stage: Stage = 'handshake';
  /** So that nobody is asked for a signature that is of no more use. */
  readonly #over = new AbortController();

  constructor(handshake: Handshake, environment: Environment) {
    this.#handshake = handshake;
    this.#failed = new Promise<never>((_resolve, reject) => (this.#reject = reject));
    const address = addressOf(handshake.target);
    this.#deadline = new LoginDeadline(handshake.timeout, address, (error) => this.fail(error));
    handshake.authentication.questioned = (asked) => this.#withPerson(asked);
    this.#words = new ServerWords(address, environment, (milliseconds) => {
      if (this.#stage === 'authentication') this.#deadline.start(milliseconds);
    });
  }

  async run(): Promise<SshClient> {
    const { target, socket, refuse } = this.#handshake;
    const { client } = this.#client;
    client.prependListener('error', (error) => this.fail(this.#meaningOf(error)));
    client.once('handshake', () => {
      this.#stage = 'authentication';
      sendOffers(client, (key, data, algorithm) =>
        this.#withPerson(() => key.sign(data, algorithm, this.#over.signal)),
      );
      this.#deadline.start();
    });
    client.on('handshake', ({ sc }) => {
      // Of what arrives, ssh2 copies what it needs later with these ciphers, but not with all.
      if (socket instanceof PacketSocket) socket.keepsNothing = sc.cipher.includes('gcm');
    });
    client.once('change password', () => {
      const message = `The password of ${target.username} on ${addressOf(target)} has expired: set a new one there.`;
      this.fail(new BackupError('authentication', message));
    });
    this.#deadline.start();
    const loggedIn = this.#client.logIn({
      sock: socket,
      username: target.username,
      readyTimeout: 0,
      ...keepAlive,
      algorithms: { serverHostKey: this.#handshake.hostKeyAlgorithms },
      hostVerifier: (key: Buffer) => {
        const refused = refuse(key);
        if (refused) this.fail(refused);
        return refused === undefined;
      },
      authHandler: this.#authHandler,
    });
    this.#words.listen(client, socket);
    // What ssh2 said itself is known already; what ssh2-sftp-client makes of it says less.
    const ready = loggedIn.catch((error: unknown) => {
      throw this.#meaningOf(error);
    });
    ready.catch(() => undefined);
    try {
      await Promise.race([this.#failed, ready]);
      return this.#client;
    } finally {
      this.#deadline.stop();
      this.#words.stop();
      this.#over.abort();
    }
  }

  /** Ends the login; the first reason counts. */
  fail(error: BackupError): void {
    this.#reject(this.#words.addedTo(error));
    this.#deadline.stop();
    this.#handshake.socket.destroy();
  }

  readonly #authHandler: AuthHandlerMiddleware = (left, partial, next) => {
    this.#deadline.stop();
    // ssh2 gives null before the server was asked, which the type declarations leave out.
    const methods = left as readonly string[] | null;
    this.#handshake.authentication.next(methods, partial).then(
      (method) => {
        this.#deadline.start();
        next(method);
      },
      (error: unknown) => this.fail(this.#meaningOf(error)),
    );
  };

  async #withPerson<Answer>(asked: () => Promise<Answer>): Promise<Answer> {
    this.#deadline.stop();
    try {
      const answers = await asked();
      if (!this.#over.signal.aborted) this.#deadline.start();
      return answers;
    } catch (error) {
      this.fail(this.#meaningOf(error));
      throw error;
    }
  }

  #meaningOf(error: unknown): BackupError {
    if (error instanceof BackupError) return error;
    return loginError(error, this.#stage, addressOf(this.#handshake.target));
  }
}
