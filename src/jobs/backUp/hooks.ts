import { BackupError, messageOf } from '../../base/errors';
import type { Hooks, Server } from '../../model/configuration/server';
import { printable } from '../../model/remotePath';
import type { Environment } from '../../sources/environment';

/** What is left for `after` when the run was cancelled and the program is about to end, in milliseconds. */
const farewell = 10_000;

/**
 * Runs the command `before` on the server, if there is one. Throws `hook` (scope run) if it fails, and
 * what a login throws.
 */
export async function runBefore(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const { before, timeout } = server.hooks ?? {};
  if (before === undefined || timeout === undefined) return;
  await run('before', before, timeout, server, environment, signal);
}

/**
 * Runs the command `after`, also when the backup failed or was cancelled: it clears away what `before`
 * has made. Never rejects.
 * @returns why it failed, or undefined
 */
export async function runAfter(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { after, timeout } = server.hooks ?? {};
  if (after === undefined || timeout === undefined) return undefined;
  const time = signal.aborted ? Math.min(timeout, farewell) : timeout;
  const own = signal.aborted ? AbortSignal.timeout(farewell) : signal;
  try {
    await run('after', after, time, server, environment, own);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function run(
  name: keyof Hooks & ('before' | 'after'),
  text: string,
  timeout: number,
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<void> {
  const { log } = environment;
  log.info(`Running the command "${name}" on the server.`);
  const { runRemoteCommand } = await import('../../sources/ssh/remoteCommand');
  const show = (line: string): void => {
    log.info(`${name}: ${printable(Buffer.from(line, 'utf8').toString('latin1'))}`);
  };
  let code: number | undefined;
  try {
    code = await runRemoteCommand(server, environment, { text, timeout }, show, signal);
  } catch (error) {
    if (!(error instanceof BackupError) || error.kind !== 'timeout') throw error;
    const seconds = timeout / 1000;
    throw failed(`The command "${name}" did not end within ${seconds} seconds.`, error);
  }
  if (code === 0) return;
  const how = code === undefined ? 'was ended by a signal' : `failed with exit code ${code}`;
  throw failed(`The command "${name}" ${how}. What it printed is in the log of the run.`);
}

function failed(message: string, cause?: unknown): BackupError {
  return new BackupError('hook', message, { cause, scope: 'run' });
}
