import type { Socket } from 'node:net';
import { abortReason } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import type { Log } from '../../base/log';
import { printable } from '../../model/remotePath';
import { isUnknownCommand, quoted } from './refusal';
import { ReplyReader, type Reply } from './reply';
import type { StallWatch } from './stallWatch';

/** A server may say more than once that a transfer begins, but not for ever. */
const mostPreliminaries = 20;

/** Asked in the middle of a transfer: its answer, 257, cannot be that of a transfer (RFC 959, section 5.4). */
const probe = 'PWD';

interface Pending {
  readonly command: string;
  /** Sent while the transfer before it may still run; a server may refuse it out of turn. */
  readonly ahead: boolean;
  /** Sent in one packet with a command before it. */
  readonly joined: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: BackupError) => void;
  preliminaries: number;
}

/**
 * The control connection after the login: commands out, replies in, in the same order (RFC 959,
 * section 5.4). Several commands may be under way at once, which is where the speed comes from.
 * Once it has failed, every command of then and later is rejected with the reason.
 */
export class Control {
  readonly #socket: Socket;
  readonly #log: Log;
  readonly #watch: StallWatch;
  readonly #reader = new ReplyReader();
  readonly #pending: Pending[] = [];
  #failure: BackupError | undefined;
  #receivedBytes = 0;
  #answers = 0;
  /** Whether the server speaks Telnet so far that a byte 255 must be doubled (RFC 854). */
  doubles255 = false;
  /** Called once, when the connection is of no more use. */
  onFailure: (error: BackupError) => void = () => undefined;
  /** The error of a reply after which nothing more is to be asked. */
  fatal: (reply: Reply) => BackupError | undefined = () => undefined;
  /** Called when a command is answered that came in one packet behind another one. */
  onJoinedAnswered: () => void = () => undefined;
  /** Called when the server announces a transfer. */
  onBegun: () => void = () => undefined;
  /** Called when a port that was asked for ahead is opened while the transfer before it still runs. */
  onSwapped: () => void = () => undefined;

  constructor(socket: Socket, watch: StallWatch, log: Log) {
    this.#socket = socket;
    this.#watch = watch;
    this.#log = log;
    socket.setEncoding('latin1');
    socket.setTimeout(0);
    socket.setNoDelay(true);
    // Routers forget a control connection that is silent while a big file is transferred.
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer | string) => this.#receive(chunk.toString()));
    socket.on('error', (error) => this.fail(lost(messageOf(error), error)));
    socket.on('close', () => this.fail(lost('the server closed it')));
  }

  get failure(): BackupError | undefined {
    return this.#failure;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Whether a command waits for its answer that came in one packet behind another one. */
  get awaitsJoined(): boolean {
    return this.#pending.some(({ joined }) => joined);
  }

  /** How many replies have come; the farewell of a server that has waited too long is none. */
  get answers(): number {
    return this.#answers;
  }

  /** Sends one command. Resolves with the final reply, whatever it says. */
  async ask(command: string): Promise<Reply> {
    const [reply] = this.send([command]);
    if (reply === undefined) throw lost('nothing was sent');
    return reply;
  }

  /**
   * Sends commands in one go, so that a server finds them together in its buffer; `ahead` is one
   * more that must wait for the transfer before it. The promises may be left unobserved.
   *
   * A byte 255 (Telnet's IAC) goes out as vsftpd and Pure-FTPd take it, as it is, or as ProFTPD takes
   * it, doubled: each takes the other form for another name, or for a Telnet command.
   */
  send(commands: readonly string[], ahead?: string): Promise<Reply>[] {
    const all = ahead === undefined ? commands : [...commands, ahead];
    const fault = all.find((command) => /[\r\n\0]/.test(command));
    if (fault !== undefined) throw unspeakable(fault);
    const replies = all.map((command, index) =>
      this.#expect({ command, ahead: index >= commands.length, joined: index > 0 }),
    );
    if (this.#failure === undefined) {
      for (const command of all) this.#log.trace(`> ${printable(command)}`);
      const bytes = `${all.join('\r\n')}\r\n`;
      this.#socket.write(this.doubles255 ? bytes.replaceAll('\xff', '\xff\xff') : bytes, 'latin1');
    }
    return replies;
  }

  /** Asks in the middle of a transfer for something harmless. The answer may come before that of the transfer. */
  async probe(): Promise<Reply> {
    const [reply] = this.send([], probe);
    if (reply === undefined) throw lost('nothing was sent');
    return reply;
  }

  #expect(sent: Pick<Pending, 'command' | 'ahead' | 'joined'>): Promise<Reply> {
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#watch.wait();
      this.#pending.push({ ...sent, resolve, reject, preliminaries: 0 });
    });
    reply.catch(() => undefined);
    return reply;
  }

  #receive(chunk: string): void {
    this.#receivedBytes += chunk.length;
    try {
      for (const reply of this.#reader.push(chunk)) this.#reply(reply);
    } catch (error) {
      this.fail(error instanceof BackupError ? error : lost(messageOf(error), error));
    }
  }

  #reply(reply: Reply): void {
    this.#log.trace(`< ${reply.code} ${printable(reply.lines.join(' | '))}`);
    const head = this.#pending[0];
    const fatal = this.fatal(reply);
    if (fatal !== undefined) throw fatal;
    if (head === undefined || reply.code === 421) throw lost(quoted(reply));
    this.#answers += 1;
    if (reply.code < 200) {
      this.#preliminary(head);
      return;
    }
    this.#watch.progress();
    this.#watch.rest();
    const early = this.#isEarly(reply, head.preliminaries > 0);
    const [answered] = this.#pending.splice(early ? 1 : 0, 1);
    if (answered?.joined) this.onJoinedAnswered();
    answered?.resolve(reply);
  }

  /** Only the first counts as progress: a server that repeats it for ever makes none. */
  #preliminary(head: Pending): void {
    head.preliminaries += 1;
    if (head.preliminaries === 1) {
      this.#watch.progress();
      this.onBegun();
    } else if (head.preliminaries > mostPreliminaries) {
      throw new BackupError('protocol', 'The server announces a transfer without end.');
    }
  }

  /**
   * ProFTPD answers a command that comes during a transfer with 450 "data transfer in progress",
   * Pure-FTPd with 500, both before the reply of the transfer itself. Neither these nor a port can
   * be the end of a transfer that has begun.
   */
  #isEarly(reply: Reply, begun: boolean): boolean {
    const next = this.#pending[1];
    if (next === undefined) return false;
    if (!next.ahead) return refuseLost(reply, begun);
    if (next.command === probe && reply.code === 257) return true;
    if (reply.code >= 227 && reply.code <= 229) {
      this.onSwapped();
      return true;
    }
    if (!begun) return false;
    if (reply.code === 450) return reply.lines.some((line) => line.includes(next.command));
    return isUnknownCommand(reply);
  }

  /** Ends the connection; whoever waits gets the error. Only the first call has an effect. */
  fail(error: BackupError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#log.debug(`Connection ended: ${error.message}`);
    this.#watch.dispose();
    this.#socket.destroy();
    for (const pending of this.#pending.splice(0)) pending.reject(error);
    this.onFailure(error);
  }

  /** Says goodbye without waiting for long. */
  async close(patience: number): Promise<void> {
    if (this.#failure !== undefined) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    const timer = setTimeout(() => this.#socket.destroy(), patience);
    this.#socket.end('QUIT\r\n');
    await closed;
    clearTimeout(timer);
  }

  /** Ends the connection because its user gave up. */
  abort(signal: AbortSignal): void {
    this.fail(abortReason(signal));
  }
}

function lost(why: string, cause?: unknown): BackupError {
  return new BackupError('connection', `The connection to the server was lost: ${why}`, { cause });
}

/** A transfer that has begun cannot end as an unknown command: what was sent behind it was lost. */
function refuseLost(reply: Reply, begun: boolean): false {
  if (begun && isUnknownCommand(reply)) {
    throw lost(`it refused what was sent behind a transfer: ${quoted(reply)}`);
  }
  return false;
}

function unspeakable(command: string): BackupError {
  return new BackupError(
    'protocol',
    `FTP has no way to name this: ${printable(command.replace(/^[A-Z]+ /, ''))}`,
  );
}
