import { createHash } from 'node:crypto';
import { BackupError } from '../../base/errors';
import { faultOfName } from '../../model/remotePath';
import {
  closedEarly,
  ourDigests,
  refused,
  type DaemonConnection,
  type DaemonLogin,
  type Greeting,
} from './daemonConnection';
import { Md4 } from './md4';
import { quoted } from './protocolError';
import type { Transport } from './transport';

/** The daemon's modules with their comments (clientserver.c: send_listing). */
export async function listModules(
  { socket, lines }: DaemonConnection,
  signal: AbortSignal,
): Promise<string[]> {
  socket.write('#list\n');
  const modules: string[] = [];
  for (;;) {
    const line = await lines.next(signal);
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
  connection: DaemonConnection,
  options: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<Transport> {
  const { socket, lines, greeting } = connection;
  const [module = ''] = path.split('/');
  socket.write(Buffer.from(`${module}\n`, 'latin1'));
  for (
    let line = await lines.next(signal);
    line !== '@RSYNCD: OK';
    line = await lines.next(signal)
  ) {
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

/**
 * A daemon takes arguments as patterns, component by component; where nothing is a pattern it takes
 * backslashes as they are (util1.c: glob_match).
 */
export function globEscaped(path: string): string {
  const escaped = (name: string): string =>
    /[*?[]/.test(name) ? name.replace(/[*?[\\]/g, '\\$&') : name;
  return path.split('/').map(escaped).join('/');
}
