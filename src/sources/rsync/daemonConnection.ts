import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock';
import { withDeadline } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { quoted } from './protocolError';

/** Text before the protocol, all lines together; a message of the day is no book. */
const mostText = 65_536;
/** The digests that we can answer a challenge with, best first (rsync checksum.c: valid_auth_checksums_items). */
export const ourDigests = ['sha512', 'sha256', 'sha1', 'md5', 'md4'];

export interface DaemonLogin {
  readonly host: string;
  readonly port: number;
  readonly timeout: number;
  readonly clock: Clock;
  /** The version to offer. */
  readonly offer: number;
  readonly user: string;
  /** Asked for only if the module wants one. */
  password(): Promise<string | undefined>;
}

export interface Greeting {
  readonly protocol: number;
  readonly digests: readonly string[];
}

/** A connection to a daemon that has greeted us and waits for the name of a module. */
export interface DaemonConnection {
  readonly socket: Socket;
  readonly lines: DaemonLines;
  readonly greeting: Greeting;
}

/** Lines of text as long as the daemon speaks in lines; bytes behind them are left on the socket. */
class DaemonLines {
  readonly #socket: Socket;
  readonly #login: DaemonLogin;
  #text = Buffer.alloc(0);
  #taken = 0;

  constructor(socket: Socket, login: DaemonLogin) {
    this.#socket = socket;
    this.#login = login;
  }

  /** The next line. Throws `protocol` for an endless one, `connection` at the end. */
  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf(10);
      if (end !== -1) {
        const line = this.#text.toString('latin1', 0, end).replace(/\r$/, '');
        this.#text = this.#text.subarray(end + 1);
        return line;
      }
      if (this.#taken > mostText) throw refused('The daemon sends text without end.');
      const chunk = await this.#chunk(signal);
      this.#taken += chunk.length;
      this.#text = Buffer.concat([this.#text, chunk]);
    }
  }

  /** Puts back what belongs to the protocol. */
  giveBack(): void {
    if (this.#text.length > 0) this.#socket.unshift(this.#text);
  }

  async #chunk(signal: AbortSignal): Promise<Buffer> {
    const socket = this.#socket;
    const stop = new AbortController();
    const arrived = new Promise<Buffer>((resolve, reject) => {
      const look = (): void => {
        const chunk = socket.read() as Buffer | null;
        if (chunk) resolve(chunk);
      };
      const onEnd = (): void => reject(closedEarly());
      for (const event of ['end', 'close', 'error']) socket.on(event, onEnd);
      socket.on('readable', look);
      stop.signal.addEventListener(
        'abort',
        () => {
          socket.off('readable', look);
          for (const event of ['end', 'close', 'error']) socket.off(event, onEnd);
        },
        { once: true },
      );
      if (socket.destroyed) onEnd();
      else look();
    });
    try {
      return await withDeadline(arrived, this.#login.timeout, 'waiting for the daemon', signal);
    } finally {
      stop.abort();
    }
  }
}

/** `@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4` */
const greetingForm = /^@RSYNCD: (\d+)(?:\.\d+)?((?: [a-z0-9]+)*)\s*$/;

/** Exchanges greetings (clientserver.c: exchange_protocols). */
export async function greetDaemon(
  login: DaemonLogin,
  socket: Socket,
  signal: AbortSignal,
): Promise<DaemonConnection> {
  const lines = new DaemonLines(socket, login);
  const line = await lines.next(signal);
  const [, version, digests = ''] = greetingForm.exec(line) ?? [];
  if (version === undefined) {
    throw refused(
      `No rsync daemon answers at ${login.host}:${login.port}: it says ${quoted(line)}.`,
    );
  }
  const protocol = Math.min(Number(version), login.offer);
  if (protocol < 27) throw refused(`The daemon speaks version ${version}, which is too old.`);
  const named = login.offer >= 30 ? ` ${ourDigests.join(' ')}` : '';
  socket.write(`@RSYNCD: ${login.offer}.0${named}\n`);
  const greeting = { protocol, digests: digests.split(' ').filter((name) => name !== '') };
  return { socket, lines, greeting };
}

export function refused(message: string): BackupError {
  return new BackupError('protocol', message, { scope: 'run' });
}

export function closedEarly(): BackupError {
  return new BackupError('connection', 'The rsync daemon closed the connection at once.');
}
