/**
 * rsync: its wire protocol, spoken by ourselves over an SSH login or to a daemon, so that no rsync is
 * needed on this computer.
 */
import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import { parentOf, type RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
import type { Sink, Wanted } from '../../model/transfer';
import type { Environment } from '../environment';
import type { ContentDigests, HadContent, Scanned, Source } from '../source';
import { contentDigest } from './digests';
import { extentOf, fetchWanted } from './fetching';
import { filterRules } from './filterRules';
import { Lists } from './lists';
import { openList } from './openList';
import { RsyncServer, usualOptions, type RsyncOptions } from './rsyncServer';
import { Scanning } from './scanning';

/**
 * Logs in at once. Throws `connection`, `timeout` or `protocol` with the scope of the run, `host-key`
 * or `authentication`. Whether there is an rsync on the server shows when something is listed.
 */
export async function openRsyncSource(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
  options: RsyncOptions = usualOptions,
): Promise<RsyncSource> {
  if (server.via === 'daemon') {
    environment.log.warn(
      `${server.name}: an rsync daemon sends everything as clear text. Reach it through an ssh tunnel, or use "via": "ssh".`,
    );
  }
  const started = new RsyncServer(server, environment, options);
  try {
    await started.logIn(signal);
    return new RsyncSource(started);
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

export class RsyncSource implements Source {
  readonly fetchesDifferences = true;
  readonly #server: RsyncServer;
  readonly #lists: Lists;

  constructor(server: RsyncServer) {
    this.#server = server;
    this.#lists = new Lists(server.server.connections);
  }

  get receivedBytes(): number {
    return this.#server.receivedBytes;
  }

  async *list(folder: RemotePath, signal: AbortSignal): AsyncGenerator<Entry, void, undefined> {
    if (this.#server.isDaemon && folder === '') {
      yield* (await this.#server.modules(signal)).map(moduleEntry);
      return;
    }
    const question = { root: folder, extent: 'content', recursive: false, digests: false } as const;
    const { listing, faults, session } = await openList(this.#server, question, signal);
    session?.drop(new BackupError('connection', 'The session was closed.'));
    const fault = faults.get(folder);
    if (fault) throw fault;
    for (let position = 0; position < listing.length; position += 1) {
      const entry = listing.entry(position);
      if (entry.path !== folder && parentOf(entry.path) === folder) yield entry;
    }
  }

  scan(selection: Selection, signal: AbortSignal, hadContent?: HadContent): AsyncIterable<Scanned> {
    return new Scanning(this.#server, selection, this.#lists, signal, hadContent).scan();
  }

  async fetch(wanted: AsyncIterable<Wanted>, sink: Sink, signal: AbortSignal): Promise<void> {
    await fetchWanted(this.#server, this.#lists, wanted, sink, signal);
  }

  /**
   * The digests of all files below an included path of the selection, computed by the server without a
   * transfer: MD5, or MD4 below protocol 30. What cannot be listed has none.
   */
  async digests(
    root: RemotePath,
    selection: Selection,
    signal: AbortSignal,
  ): Promise<ContentDigests> {
    const extent = extentOf(root, this.#server);
    const rules = filterRules(selection, root, extent);
    const question = { root, extent, recursive: true, digests: true, rules };
    const { listing, session, protocol } = await openList(this.#server, question, signal);
    session?.drop(new BackupError('connection', 'The session was closed.'));
    const { table } = listing;
    return {
      of: (path) => {
        const position = listing.find(path);
        if (position === undefined) return undefined;
        const row = listing.row(position);
        return table.type(row) === 'file' ? table.digest(row)?.toString('hex') : undefined;
      },
      hash: () => contentDigest(protocol),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lists.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** A module of a daemon has no time of its own in the list of modules. */
function moduleEntry(name: string): Entry {
  return { path: name as RemotePath, type: 'directory', size: 0, granularity: 1 };
}
