import type { ClientChannel } from 'ssh2';

const ends = new WeakMap<ClientChannel, Promise<number | undefined>>();

/**
 * Begins to listen for the end of a command. To be called in the very callback that brings the channel: a
 * server may send success, exit code and close in one packet, and ssh2 emits them in one go.
 */
export function watchEnd(channel: ClientChannel): void {
  const end = new Promise<number | undefined>((resolve) => {
    let exit: number | undefined;
    channel.on('exit', (code: number | null) => (exit = code ?? undefined));
    channel.on('close', () => resolve(exit));
  });
  ends.set(channel, end);
}

/**
 * Resolves, never rejects, when a command is over and all it wrote was read: with its exit code,
 * undefined if a signal ended it or the server does not say.
 * @param channel of `SshSession.exec`
 */
export function endOf(channel: ClientChannel): Promise<number | undefined> {
  return ends.get(channel) ?? Promise.resolve(undefined);
}
