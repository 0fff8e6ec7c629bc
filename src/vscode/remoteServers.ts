import type { Disposable } from 'vscode';
import { BackupError } from '../base/errors';
import { openSource } from '../jobs/connect/openSource';
import { describe, readRemoteFile } from '../jobs/compare/readRemoteFile';
import type { Server } from '../model/configuration/server';
import type { Entry } from '../model/entry';
import type { RemotePath } from '../model/remotePath';
import type { Source } from '../sources/source';
import type { Logins } from './logins';
import type { WorkspaceConfiguration } from './workspaceConfiguration';

/** A connection that nobody uses is closed after so many milliseconds. */
const idleTime = 60_000;
/** The longest file that is opened from a server, in bytes: VS Code itself shows no longer ones. */
const longestShown = 50_000_000;
/** A folder is listed so far; a server that never ends is not waited for. */
const mostListed = 20_000;

export interface Listing {
  readonly entries: readonly Entry[];
  /** Whether there are more, which are not shown. */
  readonly cut: boolean;
}

interface Connection {
  readonly configured: string;
  readonly source: Promise<Source>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** The open connections for looking around on servers: one for each, closed when it is idle. */
export class RemoteServers implements Disposable {
  readonly #configuration: WorkspaceConfiguration;
  readonly #logins: Logins;
  readonly #connections = new Map<string, Connection>();
  readonly #stop = new AbortController();

  constructor(configuration: WorkspaceConfiguration, logins: Logins) {
    this.#configuration = configuration;
    this.#logins = logins;
  }

  /** One folder. Throws why it cannot be listed; it is never empty instead. */
  list(server: Server, folder: RemotePath): Promise<Listing> {
    return this.#using(server, async (source) => {
      const entries: Entry[] = [];
      for await (const entry of source.list(folder, this.#stop.signal)) {
        if (entries.length === mostListed) return { entries, cut: true };
        entries.push(entry);
      }
      return { entries, cut: false };
    });
  }

  describe(server: Server, path: RemotePath): Promise<Entry> {
    return this.#using(server, (source) => describe(source, path, this.#stop.signal));
  }

  /** The content of one file, whole. */
  async read(server: Server, path: RemotePath): Promise<Buffer> {
    const { signal } = this.#stop;
    const read = await this.#using(server, (source) =>
      readRemoteFile(source, path, longestShown, signal),
    );
    return read.content;
  }

  /** Closes the connection to a server, so that the next use logs in anew. */
  close(name: string): void {
    const connection = this.#connections.get(name);
    if (!connection) return;
    this.#connections.delete(name);
    clearTimeout(connection.idle);
    void connection.source.then((source) => source[Symbol.asyncDispose]()).catch(() => undefined);
  }

  dispose(): void {
    this.#stop.abort();
    for (const name of [...this.#connections.keys()]) this.close(name);
  }

  async #using<T>(server: Server, action: (source: Source) => Promise<T>): Promise<T> {
    const wasOpen = this.#connections.has(server.name);
    try {
      return await this.#once(server, action);
    } catch (error) {
      // The server may have closed a connection that was idle: a fresh one is tried, once.
      const lost = error instanceof BackupError && error.transient && wasOpen;
      if (!lost) throw error;
      this.close(server.name);
      return await this.#once(server, action);
    }
  }

  async #once<T>(server: Server, action: (source: Source) => Promise<T>): Promise<T> {
    const connection = this.#connectionTo(server);
    connection.users += 1;
    clearTimeout(connection.idle);
    try {
      return await action(await connection.source);
    } finally {
      connection.users -= 1;
      if (connection.users === 0) {
        connection.idle = setTimeout(() => this.close(server.name), idleTime);
        connection.idle.unref();
      }
    }
  }

  #connectionTo(server: Server): Connection {
    const configured = JSON.stringify(server);
    const known = this.#connections.get(server.name);
    if (known?.configured === configured) return known;
    this.close(server.name);
    const { signal } = this.#stop;
    const source = this.#logins.during(true, (environment) =>
      openSource(this.#configuration.own(server.name), environment, signal),
    );
    const connection: Connection = { configured, source, users: 0, idle: undefined };
    this.#connections.set(server.name, connection);
    // A login that failed is not kept: the next look tries again.
    source.catch(() => this.#forget(server.name, connection));
    return connection;
  }

  #forget(name: string, connection: Connection): void {
    if (this.#connections.get(name) === connection) this.#connections.delete(name);
  }
}
