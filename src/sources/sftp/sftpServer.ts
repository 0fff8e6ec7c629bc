/**
 * SFTP: version 3 of the protocol, spoken by ourselves over raw channels, so that names stay bytes
 * and many requests are under way at once.
 */

import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { FileServer, ReadOutcome } from '../fileServer';
import { LastingConnection } from './lastingConnection';
import { entryAt, listFolder, usualLimits, type ListingLimits } from './listing';
import { ReadBudget } from './readBudget';
import { readFile } from './readFile';

/** Content in memory, of all files together. */
const mostBuffered = 32 * 1024 * 1024;

/** Logs in at once. Errors as `LastingConnection.open`. */
export async function openSftpServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
  limits: ListingLimits = usualLimits,
): Promise<FileServer> {
  return new SftpServer(await LastingConnection.open(server, environment, signal), limits);
}

export class SftpServer implements FileServer {
  readonly listingWidth = 32;
  /** At 50 ms, 464 small files a second with 128 at once, 144 with 32. */
  readonly readingWidth = 128;
  readonly #limits: ListingLimits;
  readonly #budget = new ReadBudget(mostBuffered);
  readonly #connection: LastingConnection;

  constructor(connection: LastingConnection, limits: ListingLimits = usualLimits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  get receivedBytes(): number {
    return this.#connection.receivedBytes;
  }

  list(folder: RemotePath, signal: AbortSignal): Promise<Entry[]> {
    return this.#connection.use(signal, ({ channel }) =>
      listFolder(channel, folder, this.#limits, signal),
    );
  }

  stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    return this.#connection.use(signal, ({ channel }) => entryAt(channel, path));
  }

  read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    const bytes = (entry.size ?? offset) - offset;
    return this.#connection.use(signal, async ({ connection }) => {
      await connection.whenWide(bytes);
      const queues = connection.queuesFor(bytes);
      return readFile(queues, entry, offset, write, this.#budget, signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}
