/**
 * SFTP: version 3 of the protocol, spoken by ourselves over raw channels, so that names stay bytes
 * and many requests are under way at once.
 */

import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { FileServer, OnUnknown, ReadOutcome } from '../fileServer';
import { LastingConnection } from './lastingConnection';
import { entryAt, type Asking } from './describe';
import { HandleLimit } from './handleLimit';
import { listFolder, usualLimits } from './listing';
import type { ListingLimits } from './readNames';
import { ReadBudget } from './readBudget';
import { readFile, type ReaderContext } from './readFile';
import { ReadHabits } from './readHabits';

/**
 * What four channels carry in two round trips, 2 MiB each: more files would only grow side by side.
 */
const mostOutstanding = 16 * 1024 * 1024;
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
  readonly mostOutstanding = mostOutstanding;
  readonly #limits: ListingLimits;
  readonly #context: ReaderContext;
  readonly #connection: LastingConnection;

  constructor(connection: LastingConnection, limits: ListingLimits = usualLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#context = {
      budget: new ReadBudget(mostBuffered),
      habits: new ReadHabits(),
      handles: new HandleLimit(connection.clock, (count) =>
        connection.tell(`lets ${count} files be open at once`),
      ),
    };
  }

  get receivedBytes(): number {
    return this.#connection.receivedBytes;
  }

  /** What is written counts as well. */
  get handles(): HandleLimit {
    return this.#context.handles;
  }

  list(folder: RemotePath, signal: AbortSignal, onUnknown?: OnUnknown): Promise<Entry[]> {
    return this.#ask(signal, (asking) => listFolder(asking, folder, this.#limits, onUnknown));
  }

  stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    return this.#ask(signal, (asking) => entryAt(asking, path));
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
      return readFile(queues, entry, offset, write, this.#context, signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #ask<Result>(signal: AbortSignal, work: (asking: Asking) => Promise<Result>): Promise<Result> {
    const { handles } = this.#context;
    return this.#connection.use(signal, ({ channel }) => work({ channel, handles, signal }));
  }
}
