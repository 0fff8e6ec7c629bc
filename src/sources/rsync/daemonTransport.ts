import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../base/clock';
import { withDeadline } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { faultOfName } from '../../model/remotePath';
import { Md4 } from './md4';
import { quoted } from './protocolError';
import type { Transport } from './transport';

/** Text before the protocol, all lines together; a message of the day is no book. */
const mostText = 65_536;
/** The digests that we can answer a challenge with, best first (rsync checksum.c: valid_auth_checksums_items). */
const ourDigests = ['sha512', 'sha256', 'sha1', 'md5', 'md4'];

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

/** Connects to a daemon. Throws `connection` with the scope of the run. */
export async function connectToDaemon(login: DaemonLogin, signal: AbortSignal): Promise<Socket> {
  const { host, port, timeout } = login;
  const socket = connect({ host, port, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  try {
    await withDeadline(connected, timeout, `connecting to ${host}:${port}`, signal);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    if (error instanceof BackupError && error.kind === 'cancelled') throw error;
    const message = `The rsync daemon at ${host}:${port} cannot be reached (${messageOf(error)}): check the address, the port and the firewall.`;
    throw new BackupError('connection', message, { cause: error, scope: 'run' });
  }
}

/** Lines of text as long as the daemon speaks in lines; bytes behind them are left on the socket. */
class Lines {
  readonly #socket: Socket;
  readonly #login: DaemonLogin;
  readonly #signal: AbortSignal;
  #text = Buffer.alloc(0);
  #taken = 0;

  constructor(socket: Socket, login: DaemonLogin, signal: AbortSignal) {
    this.#socket = socket;
    this.#login = login;
    this.#signal = signal;
  }

  /** The next line. Throws `protocol` for an endless one, `connection` at the end. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf(10);
      if (end !== -1) {
        const line = this.#text.toString('latin1', 0, end).replace(/\r$/, '');
        this.#text = this.#text.subarray(end + 1);
        return line;
      }
      if (this.#taken > mostText) throw refused('The daemon sends text without end.');
      const chunk = await this.#chunk();
      this.#taken += chunk.length;
      this.#text = Buffer.concat([this.#text, chunk]);
    }
  }

  /** Puts back what belongs to the protocol. */
  giveBack(): void {
    if (this.#text.length > 0) this.#socket.unshift(this.#text);
  }

  async #chunk(): Promise<Buffer> {
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
      return await withDeadline(
        arrived,
        this.#login.timeout,
        'waiting for the daemon',
        this.#signal,
      );
    } finally {
      stop.abort();
    }
  }
}

interface Greeting {
  readonly protocol: number;
  readonly digests: readonly string[];
}

/** The daemon's modules with their comments (clientserver.c: send_listing). */
export async function listModules(
  login: DaemonLogin,
  socket: Socket,
  signal: AbortSignal,
): Promise<string[]> {
  const lines = new Lines(socket, login, signal);
  await greet(lines, socket, login);
  socket.write('#list\n');
  const modules: string[] = [];
  for (;;) {
    const line = await lines.next();
    if (line === '@RSYNCD: EXIT') return modules;
    const error = errorOf(line);
    if (error) throw error;
    // A message of the day has no tab, a module has one behind its name, filled up with spaces.
    const tab = line.indexOf('\t');
    if (tab > 0) modules.push(moduleName(line.slice(0, tab)));
  }
}

/** A module is the first folder of a path: it must be one clean name. */
function moduleName(padded: string): string {
  const name = padded.trimEnd();
  const fault = faultOfName(name);
  if (fault === undefined) return name;
  throw refused(`The daemon lists a module that ${fault}: ${quoted(name)}.`);
}

/**
 * Chooses a module of a daemon, logs in if it asks for it, and starts its rsync (clientserver.c:
 * start_inband_exchange). Throws `authentication`, `not-found` or `protocol`.
 * @param path a byte string, `module/path`
 */
export async function openDaemonTransport(
  login: DaemonLogin,
  socket: Socket,
  options: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<Transport> {
  const lines = new Lines(socket, login, signal);
  const greeting = await greet(lines, socket, login);
  const [module = ''] = path.split('/');
  socket.write(Buffer.from(`${module}\n`, 'latin1'));
  for (let line = await lines.next(); line !== '@RSYNCD: OK'; line = await lines.next()) {
    const error = errorOf(line);
    if (error) throw error;
    const challenge = /^@RSYNCD: AUTHREQD (.+)$/.exec(line)?.[1];
    if (challenge !== undefined) socket.write(await answerTo(challenge, greeting, login));
    else if (line === '@RSYNCD: EXIT') throw closedEarly();
  }
  const end = greeting.protocol >= 30 ? '\0' : '\n';
  const args = [...options, '.', globEscaped(path), ''].map((argument) => argument + end);
  socket.write(Buffer.from(args.join(''), 'latin1'));
  lines.giveBack();
  const ended = new Promise<undefined>((resolve) => socket.once('close', () => resolve(undefined)));
  return {
    stream: socket,
    protocol: greeting.protocol,
    onErrorText: () => undefined,
    ended,
    drop: () => void socket.destroy(),
  };
}

/** `@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4` */
const greetingForm = /^@RSYNCD: (\d+)(?:\.\d+)?((?: [a-z0-9]+)*)\s*$/;

async function greet(lines: Lines, socket: Socket, login: DaemonLogin): Promise<Greeting> {
  const line = await lines.next();
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
  return { protocol, digests: digests.split(' ').filter((name) => name !== '') };
}

/** `user digest`, the digest without padding (authenticate.c: generate_hash). */
async function answerTo(
  challenge: string,
  greeting: Greeting,
  login: DaemonLogin,
): Promise<string> {
  const password = await login.password();
  if (password === undefined) {
    const message = `The daemon at ${login.host} asks for the password of ${login.user}, and there is none.`;
    throw new BackupError('authentication', message);
  }
  const given = Buffer.from(password + challenge, 'utf8');
  // Below 30 we name no digests, so that the daemon goes by the oldest rule.
  const known = login.offer >= 30 ? ourDigests : [];
  const shared = known.find((name) => greeting.digests.includes(name));
  const algorithm = shared ?? (greeting.protocol >= 30 ? 'md5' : 'oldMd4');
  const digest = digestOf(algorithm, given).toString('base64').replace(/=+$/, '');
  return `${login.user} ${digest}\n`;
}

function digestOf(algorithm: string, given: Buffer): Buffer {
  if (algorithm === 'md4') return new Md4().update(given).digest();
  if (algorithm === 'oldMd4') return new Md4().update(Buffer.alloc(4)).update(given).digest();
  return createHash(algorithm).update(given).digest();
}

function errorOf(line: string): BackupError | undefined {
  const said = /^@ERROR:? ?(.*)$/.exec(line)?.[1];
  if (said === undefined) return undefined;
  const message = `The rsync daemon refuses: ${quoted(said)}.`;
  if (/^auth failed/i.test(said)) return new BackupError('authentication', message);
  if (/^Unknown module/i.test(said)) return new BackupError('not-found', message);
  if (/^max connections/i.test(said)) return new BackupError('too-many-connections', message);
  if (/^access denied/i.test(said)) return new BackupError('permission', message);
  return refused(message);
}

function refused(message: string): BackupError {
  return new BackupError('protocol', message, { scope: 'run' });
}

function closedEarly(): BackupError {
  return new BackupError('connection', 'The rsync daemon closed the connection at once.');
}

/**
 * A daemon takes arguments as patterns, component by component; where nothing is a pattern it takes
 * backslashes as they are (util1.c: glob_match).
 */
export function globEscaped(path: string): string {
  const escaped = (name: string): string =>
    /[*?[]/.test(name) ? name.replace(/[*?[\\]/g, '\\$&') : name;
  return path.split('/').map(escaped).join('/');
}
