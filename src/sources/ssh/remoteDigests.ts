import type { ClientChannel } from 'ssh2';
import { withDeadline } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import { digestCommand, parseDigestLine, pathArgument } from './digestCommand';
import { openSshSession } from './login';
import type { SshSession } from './session';

/** A file whose content may be what is known of it. */
export interface Asked {
  readonly path: RemotePath;
  /** Bytes. */
  readonly size: number;
  /** The digest that it is thought to have, in hexadecimal. */
  readonly sha256: string;
}

/** So many files are asked for by one command, and so many bytes of them. */
const filesAtOnce = 1000;
const bytesAtOnce = 4 * 1024 ** 3;
/** The slowest disk that is waited for, in bytes per millisecond. */
const slowest = 2000;
/** A line is a digest and a path, of which each byte may be escaped. */
const longestLine = 140_000;

/**
 * Asks a server to compute the SHA-256 of files, over an ssh login of its own: nothing of their content
 * travels. Of a file that it cannot read, or says two things of, nothing is told. Throws `protocol` (scope
 * run) if it has no program for it, `timeout` if it takes much too long, and what a login throws.
 * @param onSame called with each file that has the digest it is thought to have
 */
export async function remoteDigests(
  server: Server,
  environment: Environment,
  files: AsyncIterable<Asked>,
  onSame: (path: RemotePath) => void,
  signal: AbortSignal,
): Promise<void> {
  await using session = await openSshSession(server, environment, signal);
  let batch: Asked[] = [];
  let bytes = 0;
  const ask = async (): Promise<void> => {
    if (batch.length === 0) return;
    const patience = server.timeout + bytes / slowest;
    const answers = await askFor(session, batch, patience, signal);
    for (const { path, sha256 } of batch) if (answers.get(path) === sha256) onSame(path);
    batch = [];
    bytes = 0;
  };
  for await (const file of files) {
    if (batch.length >= filesAtOnce || (bytes > 0 && bytes + file.size > bytesAtOnce)) await ask();
    batch.push(file);
    bytes += file.size;
  }
  await ask();
}

/** Undefined for a file of which two things were said. */
type Answers = Map<RemotePath, string | undefined>;

async function askFor(
  session: SshSession,
  batch: readonly Asked[],
  patience: number,
  signal: AbortSignal,
): Promise<Answers> {
  const channel = await session.exec(digestCommand, signal);
  const lost = session.closed.then((error) => Promise.reject(error));
  lost.catch(() => undefined);
  try {
    const answers = collect(channel, new Set(batch.map(({ path }) => path)));
    const exit = exitOf(channel);
    // What it complains of is of files that then have no digest.
    channel.stderr.resume();
    channel.end(Buffer.concat(batch.map(({ path }) => pathArgument(path))));
    const what = 'the server was computing digests';
    const code = await withDeadline(Promise.race([exit, lost]), patience, what, signal);
    if (code === 127 && answers.size === 0) {
      throw new BackupError('protocol', 'The server has no program that computes SHA-256.', {
        scope: 'run',
      });
    }
    return answers;
  } catch (error) {
    channel.signal('KILL');
    channel.destroy();
    throw error;
  }
}

function exitOf(channel: ClientChannel): Promise<number | undefined> {
  return new Promise((resolve) => {
    let exit: number | undefined;
    channel.on('exit', (code: number | null) => (exit = code ?? undefined));
    channel.on('close', () => resolve(exit));
  });
}

/** Takes only answers to what was asked: a server may print anything. */
function collect(channel: ClientChannel, asked: ReadonlySet<RemotePath>): Answers {
  const answers: Answers = new Map();
  let rest = '';
  channel.setEncoding('latin1');
  channel.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // Behind a line without an end there is nothing to be understood.
    if (rest.length > longestLine) rest = rest.slice(0, 1);
    for (const line of lines) {
      const answer = parseDigestLine(line);
      if (!answer || !asked.has(answer.path)) continue;
      // A name with a line feed in it can look like the answer to another file.
      answers.set(answer.path, answers.has(answer.path) ? undefined : answer.sha256);
    }
  });
  return answers;
}
