import { withDeadline } from '../../base/abort';
import type { Server } from '../../model/configuration/server';
import type { Environment } from '../environment';
import { openSshSession } from './login';
import { endOf } from './processEnd';

/** Of a line so many characters are kept, and of the output so many lines: it may never end. */
const longestLine = 1000;
const mostLines = 500;

export interface RemoteCommand {
  /** For the shell of the server's account. */
  readonly text: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/**
 * Runs a command on a server over an ssh login of its own, without a terminal and with nothing to read.
 * Resolves with its exit code, undefined if a signal ended it. Throws `timeout` if it takes too long
 * (it is killed then), and what a login throws.
 * @param onLine called with each line of both its outputs
 */
export async function runRemoteCommand(
  server: Server,
  environment: Environment,
  { text, timeout }: RemoteCommand,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  await using session = await openSshSession(server, environment, signal);
  const channel = await session.exec(text, signal);
  const lines = limited(onLine);
  const outputs = [new LineSplitter(channel, lines), new LineSplitter(channel.stderr, lines)];
  channel.end();
  const lost = session.closed.then((error) => Promise.reject(error));
  try {
    const ended = Promise.race([endOf(channel), lost]);
    return await withDeadline(ended, timeout, 'the command was running on the server', signal);
  } catch (error) {
    channel.signal('KILL');
    throw error;
  } finally {
    for (const output of outputs) output.flush();
  }
}

function limited(onLine: (line: string) => void): (line: string) => void {
  let count = 0;
  return (line) => {
    count += 1;
    if (count <= mostLines) onLine(line);
    else if (count === mostLines + 1) onLine('… (the rest of the output is left out)');
  };
}

class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(stream: NodeJS.ReadableStream, onLine: (line: string) => void) {
    this.#onLine = onLine;
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => this.#take(chunk));
  }

  /** The last line may have no end. */
  flush(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split(/\r?\n/);
    this.#rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) this.#onLine(line.slice(0, longestLine));
  }
}
