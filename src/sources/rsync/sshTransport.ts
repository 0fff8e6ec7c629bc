import { endOf } from '../ssh/processEnd';
import type { SshSession } from '../ssh/session';
import type { Transport } from './transport';

/** What no shell and no rrsync gives a meaning to; bytes beyond ASCII are left alone too. */
const special = /[^A-Za-z0-9_./:@%+=,\x80-\xff-]/g;

/**
 * Protects an argument from the shell of the server. With backslashes, as rsync itself does
 * (options.c: safe_arg), because rrsync takes the line apart without a shell and knows no quotes; a
 * line feed, which a backslash cannot protect, needs quotes all the same.
 * @param argument a byte string
 */
export function shellArgument(argument: string): string {
  if (argument.includes('\n')) return `'${argument.replaceAll("'", `'\\''`)}'`;
  return argument.replace(special, '\\$&');
}

/** An rsync process on the other end of an SSH channel without a terminal. */
export async function openSshTransport(
  session: SshSession,
  options: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<Transport> {
  const command = ['rsync', ...options, '.', shellArgument(path)].join(' ');
  const channel = await session.exec(Buffer.from(command, 'latin1'), signal);
  return {
    stream: channel,
    onErrorText: (listener) => void channel.stderr.on('data', listener),
    ended: Promise.race([endOf(channel), session.closed.then(() => undefined)]),
    drop: () => {
      channel.stderr.resume();
      channel.destroy();
    },
  };
}
