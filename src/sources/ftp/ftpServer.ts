/**
 * FTP and FTPS as a source: folders are listed and files read over a few control connections, with
 * as few round trips as the protocol allows (RFC 959, 2228, 2389, 2428, 3659, 4217).
 */
import { BackupError } from '../../base/errors';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import { absolute, nameOf, parentOf, printable, type RemotePath } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { FileServer, OnUnknown, ReadOutcome } from '../fileServer';
import type { Connection } from './connection';
import type { Folder } from './folder';
import { folderEntries } from './folderEntries';
import { listFolder, listOtherwise } from './listFolder';
import { CannotEnter } from './listingView';
import { Pool } from './pool';
import { readFile } from './readFile';
import { quoted, refusal } from './refusal';
import { statDirectly } from './statDirectly';
import { trustOf } from './tls';
import { wireNamesOf, type WireNames } from './wireNames';

/**
 * Connects and logs in. Throws with scope `run`: `connection`, `timeout`, `certificate`,
 * `authentication`, `too-many-connections`, `protocol`, `configuration`; `cancelled` if the signal
 * aborts. The password is asked for once, after the certificate was checked, and kept in memory.
 */
export async function openFtpServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<FtpServer> {
  const wireNames = wireNamesOf(server.encoding);
  const trust = server.protocol === 'ftps' ? await trustOf(server) : undefined;
  let asked: Promise<string | undefined> | undefined;
  const password = (): Promise<string | undefined> =>
    (asked ??= environment.credentials.password(endpointOf(server)));
  const pool = await Pool.open({ server, environment, trust, password }, signal);
  return new FtpServer(pool, environment, wireNames);
}

export class FtpServer implements FileServer {
  readonly #pool: Pool;
  readonly #environment: Environment;
  readonly #wireNames: WireNames;

  constructor(pool: Pool, environment: Environment, wireNames: WireNames) {
    this.#pool = pool;
    this.#environment = environment;
    this.#wireNames = wireNames;
  }

  get listingWidth(): number {
    return this.#pool.width;
  }

  /** Twice the connections, so that each finds its next file waiting. */
  get readingWidth(): number {
    return this.#pool.width * 2;
  }

  get receivedBytes(): number {
    return this.#pool.receivedBytes;
  }

  list(folder: RemotePath, signal: AbortSignal, onUnknown?: OnUnknown): Promise<Entry[]> {
    return this.#pool.use(signal, (connection) => this.#list(connection, folder, onUnknown));
  }

  listOtherwise(path: RemotePath, signal: AbortSignal, onUnknown?: OnUnknown): Promise<Entry[]> {
    const { clock, log } = this.#environment;
    return this.#pool.use(signal, async (connection) => {
      const folder: Folder = { path, wirePath: this.wirePath(path) };
      const content = await listOtherwise(connection, folder, clock, log);
      return folderEntries(folder, content, this.#wireNames, onUnknown);
    });
  }

  /**
   * Looks into the parent's listing: MLST follows links on ProFTPD, and SIZE and MDTM everywhere.
   * Where the parent may not be listed, or hides the entry, the server is asked for it directly.
   */
  stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    return this.#pool.use(signal, async (connection) => {
      const known = path === '' ? undefined : await this.#find(connection, path);
      if (known instanceof BackupError || known === undefined) {
        const direct = await statDirectly(connection, path, this.wirePath(path));
        if (direct !== undefined) return { ...direct, path };
        throw known ?? missing(path);
      }
      return known;
    });
  }

  read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    return this.#pool.use(signal, (connection) =>
      readFile(connection, entry, this.wirePath(entry.path), offset, write),
    );
  }

  /** Runs a task on a connection of its own, as `Pool.use`. */
  use<T>(signal: AbortSignal, task: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#pool.use(signal, task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.dispose();
  }

  async #list(connection: Connection, path: RemotePath, onUnknown?: OnUnknown): Promise<Entry[]> {
    const folder: Folder = { path, wirePath: this.wirePath(path) };
    const { clock, log } = this.#environment;
    try {
      const content = await listFolder(connection, folder, clock, log);
      return folderEntries(folder, content, this.#wireNames, onUnknown);
    } catch (error) {
      if (error instanceof CannotEnter) throw await this.#explain(connection, path, error);
      throw error;
    }
  }

  /** Throws `protocol` for a path that would end the line of a command, and begin another. */
  wirePath(path: RemotePath): string {
    const wirePath = this.#wireNames.toWire(path);
    if (!/[\r\n\0]/.test(wirePath)) return wirePath;
    throw new BackupError('protocol', `FTP has no way to name ${printable(absolute(path))}.`);
  }

  /** vsftpd says "Failed to change directory" whatever the reason: the parent tells which it is. */
  async #explain(
    connection: Connection,
    path: RemotePath,
    { reply }: CannotEnter,
  ): Promise<BackupError> {
    const what = `${absolute(path)} could not be listed`;
    if (path === '') return refusal(reply, what, 'permission');
    const found = await this.#find(connection, path);
    if (found instanceof BackupError)
      return found.kind === 'permission' ? found : refusal(reply, what, 'not-found');
    if (found === undefined) return refusal(reply, what, 'not-found');
    if (found.type === 'directory') return refusal(reply, what, 'permission');
    return new BackupError('not-found', `${absolute(path)} is not a folder: ${quoted(reply)}`);
  }

  /** The entry as its parent lists it, undefined if it does not, or why the parent cannot be listed. */
  async #find(connection: Connection, path: RemotePath): Promise<Entry | BackupError | undefined> {
    try {
      const siblings = await this.#list(connection, parentOf(path), () => undefined);
      return siblings.find((entry) => nameOf(entry.path) === nameOf(path));
    } catch (error) {
      const final = error instanceof BackupError && /^(permission|not-found)$/.test(error.kind);
      if (final) return error;
      throw error;
    }
  }
}

function missing(path: RemotePath): BackupError {
  return new BackupError('not-found', `There is no ${absolute(path)} on the server.`);
}
