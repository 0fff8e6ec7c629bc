import { systemClock } from '../../src/base/clock';
import { BackupError } from '../../src/base/errors';
import type { Log } from '../../src/base/log';
import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import type { Environment } from '../../src/sources/environment';
import type { FileServer, ReadOutcome } from '../../src/sources/fileServer';

/** A configured FTP server on loopback, with a short deadline. */
export function ftpServer(port: number, changes: Partial<Server> = {}): Server {
  return {
    name: 'test',
    protocol: 'ftp',
    host: '127.0.0.1',
    port,
    username: 'somebody',
    jump: [],
    tls: 'explicit',
    via: 'ssh',
    encoding: 'utf8',
    include: ['/'],
    exclude: [],
    links: 'record',
    connections: 4,
    timeout: 5000,
    ...changes,
  };
}

/** Keeps every line, to look for what must not be there. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  readonly trace = (message: string): void => void this.lines.push(message);
  readonly debug = this.trace;
  readonly info = this.trace;
  readonly warn = this.trace;
  readonly error = this.trace;
}

export function environment(password: string | undefined, log: Log = new KeptLog()): Environment {
  return {
    clock: systemClock,
    log,
    credentials: {
      password: () => Promise.resolve(password),
      passphrase: () => Promise.resolve(undefined),
      answers: () => Promise.resolve(undefined),
    },
    home: '/nonexistent',
    agent: undefined,
    user: 'nobody',
  };
}

export const never = new AbortController().signal;

/** All bytes that a read delivers. */
export async function contentOf(
  server: FileServer,
  entry: Entry,
  offset = 0,
): Promise<ReadOutcome & { content: Buffer }> {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer): undefined => void chunks.push(chunk);
  const outcome = await server.read(entry, offset, write, never);
  return { ...outcome, content: Buffer.concat(chunks) };
}

/** The `BackupError` that the promise rejects with; a failure if it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<BackupError> {
  const error = await promise.then(
    () => new Error('nothing went wrong'),
    (reason: unknown) => reason,
  );
  if (error instanceof BackupError) return error;
  throw error;
}
