import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';

import { withDeadline } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { printable } from '../../model/remotePath';
import type { Environment } from '../environment';
import { addressOf, type SshTarget } from './target';

/** Characters of what it complains of that are kept. */
const mostComplaint = 1000;
/** Milliseconds that it may take to end by itself once its connection is over. */
const patience = 2000;

/** What a connection goes through: a socket for ssh, and what is known if it fails. */
export interface ProxyRoute {
  readonly socket: Duplex;
  /** The error, with what the command said and how it ended. */
  explain(error: unknown): Promise<unknown>;
}

/**
 * Runs the `ProxyCommand` of the person's ssh configuration as ssh does: `exec COMMAND` in the person's
 * shell, its input and output being the connection. It ends when the socket is destroyed, with all that it
 * has started.
 */
export function runProxyCommand(
  target: SshTarget,
  command: string,
  environment: Environment,
): ProxyRoute {
  const isWindows = process.platform === 'win32';
  const shell = isWindows ? 'cmd.exe' : (process.env['SHELL'] ?? '/bin/sh');
  const args = isWindows ? ['/d', '/s', '/c', `"${command}"`] : ['-c', `exec ${command}`];
  environment.log.debug(`Connecting to ${addressOf(target)} through: ${command}`);
  const child = spawn(shell, args, {
    // Not the current folder: it may be one of the workspace.
    ...{ cwd: environment.home, stdio: ['pipe', 'pipe', 'pipe'], detached: !isWindows },
    ...{ windowsHide: true, windowsVerbatimArguments: isWindows },
  });
  let complaint = '';
  let ending = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + printable(chunk.toString('latin1'))).slice(-mostComplaint);
  });
  child.on('error', (error) => (ending = ` It could not be started: ${error.message}.`));
  child.on('exit', (code, signal) => (ending = ` It ended (${signal ?? `exit code ${code}`}).`));
  // With all that it said.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const socket = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // Received bytes are counted where the system counts them.
  Object.defineProperty(socket, 'bytesRead', {
    get: () => (child.stdout as unknown as { bytesRead?: number }).bytesRead ?? 0,
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    end(child.pid, 'SIGTERM');
    setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null) end(child.pid, 'SIGKILL');
    }, patience).unref();
  });
  return {
    socket,
    explain: async (error) => {
      if (!(error instanceof BackupError) || !/^(?:connection|timeout)$/.test(error.kind))
        return error;
      await withDeadline(ended, patience, 'the ProxyCommand ended').catch(() => undefined);
      const said =
        complaint === ''
          ? ''
          : ` It said: ${complaint.replaceAll(/(?:\\x0d|\\x0a)+/g, ' ').trim()}`;
      const message = `${error.message} The connection goes through the ProxyCommand "${command}" of the ssh configuration.${ending}${said}`;
      return new BackupError('connection', message, { cause: error, scope: 'run' });
    },
  };
}

/** The command and what it has started; on Windows the command itself. */
function end(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It has ended by itself.
  }
}
